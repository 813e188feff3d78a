// SPDX-License-Identifier: GPL-2.0-only
// What the tool needs of the system: it makes it or names it. Containers,
// namespaces, missing capabilities, kernels that lack something.
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <unistd.h>

#include <cerrno>

#include "tests/support/child.h"
#include "tests/support/restrict.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

class Environment : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    file_ = write_file("policy.yaml",
                       policy_text({port_rule("low", 1, "drop")}));
  }

  // Runs a shell script as pid 1 of a container, with $X, $P and $N for the
  // tool, the policy and the instance; no BPF file system is mounted there.
  Finished in_container(const std::string& script) const {
    return run({"unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh",
                "-ec",
                fmt::format("X={}; P={}; N={}\n"
                            "while umount /sys/fs/bpf 2>/dev/null; do :; done\n"
                            "{}",
                            XG_TOOL, file_, instance_name(), script)});
  }
  // The tool says just this.
  void expect_refused(const ChildOptions& options, const std::string& line) {
    const Finished done = tool({"apply", file_}, options);
    EXPECT_EQ(done.exit_code, 3);
    EXPECT_EQ(done.err, "xdpgate: " + line + "\n");
    EXPECT_TRUE(tree("/sys/fs/bpf/xdpgate").empty());
  }

  std::string file_;
};

constexpr const char* kNoRoot = ": run as root with all capabilities";

TEST_F(Environment, AMissingBpfFileSystemIsMountedAndKeepsThePins) {
  const Finished done = in_container(R"sh(
test -z "$(ls /sys/fs/bpf)"
$X apply $P
test -d /sys/fs/bpf/xdpgate/$N
stat -c '%a %F' /sys/fs/bpf /sys/fs/bpf/xdpgate
$X stats >/dev/null
$X detach --all
ls -A /sys/fs/bpf/xdpgate)sh");
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.err, "");
  EXPECT_TRUE(done.out.contains("700 directory\n700 directory\n")) << done.out;
  EXPECT_TRUE(done.out.ends_with("detached from v1\n")) << done.out;
}

// Each `ip netns exec` has a /sys of its own that ends with it.
TEST_F(Environment, PinsOfACommandInANetworkNamespaceStay) {
  const Finished done = in_container(R"sh(
mount -t tmpfs tmpfs /run
ip netns add inner
ip link set v1 netns inner
ip -n inner link set v1 up
ip netns exec inner $X apply $P
test -d /sys/fs/bpf/xdpgate/$N
ip netns exec inner $X apply $P
ip netns exec inner $X status --json
$X status
$X stats --json
ip netns exec inner $X detach v1
test -z "$(ls /sys/fs/bpf/xdpgate)")sh");
  EXPECT_EQ(done.exit_code, 0) << done.err << done.out;
  EXPECT_EQ(done.err, "");
  EXPECT_TRUE(done.out.contains("unchanged")) << done.out;
  EXPECT_TRUE(done.out.contains("\"mode\":\"native\"")) << done.out;
  EXPECT_TRUE(done.out.contains("v1: attached (in another network namespace"))
      << done.out;
}

// A command that asks for the file system twice goes on with the first.
TEST_F(Environment, SetsChangeFromANetworkNamespaceToo) {
  const Finished done = in_container(R"sh(
mount -t tmpfs tmpfs /run
cat >/run/p.yaml <<END
version: 1
name: $N
default: pass
sets:
  banned: {type: address, dynamic: true, size: 10}
rules:
  - {name: banned, match: {src: "@banned"}, action: drop}
END
ip netns add inner
ip link set v1 netns inner
ip -n inner link set v1 up
ip netns exec inner $X apply /run/p.yaml -i v1
ip netns exec inner $X set add banned 192.0.2.1
echo 192.0.2.2 | ip netns exec inner $X set load banned -
$X set list banned
ip netns exec inner $X detach v1)sh");
  EXPECT_EQ(done.exit_code, 0) << done.err << done.out;
  EXPECT_EQ(done.err, "");
  EXPECT_TRUE(done.out.contains("banned: 1 added\n")) << done.out;
  EXPECT_TRUE(done.out.contains("banned: 1 loaded\n192.0.2.2\n")) << done.out;
}

