// SPDX-License-Identifier: GPL-2.0-only
// Promises 3 and 4: the filter lives without the tool, its state is in the
// kernel alone, and after detach nothing of it is left.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/support/child.h"
#include "tests/support/kernel_ids.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using Json = nlohmann::json;

constexpr const char* kState = "/sys/fs/bpf/xdpgate";

class Lifetime : public SystemTest {
 protected:
  // Applies a file and forgets it.
  static void apply_text(const std::string& text) {
    const std::string file = write_file("policy.yaml", text);
    const Finished done = tool({"apply", file});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    std::filesystem::remove(file);
  }
};

std::string two_rules() {
  return policy_text(
      {port_rule("low", 1, "drop"), port_rule("web", 80, "pass")});
}

TEST_F(Lifetime, TheFilterGoesOnWithoutTheToolAndItsFile) {
  apply_text(two_rules());
  send("v0", udp_to(1), 5);
  send("v0", udp_to(80), 2);
  ASSERT_EQ(counts_after(7).judged(), 7u);
  const Finished stats = tool({"stats", "--json"});
  ASSERT_EQ(stats.exit_code, 0) << stats.err;
  const Json json = Json::parse(stats.out);
  EXPECT_EQ(json["instance"], instance_name());
  EXPECT_EQ(json["rules"][0]["name"], "low");
  EXPECT_EQ(json["rules"][0]["packets"], 5);
  EXPECT_EQ(json["rules"][0]["bytes"], 5 * udp_to(1).size());
  EXPECT_EQ(json["rules"][1]["packets"], 2);
  EXPECT_EQ(json["verdicts"]["drop"]["packets"], 5);
}

TEST_F(Lifetime, ShowGivesTheSourceByteForByte) {
  const std::string text = "# who wrote this\r\n" + two_rules() + "\n# end";
  apply_text(text);
  EXPECT_EQ(tool({"show"}).out, text);
  send("v0", udp_to(1), 3);
  ASSERT_EQ(counts_after(3).judged(), 3u);
  const std::string counted = tool({"show", "--counters"}).out;
  EXPECT_TRUE(counted.contains(fmt::format("  # low: 3 packets, {} bytes\n",
                                           3 * udp_to(1).size())))
      << counted;
  // With the counts in it, it is still the same policy.
  const Finished check = tool({"check", write_file("shown.yaml", counted)});
  EXPECT_EQ(check.exit_code, 0) << check.err;
}

