// SPDX-License-Identifier: GPL-2.0-only
// The fixture of tests/system.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "tests/support/frame_bytes.h"
#include "tests/support/packet_socket.h"
#include "tests/support/sandbox.h"

namespace xdpgate::test {

/// A test in a sandbox with the pair v0 (where packets are sent) and v1 (where
/// the filter is).
class SystemTest : public testing::Test {
 protected:
  void SetUp() override;

  /// Sends `frame` `count` times out of `interface`.
  void send(const std::string& interface, const Bytes& frame, int count);
  /// The test's socket on `interface`. One for all: to close one takes the
  /// kernel as long as a grace period.
  PacketSocket& socket_on(const std::string& interface);

 private:
  std::map<std::uint32_t, PacketSocket> sockets_;  // by ifindex
};

}  // namespace xdpgate::test
