// SPDX-License-Identifier: GPL-2.0-only
#include "rulefile/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "base/text.h"

namespace xdpgate {
namespace {

Position position_of(std::string_view text, std::size_t offset) {
  auto before = text.substr(0, offset);
  std::size_t start = before.rfind('\n');
  start = start == std::string_view::npos ? 0 : start + 1;
  auto line = std::count(before.begin(), before.end(), '\n') + 1;
  return {static_cast<int>(line), static_cast<int>(offset - start) + 1};
}

bool is_bad_control(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

Refusal refuse_byte(std::string_view text, std::size_t at, const char* why) {
  auto value = static_cast<unsigned char>(text[at]);
  return {position_of(text, at), fmt::format("byte 0x{:02x} {}", value, why),
          "a policy is UTF-8 text"};
}

}  // namespace

std::optional<Refusal> find_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    char c = text[at];
    if (is_bad_control(c)) {
      return refuse_byte(text, at, "is a control character");
    }
    if (c == '%' && (at == 0 || text[at - 1] == '\n')) {
      return Refusal{position_of(text, at),
                     "YAML directives (`%` at the start of a line) are not "
                     "supported",
                     "leave the line out"};
    }
    std::size_t size = utf8_size(text.substr(at, 4));
    if (size == 0) return refuse_byte(text, at, "is not UTF-8");
    at += size;
  }
  return std::nullopt;
}

}  // namespace xdpgate
