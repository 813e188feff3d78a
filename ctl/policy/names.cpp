// SPDX-License-Identifier: GPL-2.0-only
#include "policy/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace xdpgate {

NameTable::NameTable(std::span<const NamedNumber> rows) : rows_(rows) {
  for (const NamedNumber& row : rows) names_.push_back(row.name);
}

std::optional<std::uint32_t> NameTable::number(std::string_view name) const {
  auto row = std::ranges::find(rows_, name, &NamedNumber::name);
  if (row == rows_.end()) return std::nullopt;
  return row->number;
}

std::optional<std::string_view> NameTable::name(std::uint32_t number) const {
  auto row = std::ranges::find(rows_, number, &NamedNumber::number);
  if (row == rows_.end()) return std::nullopt;
  return row->name;
}

std::string NameTable::text(std::uint32_t number) const {
  auto known = name(number);
  return known ? std::string(*known) : std::to_string(number);
}

std::string tcp_flags_text(std::uint16_t flags) {
  if (flags == 0) return "none";
  std::string text;
  for (unsigned bit = 1; bit < 0x100; bit <<= 1) {
    if ((flags & bit) == 0) continue;
    if (!text.empty()) text += ',';
    text += tcp_flag_names().text(bit);
  }
  unsigned unnamed = flags & ~0xffu;
  if (unnamed == 0) return text;
  return text + fmt::format("{}0x{:x}", text.empty() ? "" : ",", unnamed);
}

std::string_view family_name(Family family) {
  return family == Family::kIpv4 ? "ipv4" : "ipv6";
}

std::string_view action_name(Action action) {
  switch (action) {
    case Action::kPass:
      return "pass";
    case Action::kDrop:
      return "drop";
    case Action::kCount:
      return "count";
    case Action::kReject:
      return "reject";
    case Action::kRedirect:
      return "redirect";
  }
  return "";
}

}  // namespace xdpgate
