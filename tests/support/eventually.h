// SPDX-License-Identifier: GPL-2.0-only
// Waiting for what another process is about to do.
#pragma once

#include <chrono>
#include <thread>

namespace xdpgate::test {

/// What `look` returns once that is true; looks ten times a second for half a
/// minute, and returns the last thing it saw.
template <class Look>
auto eventually(const Look& look) {
  auto result = look();
  for (int tries = 0; !result && tries < 300; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    result = look();
  }
  return result;
}

}  // namespace xdpgate::test
