// SPDX-License-Identifier: GPL-2.0-only
// Captures with bytes changed at random: frames or an error, never more memory
// than a frame, never a crash.
#include <gtest/gtest.h>

#include "base/dice.h"
#include "tests/pcap/read_back.h"
#include "tests/support/capture_bytes.h"

namespace xdpgate::test {
namespace {

const Bytes kFrame = ether(0x0800) + ipv4({}, tcp());

std::vector<Bytes> sound() {
  std::vector<Bytes> all;
  for (Order o : {kLittle, kBig}) {
    all.push_back(pcap_head({.order = o, .magic = kNanoseconds}) +
                  pcap_record(kFrame, {1, 2}, {}, o) +
                  pcap_record(kFrame, {3, 4}, 1'500, o));
    all.push_back(pcap_head({.order = o, .link_type = 113}) +
                  pcap_record(kFrame, {1, 2}, {}, o));
    all.push_back(
        section(o, comment("x", o)) + interface(1, 96, option(9, {9}, o), o) +
        interface(101, 0, comment("y", o), o) +
        packet(kFrame, {.wire = 1'500}, o) +
        packet(kFrame, {.interface = 1}, o) + old_packet(kFrame, {}, o) +
        simple_packet(kFrame, 54, o) + section(o) + interface(276, 0, {}, o) +
        packet(kFrame, {}, o));
  }
  return all;
}

TEST(HostileCapture, IsFramesOrAnError) {
  constexpr std::uint64_t kSeed = 20261124;
  const auto captures = sound();
  Dice dice(kSeed);
  std::size_t frames = 0, errors = 0;
  for (int round = 0; round < 4'000; ++round) {
    Bytes bytes = dice.pick(captures);
    for (auto n = dice.below(4) + 1; n > 0; --n) {
      bytes[dice.below(bytes.size())] =
          dice.pick({std::uint8_t{0}, std::uint8_t{0xff}, std::uint8_t{0x7f},
                     static_cast<std::uint8_t>(dice.below(256))});
    }
    const auto read = read_bytes(bytes);
    frames += read.frames.size();
    errors += read.error.empty() ? 0 : 1;
    for (const Frame& frame : read.frames) {
      ASSERT_LE(frame.bytes.size(), kMaxFrameBytes + 14) << "round " << round;
      ASSERT_LE(frame.captured_bytes, frame.bytes.size()) << "round " << round;
    }
  }
  EXPECT_GT(frames, 1'000u);  // most changes are to bytes of frames
  EXPECT_GT(errors, 1'000u);
}

}  // namespace
}  // namespace xdpgate::test
