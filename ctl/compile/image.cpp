// SPDX-License-Identifier: GPL-2.0-only
#include "compile/image.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace xdpgate {
namespace {

template <class T>
const T* at(std::span<const std::uint8_t> bytes, std::size_t off) {
  return reinterpret_cast<const T*>(bytes.data() + off);
}

// Of one limit.
constexpr std::uint64_t kBucketsMax = XG_LIMIT_KEYS_MAX / XG_LIMIT_WAYS;

// Whether `count` of T stand at `off`, where they may.
template <class T>
bool inside(std::uint64_t off, std::uint64_t count, std::uint64_t whole) {
  return off >= sizeof(xg_header) && off % alignof(T) == 0 &&
         off + count * sizeof(T) <= whole;
}

}  // namespace

bool ImageView::has_known_state() const {
  return header().abi >= XG_ABI_OLDEST && header().state == XG_STATE_VERSION;
}

bool ImageView::valid() const {
  if (bytes_.size() < sizeof(xg_header)) return false;
  const xg_header& h = header();
  if (h.magic != XG_MAGIC || !has_known_state()) return false;
  if (h.size > bytes_.size() || h.size < sizeof(xg_header)) return false;
  const std::uint64_t rules = h.rule_count;
  if (h.set_count > XG_MAX_SETS || h.limit_count > rules) return false;
  if (h.limit_buckets > 1 + h.limit_count * kBucketsMax) return false;
  return inside<xg_rule>(h.rules_off, rules, h.size) &&
         (h.effect_count == 0 ||
          inside<xg_effect>(h.effects_off, h.effect_count, h.size)) &&
         inside<std::uint64_t>(h.digests_off, rules, h.size) &&
         inside<std::uint8_t>(h.texts_off, h.texts_packed, h.size) &&
         std::uint64_t{h.names_size} + h.meta_size <= h.texts_size;
}

std::uint64_t ImageView::checksum() const {
  constexpr std::size_t kFrom = offsetof(xg_header, checksum);
  constexpr std::uint8_t kLeftOut[16] = {};
  static_assert(offsetof(xg_header, generation) == kFrom + 8);
  const std::span<const std::uint8_t> all = bytes();
  const auto rest = all.subspan(kFrom + sizeof(kLeftOut));
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(
      XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(state.get());
  XXH3_64bits_update(state.get(), all.data(), kFrom);
  XXH3_64bits_update(state.get(), kLeftOut, sizeof(kLeftOut));
  XXH3_64bits_update(state.get(), rest.data(), rest.size());
  return std::max<std::uint64_t>(XXH3_64bits_digest(state.get()), 1);
}

std::uint64_t ImageView::rule_digest(std::uint32_t rule) const {
  return at<std::uint64_t>(bytes_, header().digests_off)[rule];
}

std::uint8_t ImageView::rule_action(std::uint32_t rule) const {
  const xg_rule& record = at<xg_rule>(bytes_, header().rules_off)[rule];
  return static_cast<std::uint8_t>(record.word & XG_RULE_ACTION_MASK);
}

const xg_effect* ImageView::rule_effect(std::uint32_t rule) const {
  const xg_rule& record = at<xg_rule>(bytes_, header().rules_off)[rule];
  const std::uint32_t number = record.word >> XG_RULE_EFFECT_SHIFT;
  if (number == 0 || number >= header().effect_count) return nullptr;
  return &at<xg_effect>(bytes_, header().effects_off)[number];
}

std::span<const std::uint8_t> ImageView::packed_texts() const {
  return bytes_.subspan(header().texts_off, header().texts_packed);
}

std::string ImageView::digest() const {
  std::string digits;
  for (std::uint8_t byte : header().digest) {
    digits += fmt::format("{:02x}", byte);
  }
  return digits;
}

}  // namespace xdpgate
