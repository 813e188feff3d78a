// SPDX-License-Identifier: GPL-2.0-only
#include "compile/image.h"

#include <fmt/format.h>

namespace xdpgate {
namespace {

template <class T>
const T* at(std::span<const std::uint8_t> bytes, std::size_t off) {
  return reinterpret_cast<const T*>(bytes.data() + off);
}

std::string_view text(std::span<const std::uint8_t> bytes, std::uint32_t off,
                      std::uint32_t size) {
  return {reinterpret_cast<const char*>(bytes.data()) + off, size};
}

bool inside(std::uint64_t off, std::uint64_t size, std::uint64_t whole) {
  return off >= sizeof(xg_header) && off + size <= whole;
}

}  // namespace

bool ImageView::valid() const {
  if (bytes_.size() < sizeof(xg_header)) return false;
  const xg_header& h = header();
  if (h.magic != XG_MAGIC || h.abi != XG_ABI_VERSION) return false;
  if (h.size > bytes_.size() || h.size < sizeof(xg_header)) return false;
  if (!inside(h.rules_off, std::uint64_t{h.rule_count} * sizeof(xg_rule),
              h.size) ||
      !inside(h.names_off, std::uint64_t{h.rule_count} * sizeof(xg_name),
              h.size) ||
      !inside(h.source_off, h.source_size, h.size) ||
      !inside(h.meta_off, h.meta_size, h.size)) {
    return false;
  }
  for (std::uint32_t i = 0; i < h.rule_count; ++i) {
    const auto* name = at<xg_name>(bytes_, h.names_off) + i;
    if (!inside(name->off, name->size, h.size)) return false;
  }
  return true;
}

std::string_view ImageView::rule_name(std::uint32_t rule) const {
  const auto& name = at<xg_name>(bytes_, header().names_off)[rule];
  return text(bytes_, name.off, name.size);
}

std::uint64_t ImageView::rule_digest(std::uint32_t rule) const {
  return at<xg_name>(bytes_, header().names_off)[rule].digest;
}

std::uint8_t ImageView::rule_action(std::uint32_t rule) const {
  return at<xg_rule>(bytes_, header().rules_off)[rule].action;
}

std::string_view ImageView::source() const {
  return text(bytes_, header().source_off, header().source_size);
}

std::string_view ImageView::meta() const {
  return text(bytes_, header().meta_off, header().meta_size);
}

std::string ImageView::digest() const {
  std::string digits;
  for (std::uint8_t byte : header().digest) {
    digits += fmt::format("{:02x}", byte);
  }
  return digits;
}

}  // namespace xdpgate
