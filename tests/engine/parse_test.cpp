// SPDX-License-Identifier: GPL-2.0-only
// The native packet reader against the table of tests/support/parse_cases.h.
// Frames lie in buffers of exactly their size, so that ASan sees a read beyond.
#include "engine/parse_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>

#include "tests/support/hostile_frames.h"
#include "tests/support/key_text.h"
#include "tests/support/parse_cases.h"

namespace xdpgate::test {
namespace {

xg_key parse_exact(const Bytes& frame, const ParseOptions& options = {}) {
  const auto exact = std::make_unique<std::uint8_t[]>(frame.size());
  std::copy(frame.begin(), frame.end(), exact.get());
  return parse_frame({exact.get(), frame.size()}, options);
}

bool same(const xg_key& a, const xg_key& b) {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

TEST(Parse, Table) {
  for (const auto& [name, frame, expect] : parse_cases()) {
    EXPECT_EQ(key_text(parse_exact(frame)), expect) << name;
  }
}

TEST(Parse, TableReachesEveryClass) {
  std::vector<bool> seen(XG_CLASSES);
  for (const auto& row : parse_cases()) {
    seen[parse_exact(row.frame).word[XG_W_CLASS]] = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), XG_CLASSES);
}

TEST(Parse, FirstBufferMayEndAnywhere) {
  for (const auto& [name, frame, expect] : parse_cases()) {
    for (std::size_t first = 0; first < frame.size(); ++first) {
      const auto key = parse_exact(frame, {.first_buffer_bytes = first});
      EXPECT_EQ(key_text(key), expect) << name << ", cut at " << first;
    }
  }
}

TEST(Parse, InterfaceAndMacs) {
  Bytes frame = ether(0x0806);
  for (std::size_t i = 0; i < 12; ++i) frame[i] = 0x11 + i;
  for (std::size_t first : {0, 14}) {
    const auto key =
        parse_exact(frame, {.ifindex = 7, .first_buffer_bytes = first});
    EXPECT_EQ(key.word[XG_W_IFINDEX], 7u);
    EXPECT_EQ(key.word[XG_W_DMAC], 0x11121314u);
    EXPECT_EQ(key.word[XG_W_SMAC], 0x1718191au);
    EXPECT_EQ(key.word[XG_W_MACS], 0x1b1c1516u);
  }
}

TEST(Parse, InterfaceOfAShortFrame) {
  EXPECT_EQ(parse_exact({1, 2}, {.ifindex = 7}).word[XG_W_IFINDEX], 7u);
}

TEST(Parse, LargeSegment) {
  const Bytes frame =
      ether(0x0800) + ipv4({.total = 0}, tcp()) + zeros(100'000);
  const auto key = parse_exact(frame);
  EXPECT_EQ(key.word[XG_W_LENGTH], 100'040u);
  EXPECT_EQ(key.base[XG_BASE_END], 100'054u);
}

TEST(Parse, LengthHasACeiling) {
  const Bytes frame = ether(0x0800) + ipv4({.total = 0}, tcp());
  const auto length = [&](std::size_t more) {
    return parse_exact(frame + zeros(more)).word[XG_W_LENGTH];
  };
  EXPECT_EQ(length(0x1ffff - 40 - 1), 0x1fffeu);
  EXPECT_EQ(length(0x1ffff - 40), 0x1ffffu);
  EXPECT_EQ(length(0x1ffff - 40 + 1), 0x1ffffu);
}

// A frame cut short is another frame; whatever it is, reading it in two
// buffers finds the same, and nothing beyond it is read.
TEST(Parse, EveryFrameCutAtEveryByte) {
  for (const auto& row : parse_cases()) {
    for (std::size_t size = 0; size < row.frame.size(); ++size) {
      const Bytes frame = cut(row.frame, size);
      EXPECT_TRUE(same(parse_exact(frame),
                       parse_exact(frame, {.first_buffer_bytes = 20})))
          << row.name << ", " << size << " bytes";
    }
  }
}

TEST(Parse, HostileFramesStayInside) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  HostileFrames frames(seed);
  for (int round = 0; round < 100'000; ++round) {
    const Bytes frame = frames.next();
    const auto key = parse_exact(frame);
    const ParseOptions split{.first_buffer_bytes = frames.below(80)};
    ASSERT_TRUE(same(key, parse_exact(frame, split)));
    ASSERT_LE(key.base[XG_BASE_END], frame.size());
    for (auto base : {XG_BASE_IP, XG_BASE_L4, XG_BASE_DATA}) {
      ASSERT_LE(key.base[base], key.base[XG_BASE_END]);
    }
    ASSERT_EQ(key_text(key).find("stray"), std::string::npos) << key_text(key);
  }
}

}  // namespace
}  // namespace xdpgate::test