TEST_F(Environment, AMissingCapabilityIsNamed) {
  struct Row {
    std::initializer_list<int> without;
    const char* line;
  };
  const Row rows[] = {
      {{CAP_SYS_ADMIN, CAP_BPF},
       "load the entry program: Operation not permitted; this process lacks "
       "CAP_BPF"},
      {{CAP_SYS_ADMIN, CAP_NET_ADMIN},
       "load the entry program: Operation not permitted; this process lacks "
       "CAP_NET_ADMIN"},
      {{CAP_SYS_ADMIN, CAP_BPF, CAP_NET_ADMIN},
       "load the entry program: Operation not permitted; this process lacks "
       "CAP_BPF "
       "and CAP_NET_ADMIN"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.line);
    expect_refused({.before_exec = without_capabilities(row.without)},
                   std::string(row.line) + kNoRoot);
  }
  // It is not needed where the file system is there.
  const Finished done = tool(
      {"apply", file_}, {.before_exec = without_capabilities({CAP_SYS_ADMIN})});
  EXPECT_EQ(done.exit_code, 0) << done.err;
}

TEST_F(Environment, WhoMayNotMountIsTold) {
  const Finished done = in_container(
      "exec setpriv --bounding-set -sys_admin $X apply $P || exit $?");
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.err,
            std::string("xdpgate: mount the BPF file system on /sys/fs/bpf: "
                        "Operation not permitted; this process lacks "
                        "CAP_SYS_ADMIN") +
                kNoRoot + "\n");
}

TEST_F(Environment, AUserNamespaceIsNamed) {
  const Finished done =
      run({"unshare", "--user", "--map-root-user", "--net", XG_TOOL, "apply",
           file_, "-i", "lo"});
  if (done.err.contains("unshare failed")) {
    GTEST_SKIP() << "needs user namespaces: " << done.err;
  }
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_TRUE(done.err.contains("this process is in a user namespace"))
      << done.err;
}

TEST_F(Environment, AMapTypeThatTheKernelLacksIsNamed) {
  expect_refused(
      {.before_exec = with_bpf_failing(BPF_MAP_CREATE, EINVAL)},
      "load the entry program: Invalid argument: this kernel makes no maps of "
      "type prog_array (`slots`); boot a kernel with CONFIG_BPF_SYSCALL and "
      "CONFIG_NET, 6.1 or later; in a container, allow the bpf system call");
}

TEST_F(Environment, AKernelWithoutBpfIsNamed) {
  expect_refused({.before_exec = with_bpf_failing(-1, ENOSYS)},
                 "load the entry program: Function not implemented; the kernel "
                 "is built without CONFIG_BPF_SYSCALL");
}

TEST_F(Environment, ASeccompProfileIsSuspected) {
  expect_refused(
      {.before_exec = with_bpf_failing(BPF_PROG_LOAD, EPERM)},
      "load the entry program: Operation not permitted; a container's seccomp "
      "profile, a security module or the kernel's lockdown forbids it; see "
      "`dmesg`");
}

TEST_F(Environment, MemoryThatIsNotThereIsNamed) {
  expect_refused({.before_exec = with_bpf_failing(BPF_MAP_CREATE, ENOMEM)},
                 "load the entry program: Cannot allocate memory; free memory, "
                 "raise the cgroup's limit, or make the policy smaller");
}

#ifndef __SANITIZE_ADDRESS__  // which takes terabytes of address space

// Promise 8, where the limit is the machine's.
TEST_F(Environment, APolicyThatMemoryCannotHoldLeavesTheOldOne) {
  ASSERT_EQ(tool({"apply", file_}).exit_code, 0);
  std::vector<std::string> rules;
  for (int port = 1; port < 60'000; ++port) {
    rules.push_back(port_rule(fmt::format("r{}", port), port, "drop"));
  }
  const std::string before = picture();
  const Finished done =
      tool({"apply", write_file("large.yaml", policy_text(rules))},
           {.before_exec = with_memory(40 << 20)});
  EXPECT_EQ(done.exit_code, 3) << done.err;
  EXPECT_TRUE(done.err.starts_with("xdpgate: run: out of memory")) << done.err;
  EXPECT_EQ(picture(), before);
}

#endif

TEST_F(Environment, ReadingNeedsNoMoreThanThePins) {
  ASSERT_EQ(tool({"apply", file_}).exit_code, 0);
  send("v0", udp_to(1), 2);
  ASSERT_EQ(counts_after(2).judged(), 2u);
  for (const char* command : {"status", "stats", "show"}) {
    const Finished done =
        tool({command}, {.before_exec = without_capabilities({CAP_SYS_ADMIN,
                                                              CAP_NET_ADMIN})});
    EXPECT_EQ(done.exit_code, 0) << command << ": " << done.err;
  }
}

}  // namespace
}  // namespace xdpgate::test
