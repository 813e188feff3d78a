// SPDX-License-Identifier: GPL-2.0-only
// The program of another version gives way to this one's: the same policy,
// without a packet that is not judged, with all counts.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

constexpr std::uint16_t kDropped = 1, kPassed = 2;

class Upgrade : public SystemTest {};

// The policy's image for a program that has other instructions: one that could
// count and go on, which this policy does not ask for.
Image for_another_program(const std::string& text) {
  Image image = image_of(text);
  auto* header = reinterpret_cast<xg_header*>(image.bytes.data());
  header->features |= XG_HAS_COUNT;
  header->checksum = ImageView(image).checksum();
  return image;
}

TEST_F(Upgrade, OfTheProgramAloneKeepsFilteringAndCounting) {
  const std::string text = policy_text({port_rule("dropped", kDropped, "drop"),
                                        port_rule("passed", kPassed, "pass")});
  const std::string file = write_file("policy.yaml", text);
  ASSERT_EQ(put_on_v1(for_another_program(text)), 1u);
  Sink sink("v1");
  Traffic traffic("v0", {udp_to(kDropped), udp_to(kPassed)});
  const Finished done = tool({"apply", file});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.err,
              testing::HasSubstr("the program is that of another version"));
  EXPECT_THAT(done.out, testing::HasSubstr("generation 2 in force"));
  const Finished again = tool({"apply", file});
  EXPECT_THAT(again.out, testing::HasSubstr("unchanged"));
  traffic.stop();
  const std::uint64_t arrived = traffic.sent() - traffic.dropped();
  const Counts counts = counts_after(arrived);
  sink.stop();
  EXPECT_EQ(counts.judged(), arrived);
  EXPECT_EQ(counts.default_action.packets, 0u);
  EXPECT_EQ(sink.to(kDropped), 0u);
  expect_counted(counts.packets("dropped"), traffic, 0);
  expect_counted(counts.packets("passed"), traffic, 1);
}

}  // namespace
}  // namespace xdpgate::test
