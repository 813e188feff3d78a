// SPDX-License-Identifier: GPL-2.0-only
// The service and its files: applied, edited, broken, half written, gone.
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/service/daemon.h"
#include "tests/support/restrict.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

class DaemonFiles : public DaemonTest {};

TEST_F(DaemonFiles, AreAppliedAtTheStart) {
  put_policy({port_rule("a", 1, "drop")});
  put_file("notes.txt", "no policy");
  put_file(".hidden.yaml", "nor this");
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  send("v0", udp_to(1), 2);
  EXPECT_EQ(counts_after(2).packets("a"), 2u);
  EXPECT_EQ(daemon.log(), "xdpgate: " + in_force(1) + "\n");
}

TEST_F(DaemonFiles, AreWarnedOfWhereTheyCutTheHostOff) {
  put_file(instance_name() + ".yaml",
           "version: 1\ninterfaces: [v1]\ndefault: drop\n");
  Daemon daemon;
  EXPECT_TRUE(daemon.says(in_force(1))) << daemon.log();
  EXPECT_THAT(daemon.log(), HasSubstr("xdpgate: warning: " + Daemon::folder()));
  EXPECT_THAT(daemon.log(), HasSubstr("`default: drop` cuts off ARP"));
}

TEST_F(DaemonFiles, AnEditIsAppliedAndKeepsTheCounts) {
  const std::string path = put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  send("v0", udp_to(1), 3);
  ASSERT_EQ(counts_after(3).judged(), 3u);
  put_policy({port_rule("b", 2, "drop"), port_rule("a", 1, "drop")});
  ASSERT_TRUE(daemon.says(in_force(2))) << daemon.log();
  EXPECT_EQ(counts().packets("a"), 3u);
  // In place, as `>>` does.
  std::ofstream(path, std::ios::app)
      << "  - " + port_rule("c", 3, "drop") + "\n";
  ASSERT_TRUE(daemon.says(in_force(3))) << daemon.log();
}

TEST_F(DaemonFiles, ABrokenEditKeepsTheOldPolicyAndSaysSo) {
  const std::string path = put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  put_policy({port_rule("a", 1, "drp")});
  ASSERT_TRUE(daemon.says(fmt::format(
      "xdpgate: error: {} cannot be applied; what {} runs stays as it is", path,
      instance_name())))
      << daemon.log();
  EXPECT_THAT(daemon.log(), HasSubstr(path + ":6:"));
  EXPECT_THAT(daemon.log(), HasSubstr("did you mean `drop`?"));
  EXPECT_EQ(counts().generation, 1u);
  send("v0", udp_to(1), 2);
  EXPECT_EQ(counts_after(2).packets("a"), 2u);
  put_policy({port_rule("a", 1, "drop"), port_rule("b", 2, "drop")});
  EXPECT_TRUE(daemon.says(in_force(2))) << daemon.log();
}

TEST_F(DaemonFiles, WhatIsHalfWrittenWaits) {
  const std::string path = put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  std::ofstream file(path);
  file << policy_text({}) << std::flush;  // sound, and not what is meant
  put_file("other.yaml", "version: 1\ninterfaces: [v9]\n");
  ASSERT_TRUE(daemon.says("other waits for v9")) << daemon.log();
  EXPECT_EQ(counts().generation, 1u) << daemon.log();
  EXPECT_TRUE(daemon.says(path + " is read once nobody writes to it"))
      << daemon.log();
  file << "  - " + port_rule("b", 2, "drop") + "\n";
  file.close();
  ASSERT_TRUE(daemon.says(in_force(2))) << daemon.log();
  EXPECT_EQ(counts().rules.count("b"), 1u);
}

TEST_F(DaemonFiles, ASetFileIsPartOfItsPolicy) {
  std::filesystem::create_directory(Daemon::folder() + "/feeds");
  put_file("feeds/bad.txt", "192.0.2.1\n");
  put_file(instance_name() + ".yaml",
           "version: 1\ninterfaces: [v1]\n"
           "sets: {bad: {type: address, file: feeds/bad.txt}}\n"
           "rules: [{name: a, match: {src: \"@bad\"}, action: drop}]\n");
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  put_file("feeds/bad.txt", "192.0.2.2\n");
  EXPECT_TRUE(daemon.says(in_force(2))) << daemon.log();
}

TEST_F(DaemonFiles, APipeIsBrokenAndKeepsNobody) {
  const std::string pipe = Daemon::folder() + "/pipe.yaml";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  EXPECT_TRUE(daemon.says(in_force(1))) << daemon.log();
  EXPECT_TRUE(daemon.says("cannot read it: it is no regular file"))
      << daemon.log();
  EXPECT_EQ(daemon.end(SIGTERM).exit_code, 0);
}

TEST_F(DaemonFiles, AnEditThatLooksTheSameIsApplied) {
  const std::string path = put_policy({port_rule("a", 1, "drop")});
  const auto time = std::filesystem::last_write_time(path);
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  std::ofstream(path) << policy_text({port_rule("a", 2, "drop")});
  std::filesystem::last_write_time(path, time);
  EXPECT_TRUE(daemon.says(in_force(2))) << daemon.log();
}

