// SPDX-License-Identifier: GPL-2.0-only
// The kernel's packet reader, by the trace of test runs: against the table of
// tests/support/parse_cases.h, and against the native reader.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "bpf/kernel_engine.h"
#include "engine/parse_frame.h"
#include "tests/support/hostile_frames.h"
#include "tests/support/key_text.h"
#include "tests/support/privilege.h"
#include "tests/support/small_image.h"

namespace xdpgate::test {
namespace {

constexpr std::uint32_t kIfindex = 7;
constexpr std::size_t kLeastFrame = 14;  // of BPF_PROG_TEST_RUN

class KernelParse : public testing::Test {
 protected:
  void SetUp() override {
    XG_NEED_BPF();
    auto engine = make_kernel_engine(build({}));
    ASSERT_TRUE(engine) << engine.error().line();
    engine_ = std::move(*engine);
  }
  xg_key parse(const Bytes& frame) {
    auto trace = trace_frame(*engine_, frame, kIfindex);
    EXPECT_TRUE(trace) << trace.error().line();
    return trace.value_or(xg_trace{}).key;
  }
  void expect_as_native(const Bytes& frame, const std::string& name) {
    const xg_key kernel = parse(frame);
    const xg_key native = parse_frame(frame, {.ifindex = kIfindex});
    EXPECT_EQ(std::memcmp(&kernel, &native, sizeof(kernel)), 0)
        << name << ": kernel " << key_text(kernel) << ", native "
        << key_text(native);
  }

  std::unique_ptr<Engine> engine_;
};

TEST_F(KernelParse, Table) {
  for (const auto& [name, frame, expect] : parse_cases()) {
    if (frame.size() < kLeastFrame) continue;
    EXPECT_EQ(key_text(parse(frame)), expect) << name;
  }
}

TEST_F(KernelParse, EveryFrameCutAtEveryByte) {
  for (const auto& row : parse_cases()) {
    for (auto size = kLeastFrame; size < row.frame.size(); ++size) {
      expect_as_native(cut(row.frame, size), row.name);
    }
  }
}

TEST_F(KernelParse, HostileFrames) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  HostileFrames frames(seed);
  for (int round = 0; round < 20'000 && !HasFailure(); ++round) {
    const Bytes frame = frames.next();
    if (frame.size() >= kLeastFrame) expect_as_native(frame, "hostile");
  }
}

TEST_F(KernelParse, InterfaceAndMacs) {
  Bytes frame = ether(0x0806);
  for (std::size_t i = 0; i < 12; ++i) frame[i] = 0x11 + i;
  const auto key = parse(frame);
  EXPECT_EQ(key.word[XG_W_IFINDEX], kIfindex);
  EXPECT_EQ(key.word[XG_W_DMAC], 0x11121314u);
  EXPECT_EQ(key.word[XG_W_SMAC], 0x1718191au);
  EXPECT_EQ(key.word[XG_W_MACS], 0x1b1c1516u);
}

/// A chain of two extension headers that is `size` bytes long, a multiple of 8.
Bytes chain(std::size_t size) {
  const std::size_t second = 2048;
  const std::size_t first = size - second;
  return extension(60, first / 8 - 1, first) + extension(6, 255, second);
}

// The first buffer of a test run ends some 3,500 bytes into the frame: where
// exactly is the kernel's affair. The chain puts the TCP header on either side
// of that place and across it.
TEST_F(KernelParse, HeadersAcrossBuffers) {
  const Bytes more = zeros(3'000);
  for (std::size_t size = 3'200; size <= 3'600; size += 8) {
    for (std::size_t tags = 0; tags < 4; ++tags) {
      Bytes frame = ether(tags ? 0x8100 : 0x86dd);
      for (auto left = tags; left > 0; --left) {
        frame = frame + tag(1, left > 1 ? 0x8100 : 0x86dd);
      }
      frame = frame + ipv6({.next = 60}, chain(size) + tcp() + more);
      expect_as_native(frame, std::to_string(size));
    }
  }
}

TEST_F(KernelParse, JumboFrames) {
  for (std::size_t size : {3'400, 3'500, 9'000, 16'000, 60'000, 65'535}) {
    const Bytes more = zeros(size - 40);
    expect_as_native(ether(0x0800) + ipv4({}, tcp() + more), "total length");
    expect_as_native(ether(0x0800) + ipv4({.total = 0}, tcp() + more),
                     "total length 0");
  }
}

}  // namespace
}  // namespace xdpgate::test