TEST_F(Lifetime, TheSamePolicyAgainChangesNothing) {
  write_file("list.txt", "192.0.2.1\n");
  const std::string text = policy_text(
      {"{name: listed, match: {src: \"@list\"}, action: drop}"});
  const std::string file = write_file(
      "policy.yaml", text + "sets:\n  list: {type: address, file: list.txt}\n");
  ASSERT_EQ(tool({"apply", file}).exit_code, 0);
  send("v0", udp_to(1), 3);
  const std::string before = picture();
  const Finished again = tool({"apply", file, "--json"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(Json::parse(again.out)["changed"], false);
  EXPECT_EQ(picture(), before);
  write_file("list.txt", "# the same address\n192.0.2.1/32\n");
  EXPECT_EQ(tool({"apply", file}).exit_code, 0);
  EXPECT_EQ(picture(), before);
  write_file("list.txt", "192.0.2.9\n");
  const Finished changed = tool({"apply", file, "--json"});
  EXPECT_EQ(Json::parse(changed.out)["changed"], true);
  EXPECT_EQ(Json::parse(changed.out)["generation"], 2);
  EXPECT_EQ(counts_after(3).packets("listed"), 3u);
}

TEST_F(Lifetime, ADryRunLeavesEverythingAsItIs) {
  const std::string file = write_file("policy.yaml", two_rules());
  const Finished first = tool({"apply", file, "--dry-run"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_FALSE(std::filesystem::exists(pins_of(instance_name())));
  ASSERT_EQ(tool({"apply", file}).exit_code, 0);
  const std::string before = picture();
  const std::string other = write_file("other.yaml", policy_text({}));
  const Finished dry = tool({"apply", other, "--dry-run", "--json"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_EQ(Json::parse(dry.out)["generation"], 2);
  EXPECT_EQ(picture(), before);
}

// A policy whose image has a size that no other image on this machine has,
// within all likelihood: megabytes, and some.
std::string odd_policy() {
  constexpr std::size_t kMegabytes = 3 << 20, kAlign = 64;
  const std::size_t more = kAlign * (std::random_device()() % 16'384);
  return two_rules() + "#" + std::string(kMegabytes + more, '-') + "\n";
}

TEST_F(Lifetime, NothingIsLeftAfterDetach) {
  add_veth("v2", "v3");
  KernelIds ids;
  std::set<std::uint32_t> sizes;
  std::vector<std::string> files;
  for (int number = 0; number < 3; ++number) {
    const std::string text = odd_policy();
    sizes.insert(image_of(text).header().size + XG_READ_MAX);
    files.push_back(write_file(fmt::format("{}.yaml", number), text));
  }
  for (int round = 0; round < 4; ++round) {
    for (const std::string& file : files) {
      // Some are killed: what those have loaded goes too.
      Child child =
          Child::start(tool_argv({"apply", file, "-i", "v1", "-i", "v3"}));
      ::usleep(static_cast<useconds_t>(round) * 7'000);
      child.signal(SIGKILL);
      ASSERT_TRUE(child.wait(Milliseconds(10'000)));
      const Finished done = tool({"apply", file, "-i", "v1", "-i", "v3"});
      ASSERT_EQ(done.exit_code, 0) << done.err;
      ids.add(ids_below(kState));
    }
  }
  EXPECT_GE(ids.programs.size(), 12u) << ids.text();
  EXPECT_GE(ids.links.size(), 2u);
  EXPECT_FALSE(image_maps(sizes).empty());
  const Finished detached = tool({"detach", "--all"});
  EXPECT_EQ(detached.exit_code, 0) << detached.err;
  EXPECT_TRUE(tree(kState).empty());
  EXPECT_TRUE(left_of(ids).empty()) << left_of(ids).text();
  EXPECT_TRUE(left_of({{}, image_maps(sizes), {}}).empty());
  for (const char* name : {"v1", "v3"}) {
    EXPECT_FALSE(run({"ip", "link", "show", name}).out.contains("xdp"));
  }
}

TEST_F(Lifetime, DetachOfOneInterfaceLeavesTheOther) {
  add_veth("v2", "v3");
  const std::string file = write_file("policy.yaml", two_rules());
  ASSERT_EQ(tool({"apply", file, "-i", "v1", "-i", "v3"}).exit_code, 0);
  const std::string before = picture();
  const Finished misspelt = tool({"detach", "v1", "v33"});
  EXPECT_EQ(misspelt.exit_code, 3);
  EXPECT_TRUE(misspelt.err.contains("v33")) << misspelt.err;
  EXPECT_EQ(picture(), before);
  EXPECT_EQ(tool({"detach", "v1"}).exit_code, 0);
  send("v2", udp_to(1), 2);
  EXPECT_EQ(counts_after(2).packets("low"), 2u);
  EXPECT_EQ(tool({"detach", "v3"}).exit_code, 0);
  EXPECT_TRUE(tree(kState).empty());
  const Finished nothing = tool({"detach", "v3"});
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_EQ(nothing.err,
            "xdpgate: detach from v3: it carries no filter of xdpgate; "
            "`xdpgate status` lists those that do\n");
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

TEST_F(Lifetime, PinsAreRootsAlone) {
  std::filesystem::create_directory(kState);
  ASSERT_EQ(::chmod(kState, 0755), 0);
  apply_text(two_rules());
  EXPECT_EQ(mode_of(kState), 0700u);
  EXPECT_EQ(mode_of(pins_of(instance_name())), 0700u);
  // A copy, since a tree below /root is nobody's to read.
  const std::string copy = scratch() / "xdpgate";
  std::filesystem::copy_file(tool_argv({})[0], copy);
  const Finished nobody =
      run({copy, "stats"},
          {.before_exec = [] { return ::setuid(65534) == 0; }});
  EXPECT_EQ(nobody.exit_code, 3);
  EXPECT_EQ(nobody.err,
            "xdpgate: open /sys/fs/bpf/xdpgate: Permission denied; run as "
            "root: the running filter belongs to it\n");
}

TEST_F(Lifetime, ADirectoryOfSomebodyElseIsNotUsed) {
  std::filesystem::create_directory(kState);
  ASSERT_EQ(::chown(kState, 65534, 65534), 0);
  const Finished done =
      tool({"apply", write_file("policy.yaml", two_rules())});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.err,
            "xdpgate: use the directory /sys/fs/bpf/xdpgate: it belongs to "
            "user 65534, not to root; look who made it, then remove it\n");
}

}  // namespace
}  // namespace xdpgate::test
