// SPDX-License-Identifier: GPL-2.0-only
// The text as the YAML library reads it, with a limit on how much of it the
// library may hold back. The library reads a list or map in brackets to its end
// before it hands out the first event; so without a limit a file of 64 MB
// makes it queue tokens of several gigabytes.
#pragma once

#include <cstddef>
#include <streambuf>
#include <string>
#include <string_view>

namespace xdpgate {

/// A stream buffer over `text`, which the caller keeps.
class GuardedInput : public std::streambuf {
 public:
  explicit GuardedInput(std::string& text);
  /// Called at each event: what was read up to now is accounted for.
  void event() { tokens_ = 0; }

 protected:
  /// Throws a Refusal beyond kMaxFlowTokens since the last event.
  std::streamsize xsgetn(char* to, std::streamsize size) override;

 private:
  std::size_t tokens_ = 0;
};

}  // namespace xdpgate
