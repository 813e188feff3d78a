// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/small_image.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace xdpgate::test {
namespace {

/// Appends `items` on the next 64-byte boundary; returns where.
template <class T>
std::uint32_t append(Image& image, const std::vector<T>& items) {
  auto& bytes = image.bytes;
  bytes.resize((bytes.size() + 63) / 64 * 64);
  const auto off = bytes.size();
  const auto* data = reinterpret_cast<const std::uint8_t*>(items.data());
  bytes.insert(bytes.end(), data, data + items.size() * sizeof(T));
  return static_cast<std::uint32_t>(off);
}

/// Record 0 means "no leaf", so that the first rule's is record 1.
std::vector<xg_leaf> leaves_of(const SmallImage& small) {
  constexpr std::uint64_t kAnyAddress =
      32ull << XG_LEAF_SRC_SHIFT | 32ull << XG_LEAF_DST_SHIFT;
  std::vector<xg_leaf> leaves(1);
  for (std::uint64_t rule = 0; rule < small.rules.size(); ++rule) {
    leaves.push_back(
        {0, 0, rule | rule << XG_LEAF_SERVICE_SHIFT | kAnyAddress});
  }
  leaves.back().meta |= XG_LEAF_LAST;
  return leaves;
}

constexpr std::uint64_t kAnyPorts = 0xffffull << 32 | 0xffff;

std::vector<xg_service> services_of(const SmallImage& small) {
  std::vector<xg_service> services;
  for (const auto& rule : small.rules) {
    services.push_back(
        {0, kAnyPorts | XG_PORT_GUARD, rule.mask, rule.value, 0, 0, 0, 0});
  }
  return services;
}

std::vector<xg_rule> rules_of(const SmallImage& small) {
  std::vector<xg_rule> rules;
  for (const auto& rule : small.rules) rules.push_back({rule.action});
  return rules;
}

}  // namespace

Image build(const SmallImage& small) {
  Image image;
  xg_header h{};
  h.magic = XG_MAGIC;
  h.abi = XG_ABI_VERSION;
  h.state = XG_STATE_VERSION;
  h.default_action = small.default_action;
  h.malformed = small.malformed;
  h.features = small.features;
  h.rule_count = static_cast<std::uint32_t>(small.rules.size());
  image.bytes.resize(sizeof(h));
  h.leaves_off = append(image, leaves_of(small));
  h.services_off = append(image, services_of(small));
  h.rules_off = append(image, rules_of(small));
  for (auto kind : {XG_KIND_OTHER, XG_KIND_IPV4, XG_KIND_IPV6}) {
    h.group_count[kind] = small.rules.empty() ? 0 : 1;
    h.group[kind][0] = {.root = 1, .first = 0};
    h.fallback[kind] = XG_NO_RULE;
  }
  append(image, std::vector<std::uint8_t>());
  image.bytes.resize(std::max(image.bytes.size(), small.at_least_bytes));
  h.size = static_cast<std::uint32_t>(image.bytes.size());
  std::memcpy(image.bytes.data(), &h, sizeof(h));
  return image;
}

}  // namespace xdpgate::test
