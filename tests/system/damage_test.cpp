// SPDX-License-Identifier: GPL-2.0-only
// Other processes with root's rights and a running filter's maps: what they
// cannot do, and that what they can do is noticed.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "bpf/bpffs.h"
#include "bpf/mapping.h"
#include "compile/image.h"
#include "tests/support/child.h"
#include "tests/support/replaced_image.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr std::uint16_t kPort = 9;

class Damage : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    file_ = write_file("p.yaml", policy_text({port_rule("nine", kPort,
                                                        "drop")}));
    ASSERT_EQ(tool({"apply", file_}).exit_code, 0);
  }
  static std::string generation(int number) {
    return fmt::format("{}/gen-{}", pins_of(instance_name()), number);
  }
  static Json status() {
    const Finished done = tool({"status", "--json"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    const Json all = Json::parse(done.out, nullptr, false);
    return all.is_array() && all.size() == 1 ? all[0] : Json();
  }
  // Status and doctor tell it, and apply loads the policy again, with counts.
  void expect_noticed_and_mended(const std::string& what) {
    send("v0", udp_to(kPort), 3);
    ASSERT_EQ(counts_after(3).packets("nine"), 3u);
    EXPECT_EQ(status()["damage"], what);
    EXPECT_THAT(tool({"status"}).out, HasSubstr("damaged: " + what));
    const Finished found = tool({"doctor", "v1"});
    EXPECT_THAT(found.out, HasSubstr(what));
    const Finished again = tool({"apply", file_});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_THAT(again.err, HasSubstr(what + "; the policy is loaded anew"));
    EXPECT_EQ(status()["damage"], nullptr);
    EXPECT_EQ(status()["generation"], 2);
    send("v0", udp_to(kPort), 2);
    EXPECT_EQ(counts_after(5).packets("nine"), 5u);
    EXPECT_THAT(tool({"doctor", "v1"}).out, testing::Not(HasSubstr(what)));
  }

  std::string file_;
};

TEST_F(Damage, NobodyWritesAnImageThatIsInForce) {
  const auto image = open_pin(generation(1) + "/image");
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_FALSE(Mapping::of(image->get(), 64, PROT_READ | PROT_WRITE));
  EXPECT_EQ(errno, EPERM);
  bpf_map_info info{};
  std::uint32_t size = sizeof(info);
  ASSERT_EQ(bpf_obj_get_info_by_fd(image->get(), &info, &size), 0);
  const std::vector<std::uint8_t> zeros(info.value_size);
  const std::uint32_t key = 0;
  EXPECT_NE(bpf_map_update_elem(image->get(), &key, zeros.data(), BPF_ANY), 0);
  EXPECT_EQ(errno, EPERM);
  EXPECT_TRUE(info.map_flags & BPF_F_RDONLY_PROG) << "programs, neither";
  EXPECT_EQ(status()["damage"], nullptr);
}

TEST_F(Damage, AnotherImageInItsPlaceIsNoticed) {
  replace_image(generation(1), [](std::span<std::uint8_t>) {});
  expect_noticed_and_mended(
      "another process has put another map in the place of its image");
}

// Nobody can but through the kernel's own memory; so it is compiled wrong.
TEST_F(Damage, AChangedImageIsNoticed) {
  ASSERT_EQ(tool({"detach", "--all"}).exit_code, 0);
  Image image = image_of(policy_text({port_rule("nine", kPort, "drop")}));
  image.bytes[image.header().rules_off] = XG_PASS;
  ASSERT_EQ(put_on_v1(image), 1u);
  expect_noticed_and_mended("another process has written over its image");
}

TEST_F(Damage, MapsOfOtherSizesAreNamed) {
  replace_image(generation(1), [](std::span<std::uint8_t> image) {
    reinterpret_cast<xg_header*>(image.data())->rule_count += 1;
  });
  const Finished done = tool({"status"});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_THAT(done.err, HasSubstr("another process has written over its maps"));
  EXPECT_THAT(done.err, HasSubstr("`xdpgate detach`"));
  EXPECT_EQ(tool({"detach", "--all"}).exit_code, 0);
  EXPECT_EQ(tool({"apply", file_}).exit_code, 0);
  EXPECT_EQ(status()["generation"], 1);
}

}  // namespace
}  // namespace xdpgate::test
