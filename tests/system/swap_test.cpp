// SPDX-License-Identifier: GPL-2.0-only
// Promise 1: every packet is judged wholly by the old policy or wholly by the
// new one. Promise 2: none is counted twice, none is missed.
#include <fmt/format.h>

#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

constexpr int kSwaps = 1'000;
constexpr std::uint16_t kFirst = 1001, kSecond = 1002, kOther = 1003;

class Swap : public SystemTest {};

// Two policies that differ in two rules. Each drops both kinds of packets; a
// packet that met one rule of the old and one of the new policy would slip
// through to `mixed`: the first kind with the new `one` and the old `two`, the
// second kind with the old `one` and the new `two`.
std::string policy(std::uint16_t one, std::uint16_t two) {
  return policy_text({port_rule("one", one, "drop"),
                      port_rule("two", two, "drop"),
                      port_rule("mixed", kFirst, "pass"),
                      port_rule("mixed-too", kSecond, "pass"),
                      port_rule("other", kOther, "pass")});
}

// Rules `one` and `two` have counted both kinds of frames, of these lengths;
// packets and bytes tell how many of the first.
std::uint64_t of_first(const Counts& counts, const std::string& rule,
                       std::size_t first_bytes, std::size_t second_bytes) {
  const std::uint64_t extra =
      counts.bytes(rule) - counts.packets(rule) * second_bytes;
  return extra / (first_bytes - second_bytes);
}

TEST_F(Swap, NoPacketSeesAMixtureAndEveryPacketIsCountedOnce) {
  const Image images[] = {image_of(policy(kFirst, kSecond)),
                          image_of(policy(kSecond, kFirst))};
  put_on_v1(images[0]);
  const Bytes first = udp_to(kFirst, 101), second = udp_to(kSecond, 20);
  Sink sink("v1");
  Traffic traffic("v0", {first, second, udp_to(kOther)});
  for (int swap = 1; swap <= kSwaps; ++swap) {
    ASSERT_EQ(put_on_v1(images[swap % 2]), swap + 1u);
  }
  traffic.stop();
  const std::uint64_t arrived = traffic.sent() - traffic.dropped();
  const Counts counts = counts_after(arrived);
  sink.stop();
  fmt::print("{} swaps under {} packets ({} dropped before the filter)\n",
             kSwaps, traffic.sent(), traffic.dropped());

  EXPECT_EQ(counts.judged(), arrived);
  EXPECT_EQ(counts.packets("mixed"), 0u);
  EXPECT_EQ(counts.packets("mixed-too"), 0u);
  EXPECT_EQ(counts.default_action.packets, 0u);
  EXPECT_EQ(sink.to(kFirst) + sink.to(kSecond), 0u);
  EXPECT_EQ(sink.to(kOther) + sink.missed(), counts.packets("other"));
  const auto one = of_first(counts, "one", first.size(), second.size());
  const auto two = of_first(counts, "two", first.size(), second.size());
  const auto both = counts.packets("one") + counts.packets("two");
  expect_counted(one + two, traffic, 0);
  expect_counted(both - one - two, traffic, 1);
  expect_counted(counts.packets("other"), traffic, 2);
  EXPECT_EQ(counts.verdicts.at("drop").packets, both);
}

}  // namespace
}  // namespace xdpgate::test
