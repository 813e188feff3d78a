// SPDX-License-Identifier: GPL-2.0-only
#include "rulefile/guarded_input.h"

#include <fmt/format.h>

#include "rulefile/read.h"
#include "rulefile/refusal.h"

namespace xdpgate {
namespace {

// The most tokens that the library makes of a character: a token starts or
// ends at one of these, and what may be a key has one more.
std::size_t tokens_of(char c) {
  switch (c) {
    case '[':
    case '{':
    case ',':
      return 3;
    case '#':
      return 2;
    case ']':
    case '}':
    case ':':
    case '?':
    case '"':
    case '\'':
    case '&':
    case '*':
    case '!':
    case '\n':
      return 1;
    default:
      return 0;
  }
}

}  // namespace

GuardedInput::GuardedInput(std::string& text) {
  setg(text.data(), text.data(), text.data() + text.size());
}

std::streamsize GuardedInput::xsgetn(char* to, std::streamsize size) {
  std::streamsize read = std::streambuf::xsgetn(to, size);
  for (char c : std::string_view(to, static_cast<std::size_t>(read))) {
    tokens_ += tokens_of(c);
  }
  if (tokens_ > kMaxFlowTokens) {
    throw Refusal{
        {},
        fmt::format("a single value has more than {} YAML tokens",
                    kMaxFlowTokens),
        "write long lists one `- item` a line, or put them in a set file"};
  }
  return read;
}

}  // namespace xdpgate
