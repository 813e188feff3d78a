// SPDX-License-Identifier: GPL-2.0-only
// Dynamic sets by all three engines under a clock that the test sets: rows that
// say what each means, and random policies, elements, times and packets.
// XDPGATE_SEED and XDPGATE_POLICIES as in random_test.cpp.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/dice.h"
#include "policy/names_address.h"
#include "tests/support/frame_bytes.h"
#include "tests/support/privilege.h"
#include "tests/support/seeds.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

constexpr std::uint64_t kNever = XG_NEVER;
constexpr std::uint64_t kPolicies = 2;  // a shard
constexpr int kSteps = 400;

Bytes from_to(std::uint32_t src, std::uint32_t dst) {
  Bytes frame = ether(0x0800) + ipv4({}, tcp());
  for (int i = 0; i < 4; ++i) {
    frame[static_cast<std::size_t>(26 + i)] =
        static_cast<std::uint8_t>(src >> (24 - 8 * i));
    frame[static_cast<std::size_t>(30 + i)] =
        static_cast<std::uint8_t>(dst >> (24 - 8 * i));
  }
  return frame;
}

Bytes from6(U128 src) {
  Bytes frame = ether(0x86dd) + ipv6({}, tcp());
  for (int i = 0; i < 16; ++i) {
    frame[static_cast<std::size_t>(22 + i)] =
        static_cast<std::uint8_t>(src >> (120 - 8 * i));
  }
  return frame;
}

std::uint32_t v4(const char* text) {
  return static_cast<std::uint32_t>(parse_address(text).value().value);
}
U128 v6(const char* text) { return parse_address(text).value().value; }

class Dynamic : public testing::TestWithParam<Kernel> {
 protected:
  void SetUp() override {
    if (GetParam() != Kernel::kNone) XG_NEED_BPF();
  }

