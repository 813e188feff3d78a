// SPDX-License-Identifier: GPL-2.0-only
// What limits let through around a swap is not forgotten: neither what was
// charged before it, nor what packets charge to the old state while it lasts.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <linux/bpf.h>

#include "base/clock.h"
#include "base/fd.h"
#include "bpf/limit_table.h"
#include "compile/compile.h"
#include "policy/load.h"
#include "tests/support/privilege.h"

namespace xdpgate::test {
namespace {

constexpr std::uint64_t kHour = 3'600'000'000'000 * XG_LIMIT_UNITS;

Image image_of(const std::string& rules) {
  Diagnostics diagnostics;
  const auto policy = parse_policy("version: 1\nname: p\nrules:\n" + rules,
                                   "policy", diagnostics);
  return compile(policy.value(), {}).value();
}

std::string limited(const char* name, const char* rate = "2/h") {
  return fmt::format(
      "  - {{name: {}, action: pass, limit: {{rate: {}, burst: 100, per: src, "
      "size: 4}}}}\n",
      name, rate);
}

// A generation's limits without its program.
struct State {
  explicit State(const std::string& rules) : image(image_of(rules)) {
    const std::uint32_t count = image.header().limit_buckets;
    LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
    map = Fd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "xg_limits", 4,
                            sizeof(xg_limit_bucket), count, &options));
    table = LimitTable::open(map.get(), count).value();
  }
  // The first bucket of the rule of that number.
  xg_limit_bucket& bucket(std::uint32_t rule = 0) const {
    const xg_effect* limit = ImageView(image).rule_effect(rule);
    return table.buckets()[limit->limit_first];
  }
  GenerationLimits limits() const { return {ImageView(image), table}; }

  Image image;
  Fd map;
  LimitTable table;
};

class LimitCarry : public testing::Test {
 protected:
  void SetUp() override {
    XG_NEED_BPF();
    now_ = boottime_ns() * XG_LIMIT_UNITS;
  }
  std::uint64_t in_hours(std::uint64_t hours) const {
    return now_ + hours * kHour;
  }
  // Key `tag` in a way of a bucket, full again in so many hours.
  void put(xg_limit_bucket& bucket, int way, std::uint64_t tag,
           std::uint64_t hours) const {
    bucket.tag[way] = tag;
    bucket.full[way] = in_hours(hours);
  }
  void expect(const xg_limit_bucket& bucket, int way, std::uint64_t tag,
              std::uint64_t hours) const {
    EXPECT_EQ(bucket.tag[way], tag) << "way " << way;
    EXPECT_EQ(bucket.full[way], in_hours(hours)) << "way " << way;
  }

  std::uint64_t now_ = 0;
};

TEST_F(LimitCarry, GoesByTheRulesName) {
  const State old(limited("a") + limited("b"));
  const State next(limited("b") + limited("new") + limited("a", "3/h"));
  put(old.bucket(0), 0, 7, 1);
  put(old.bucket(1), 0, 9, 2);
  ASSERT_TRUE(carry_limits(old.limits(), next.limits()));
  expect(next.bucket(0), 0, 9, 2);
  EXPECT_EQ(next.bucket(1).tag[0], 0u);
  EXPECT_EQ(next.bucket(2).tag[0], 0u);  // another rate
  put(old.bucket(0), 0, 7, 5);
  put(old.bucket(1), 0, 9, 5);
  ASSERT_TRUE(raise_limits(old.limits(), next.limits()));
  expect(next.bucket(0), 0, 9, 5);
  EXPECT_EQ(next.bucket(2).tag[0], 0u);
}

TEST_F(LimitCarry, AKeyOwesTheMoreOfBoth) {
  const State old(limited("a")), next(limited("a"));
  put(old.bucket(), 0, 1, 10);
  put(old.bucket(), 1, 3, 10);
  ASSERT_TRUE(carry_limits(old.limits(), next.limits()));
  put(old.bucket(), 0, 1, 12);   // between copy and commit
  put(next.bucket(), 1, 3, 13);  // behind it
  for (int times = 0; times < 2; ++times) {
    ASSERT_TRUE(raise_limits(old.limits(), next.limits()));
    expect(next.bucket(), 0, 1, 12);
    expect(next.bucket(), 1, 3, 13);
  }
}

TEST_F(LimitCarry, AKeyThatCameLateGetsAWayThatIsNobodys) {
  const State old(limited("a")), next(limited("a"));
  put(next.bucket(), 0, 11, 20);
  put(old.bucket(), 3, 5, 30);
  ASSERT_TRUE(raise_limits(old.limits(), next.limits()));
  expect(next.bucket(), 0, 11, 20);
  expect(next.bucket(), 1, 5, 30);
}

TEST_F(LimitCarry, WhatIsPaidOrWasNeverOwedIsLeftAlone) {
  const State old(limited("a")), next(limited("a"));
  old.bucket().tag[0] = 1;
  old.bucket().full[0] = now_ - kHour;
  old.bucket().tag[1] = 3;
  old.bucket().full[1] = now_ + (1ull << 63);  // before the last wrap
  put(next.bucket(), 0, 1, 1);
  ASSERT_TRUE(raise_limits(old.limits(), next.limits()));
  expect(next.bucket(), 0, 1, 1);
  for (int way = 1; way < XG_LIMIT_WAYS; ++way) {
    EXPECT_EQ(next.bucket().tag[way], 0u);
    EXPECT_EQ(next.bucket().full[way], 0u);
  }
}

}  // namespace
}  // namespace xdpgate::test