TEST_F(DaemonFiles, WhatOneLetsGoOfAnotherTakesAtOnce) {
  const auto policy = [](const char* name, const char* interfaces) {
    return fmt::format("version: 1\nname: {}\ninterfaces: [{}]\nrules: []\n",
                       name, interfaces);
  };
  put_file("b.yaml", policy("later", "v0, v1"));
  Daemon daemon;
  ASSERT_TRUE(daemon.says("later: generation 1 in force on v0 (native), v1"))
      << daemon.log();
  // In one round, of which `b.yaml` is the second.
  const auto first = write_file("first", policy("earlier", "v1"));
  const auto second = write_file("second", policy("later", "v0"));
  std::filesystem::rename(first, Daemon::folder() + "/a.yaml");
  std::filesystem::rename(second, Daemon::folder() + "/b.yaml");
  EXPECT_TRUE(daemon.says("earlier: generation 1 in force on v1 (native)"))
      << daemon.log();
}

TEST_F(DaemonFiles, ABrokenFileIsOfTheFilterThatItNames) {
  put_file("host.yaml",
           "version: 1\nname: " + instance_name() + "\nrulez: []\n");
  Daemon daemon;
  EXPECT_TRUE(
      daemon.says(fmt::format("what {} runs stays as it is", instance_name())))
      << daemon.log();
}

TEST_F(DaemonFiles, AFolderThatCannotBeReadHasLostNoFile) {
  put_policy({port_rule("a", 1, "drop")});
  // Without the rights of root over files, as the unit has it.
  Daemon daemon({"--listen", "none"},
                without_capabilities({CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH}));
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  ASSERT_EQ(::chown(Daemon::folder().c_str(), 65534, 65534), 0);
  std::filesystem::permissions(Daemon::folder(), std::filesystem::perms(0700));
  daemon.signal(SIGHUP);
  EXPECT_TRUE(daemon.says("Permission denied")) << daemon.log();
  EXPECT_FALSE(daemon.log().contains("is gone")) << daemon.log();
}

TEST_F(DaemonFiles, AFileThatGoesLeavesTheFilterOn) {
  const std::string path = put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  std::filesystem::remove(path);
  ASSERT_TRUE(daemon.says(fmt::format(
      "xdpgate: warning: {0} is gone; the filter {1} stays on (`xdpgate detach "
      "--name {1}` takes it off)",
      path, instance_name())))
      << daemon.log();
  EXPECT_EQ(counts().generation, 1u);
}

TEST_F(DaemonFiles, OfTwoForOneFilterTheSecondIsRefused) {
  put_policy({port_rule("a", 1, "drop")});
  const std::string second =
      put_file("zz.yaml", policy_text({port_rule("b", 2, "drop")}));
  Daemon daemon;
  EXPECT_TRUE(daemon.says(fmt::format("{}: error: the filter `{}` is that of ",
                                      second, instance_name())))
      << daemon.log();
  EXPECT_TRUE(daemon.says(in_force(1))) << daemon.log();
  EXPECT_EQ(counts().rules.count("a"), 1u);
  // Once the first is gone the second is as good as any.
  std::filesystem::remove(Daemon::folder() + "/" + instance_name() + ".yaml");
  EXPECT_TRUE(daemon.says(in_force(2))) << daemon.log();
  EXPECT_EQ(counts().rules.count("b"), 1u);
}

TEST_F(DaemonFiles, WhatIsAppliedByHandStaysUntilAReload) {
  put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  put_on_v1(image_of(policy_text({port_rule("hand", 7, "drop")})));
  put_file("other.yaml", "version: 1\ninterfaces: [v9]\n");
  ASSERT_TRUE(daemon.says("other waits for v9")) << daemon.log();
  EXPECT_EQ(counts().rules.count("hand"), 1u);
  daemon.signal(SIGHUP);
  EXPECT_TRUE(daemon.says(in_force(3))) << daemon.log();
  EXPECT_EQ(counts().rules.count("a"), 1u);
}

TEST_F(DaemonFiles, WithoutAFolderOrAsASecondServiceItIsRefused) {
  const Finished nowhere = tool({"daemon", "--policies", "/nowhere"});
  EXPECT_EQ(nowhere.exit_code, 3);
  EXPECT_THAT(nowhere.err,
              HasSubstr("open /nowhere: No such file or directory; "));
  put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  const Finished second = tool({"daemon", "--policies", Daemon::folder()});
  EXPECT_EQ(second.exit_code, 3);
  EXPECT_THAT(second.err, HasSubstr("another `xdpgate daemon` does already"));
  const Finished usage = tool({"daemon", "--listen", "nowhere"});
  EXPECT_EQ(usage.exit_code, 2);
}

}  // namespace
}  // namespace xdpgate::test
