// SPDX-License-Identifier: GPL-2.0-only
// The program of another version gives way to this one's: the same policy,
// without a packet that is not judged, with all counts.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>

#include "tests/support/child.h"
#include "tests/support/eventually.h"
#include "tests/support/replaced_image.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

constexpr std::uint16_t kDropped = 1, kPassed = 2;
constexpr const char* kPacket = "udp 192.0.2.7:1 > 192.0.2.1:2";

class Upgrade : public SystemTest {};

Image changed(Image image, const std::function<void(xg_header&)>& change) {
  auto* header = reinterpret_cast<xg_header*>(image.bytes.data());
  change(*header);
  header->checksum = ImageView(image).checksum();
  return image;
}

// The policy's image for a program that has other instructions: one that could
// count and go on, which this policy does not ask for.
Image for_another_program(const std::string& text) {
  return changed(image_of(text),
                 [](xg_header& header) { header.features |= XG_HAS_COUNT; });
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

// The image's packet part is nothing that this version could read.
TEST_F(Upgrade, OfTheImageKeepsCountsSetsAndTheWayBack) {
  const std::string text = "version: 1\nname: " + instance_name() + R"(
sets: {banned: {type: address, dynamic: true, size: 100}}
rules:
  - {name: listed, match: {src: "@banned"}, action: drop}
  - name: few
    match: {protocol: udp}
    action: pass
    limit: {rate: 5/d, burst: 5, per: src}
)";
  const std::string file = write_file("policy.yaml", text);
  const auto next_version = [](xg_header& header) { header.abi += 1; };
  ASSERT_EQ(put_on_v1(changed(image_of(text), next_version)), 1u);
  ASSERT_EQ(tool({"set", "add", "banned", "192.0.2.7"}).exit_code, 0);
  send("v0", udp_to(kPassed), 4);
  ASSERT_EQ(counts_after(4).packets("few"), 4u);
  EXPECT_EQ(tool({"status"}).exit_code, 0);
  EXPECT_THAT(tool({"show"}).out, testing::HasSubstr("listed"));
  const Finished why = tool({"explain", "--running", instance_name(), kPacket});
  EXPECT_EQ(why.exit_code, 3);
  EXPECT_THAT(why.err,
              testing::HasSubstr("another version of xdpgate has compiled it"));

  const Finished done = tool({"apply", file});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.err,
              testing::HasSubstr("the program is that of another version"));
  EXPECT_THAT(tool({"set", "list", "banned"}).out,
              testing::HasSubstr("192.0.2.7"));
  EXPECT_EQ(tool({"explain", "--running", instance_name(), kPacket}).exit_code,
            0);
  send("v0", udp_to(kPassed), 4);
  const Counts after = counts_after(8);
  EXPECT_EQ(after.packets("few"), 8u);
  EXPECT_EQ(after.verdicts.at("drop").packets, 3u) << "the limit's state stays";

  EXPECT_EQ(tool({"rollback"}).exit_code, 0);
  send("v0", udp_to(kPassed), 1);
  EXPECT_EQ(counts_after(9).packets("few"), 9u);
  EXPECT_EQ(tool({"explain", "--running", instance_name(), kPacket}).exit_code,
            3)
      << "the older image is in force again";
}

TEST_F(Upgrade, OfAnUnknownStateIsRefusedAndChangesNothing) {
  const std::string file = write_file(
      "policy.yaml", policy_text({port_rule("dropped", kDropped, "drop")}));
  ASSERT_EQ(tool({"apply", file}).exit_code, 0);
  replace_image(pins_of(instance_name()) + "/gen-1",
                [](std::span<std::uint8_t> image) {
                  reinterpret_cast<xg_header*>(image.data())->state += 1;
                });
  const std::string other = write_file(
      "other.yaml", policy_text({port_rule("passed", kDropped, "pass")}));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"apply", other},
        {"status"},
        {"stats"},
        {"show"},
        {"rollback"}}) {
    const Finished refused = tool(words);
    EXPECT_EQ(refused.exit_code, 3) << words[0];
    EXPECT_THAT(refused.err, testing::HasSubstr("another version of xdpgate"))
        << words[0];
    EXPECT_THAT(refused.err, testing::HasSubstr("`xdpgate detach`"));
  }
  EXPECT_THAT(tool({"doctor", "v1"}).out,
              testing::HasSubstr("another version of xdpgate"));
  Sink sink("v1");
  send("v0", udp_to(kDropped), 3);
  send("v0", udp_to(kPassed), 3);
  EXPECT_TRUE(eventually([&] { return sink.to(kPassed) == 3; }));
  sink.stop();
  EXPECT_EQ(sink.to(kDropped), 0u) << "the filter goes on";
  EXPECT_EQ(tool({"detach", "--all"}).exit_code, 0);
  EXPECT_EQ(tool({"apply", file}).exit_code, 0);
}

}  // namespace
}  // namespace xdpgate::test