  // A policy of one dynamic set `s`, a static one `fixed` (198.51.100.0/24),
  // and one rule, which drops.
  std::unique_ptr<ThreeEngines> engines(const std::string& match) {
    auto result = std::make_unique<ThreeEngines>(
        fmt::format("version: 1\nname: p\nsets:\n"
                    "  s: {{type: address, dynamic: true, size: 64}}\n"
                    "  fixed: {{type: address, elements: [198.51.100.0/24]}}\n"
                    "rules:\n  - {{name: r, match: {{{}}}, action: drop}}\n",
                    match),
        GetParam());
    result->set_clock(1'000);
    return result;
  }

  static bool drops(ThreeEngines& engines, const Bytes& frame) {
    EXPECT_EQ(engines.judge(frame, "i0"), "");
    return engines.last().decision.verdict == XG_DROP;
  }
};

TEST_P(Dynamic, HoldsItsElementsUntilTheyExpire) {
  auto e = engines("src: \"@s\"");
  const Bytes frame = from_to(v4("192.0.2.1"), v4("203.0.113.1"));
  EXPECT_FALSE(drops(*e, frame));
  e->add("s", "192.0.2.1", 2'000);
  EXPECT_TRUE(drops(*e, frame));
  e->set_clock(1'999);
  EXPECT_TRUE(drops(*e, frame));
  e->set_clock(2'000);
  EXPECT_FALSE(drops(*e, frame));
  e->add("s", "192.0.2.1", kNever);
  e->set_clock(1ull << 62);
  EXPECT_TRUE(drops(*e, frame));
  e->remove("s", "192.0.2.1");
  EXPECT_FALSE(drops(*e, frame));
  EXPECT_EQ(e->compare_counters(), "");
}

TEST_P(Dynamic, AnExpiredPrefixHidesNoLivingOne) {
  auto e = engines("src: \"@s\"");
  e->add("s", "192.0.2.1", 1'500);
  e->add("s", "192.0.2.0/25", 1'600);
  e->add("s", "192.0.2.0/24", 1'800);
  e->add("s", "192.0.0.0/16", kNever);
  const Bytes near = from_to(v4("192.0.2.1"), 1), far = from_to(v4("192.1.2.1"), 1);
  for (std::uint64_t now : {1'400, 1'550, 1'700, 1'900}) {
    e->set_clock(now);
    EXPECT_TRUE(drops(*e, near)) << now;
    EXPECT_FALSE(drops(*e, far)) << now;
  }
}

TEST_P(Dynamic, FamiliesStayApart) {
  auto e = engines("src: \"@s\"");
  e->add("s", "::ffff:192.0.2.1", kNever);
  e->add("s", "c000:201::/32", kNever);  // the bits of 192.0.2.1
  EXPECT_FALSE(drops(*e, from_to(v4("192.0.2.1"), 1)));
  EXPECT_TRUE(drops(*e, from6(v6("::ffff:192.0.2.1"))));
  EXPECT_TRUE(drops(*e, from6(v6("c000:201::5"))));
  e->add("s", "0.0.0.0/0", kNever);
  EXPECT_TRUE(drops(*e, from_to(v4("192.0.2.1"), 1)));
  EXPECT_FALSE(drops(*e, from6(v6("2001:db8::1"))));
}

TEST_P(Dynamic, EveryLengthOfPrefix) {
  auto e = engines("src: \"@s\"");
  const U128 address = v6("2001:db8:85a3:1234:5678:8a2e:370:7334");
  for (unsigned length = 0; length <= 128; ++length) {
    const U128 mask = length == 0 ? 0 : ~U128{0} << (128 - length);
    const auto text = to_text(
        AddressRange{Family::kIpv6, address & mask, (address & mask) | ~mask});
    e->add("s", text, kNever);
    EXPECT_TRUE(drops(*e, from6(address))) << text;
    const U128 beside = length == 0 ? 0 : U128{1} << (128 - length);
    EXPECT_EQ(drops(*e, from6(address ^ beside)), length == 0) << text;
    e->remove("s", text);
  }
}

TEST_P(Dynamic, NegationListsAndTheDestination) {
  auto none = engines("src: {not: \"@s\"}");
  none->add("s", "192.0.2.1", 2'000);
  EXPECT_FALSE(drops(*none, from_to(v4("192.0.2.1"), 1)));
  EXPECT_TRUE(drops(*none, from_to(v4("192.0.2.2"), 1)));
  none->set_clock(3'000);
  EXPECT_TRUE(drops(*none, from_to(v4("192.0.2.1"), 1)));
  EXPECT_FALSE(drops(*none, ether(0x0806) + zeros(28)));

  auto mixed = engines("src: [\"@fixed\", \"@s\", 203.0.113.7]");
  mixed->add("s", "192.0.2.1", kNever);
  EXPECT_TRUE(drops(*mixed, from_to(v4("192.0.2.1"), 1)));
  EXPECT_TRUE(drops(*mixed, from_to(v4("198.51.100.9"), 1)));
  EXPECT_TRUE(drops(*mixed, from_to(v4("203.0.113.7"), 1)));
  EXPECT_FALSE(drops(*mixed, from_to(v4("203.0.113.8"), 1)));

  auto dst = engines("dst: {not: [\"@fixed\", \"@s\"]}, src: \"@s\"");
  dst->add("s", "192.0.2.0/24", kNever);
  EXPECT_TRUE(drops(*dst, from_to(v4("192.0.2.1"), v4("203.0.113.1"))));
  EXPECT_FALSE(drops(*dst, from_to(v4("192.0.2.1"), v4("192.0.2.2"))));
  EXPECT_FALSE(drops(*dst, from_to(v4("192.0.2.1"), v4("198.51.100.2"))));
  EXPECT_FALSE(drops(*dst, from_to(v4("203.0.113.1"), v4("203.0.113.1"))));
}

INSTANTIATE_TEST_SUITE_P(Engines, Dynamic,
                         testing::Values(Kernel::kNone, Kernel::kLoaded),
                         [](const auto& info) {
                           return info.param == Kernel::kNone ? "Native"
                                                              : "Kernel";
                         });

// Small worlds: addresses of a few bits, so that elements, rules and packets
// meet often.
class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : dice_(seed) {}

  std::string policy() {
    std::string text =
        "version: 1\nname: p\nsets:\n"
        "  fixed: {type: address, elements: [192.0.2.4/30, 2001:db8::4/126]}\n";
    const std::uint64_t sets = dice_.between(1, 20);
    for (std::uint64_t i = 0; i < sets; ++i) {
      names_.push_back(fmt::format("s{}", i));
      text += fmt::format("  s{}: {{type: address, dynamic: true, size: {}}}\n",
                          i, dice_.between(40, 80));
    }
    text += "rules:\n";
    const std::uint64_t rules = dice_.between(1, 12);
    for (std::uint64_t i = 0; i < rules; ++i) text += rule(i);
    return text;
  }

  const std::string& set() { return names_[dice_.below(names_.size())]; }

  std::string element() {
    const bool is_v6 = dice_.one_in(3);
    const unsigned bits = is_v6 ? 128 : 32;
    const unsigned length =
        static_cast<unsigned>(bits - (dice_.one_in(2) ? 0 : dice_.below(5)));
    const U128 base = is_v6 ? v6("2001:db8::") : v4("192.0.2.0");
    const U128 span = (U128{1} << (bits - length)) - 1;
    const U128 lo = (base | dice_.below(16)) & ~span;
    return to_text(AddressRange{is_v6 ? Family::kIpv6 : Family::kIpv4, lo,
                                lo | span});
  }

  Bytes frame() {
    if (dice_.one_in(20)) return ether(0x0806) + zeros(28);
    if (dice_.one_in(3)) return from6(v6("2001:db8::") | dice_.below(16));
    return from_to(v4("192.0.2.0") | static_cast<std::uint32_t>(dice_.below(16)),
                   v4("192.0.2.0") | static_cast<std::uint32_t>(dice_.below(16)));
  }

  Dice& dice() { return dice_; }

 private:
  std::string side() {
    std::string list = "\"@" + set() + "\"";
    if (dice_.one_in(3)) list += ", \"@fixed\"";
    if (dice_.one_in(3)) list += ", \"@" + set() + "\"";
    if (dice_.one_in(4)) list += ", 192.0.2.8/31";
    list = "[" + list + "]";
    return dice_.one_in(3) ? "{not: " + list + "}" : list;
  }

  std::string rule(std::uint64_t number) {
    constexpr const char* kActions[] = {"pass", "drop", "count"};
    std::string match = dice_.one_in(3) ? "dst: " + side() : "src: " + side();
    if (match[0] == 'd' && dice_.one_in(2)) match += ", src: " + side();
    return fmt::format("  - {{name: r{}, match: {{{}}}, action: {}}}\n", number,
                       match, kActions[dice_.below(3)]);
  }

  Dice dice_;
  std::vector<std::string> names_;
};

void change(RandomWorld& world, ThreeEngines& engines, std::uint64_t& now) {
  Dice& dice = world.dice();
  switch (dice.below(4)) {
    case 0:
      engines.set_clock(now += dice.below(30));
      break;
    case 1:
      engines.remove(world.set(), world.element());
      break;
    default:
      engines.add(world.set(), world.element(),
                  dice.one_in(4) ? kNever : now + dice.below(100));
  }
}

// Empty, or the first difference.
std::string try_world(std::uint64_t seed, Kernel kernel) {
  RandomWorld world(seed);
  const std::string text = world.policy();
  ThreeEngines engines(text, kernel);
  std::uint64_t now = 1'000;
  engines.set_clock(now);
  std::string report;
  for (int step = 0; step < kSteps && report.empty(); ++step) {
    if (world.dice().one_in(3)) change(world, engines, now);
    report = engines.judge(world.frame(), "i0");
  }
  if (report.empty()) report = engines.compare_counters();
  if (report.empty()) return report;
  return fmt::format("XDPGATE_SEED={} XDPGATE_POLICIES=1\n{}\n{}", seed, report,
                     text);
}

class DynamicWorlds : public testing::TestWithParam<int> {};

void run(int shard, Kernel kernel) {
  const std::uint64_t share = kernel == Kernel::kNone ? 50 : 1;
  const SeedRange seeds =
      seeds_of(shard, kPolicies * share, kernel != Kernel::kNone);
  for (std::uint64_t i = 0; i < seeds.count; ++i) {
    ASSERT_EQ(try_world(seeds.first + i, kernel), "");
  }
}

TEST_P(DynamicWorlds, EvaluatorAndNativeAgree) {
  run(GetParam(), Kernel::kNone);
}

TEST_P(DynamicWorlds, KernelAgreesToo) {
  XG_NEED_BPF();
  run(GetParam(), Kernel::kLoaded);
}

INSTANTIATE_TEST_SUITE_P(Shard, DynamicWorlds, kAllShards,
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace xdpgate::test
