// SPDX-License-Identifier: GPL-2.0-only
// What doctor finds where the condition is real: rights that are taken away,
// kernels that refuse, interfaces of every kind. And what it advises helps.
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bpf/entry.h"
#include "bpf/link.h"
#include "bpf/xdp_features.h"
#include "tests/support/child.h"
#include "tests/support/restrict.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"

namespace xdpgate::test {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

struct Diagnosis {
  int exit_code = 0;
  Json findings;

  // The finding of `check` about `subject`; null where there is none.
  [[nodiscard]] Json about(const std::string& subject,
                           const std::string& check) const {
    for (const Json& finding : findings) {
      if (finding["subject"] == subject && finding["check"] == check) {
        return finding;
      }
    }
    return nullptr;
  }
  [[nodiscard]] std::string level(const std::string& subject,
                                  const std::string& check) const {
    const Json finding = about(subject, check);
    return finding.is_null() ? "?" : finding["level"].get<std::string>();
  }
  [[nodiscard]] std::string text(const std::string& subject,
                                 const std::string& check,
                                 const char* field) const {
    const Json finding = about(subject, check);
    return finding.is_null() ? "?" : finding[field].get<std::string>();
  }
};

Diagnosis diagnosis_of(const std::string& json, int exit_code) {
  const Json whole = Json::parse(json, nullptr, false);
  if (!whole.is_object()) return {exit_code, Json::array()};
  return {exit_code, whole["findings"]};
}

class Doctor : public SystemTest {
 protected:
  static Diagnosis doctor(Words words = {}, const ChildOptions& options = {}) {
    words.insert(words.begin(), {"doctor", "--json"});
    const Finished done = tool(words, options);
    EXPECT_EQ(done.err, "");
    return diagnosis_of(done.out, done.exit_code);
  }
  static void run_fix(const std::string& command) {
    const Finished done = run({"sh", "-c", command});
    EXPECT_EQ(done.exit_code, 0) << command << ": " << done.err;
  }
  void apply_policy() {
    const Finished done = tool(
        {"apply", write_file("p.yaml", policy_text({port_rule("low", 1,
                                                              "drop")}))});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
};

TEST_F(Doctor, FindsASoundHostAndTheInterfacesThatAreUp) {
  const Diagnosis all = doctor();
  EXPECT_EQ(all.exit_code, 0);
  for (const char* check : {"kernel", "privilege", "bpffs", "program", "jit"}) {
    EXPECT_EQ(all.level("host", check), "ok") << check;
  }
  // What drivers can do Linux tells since 6.3.
  const bool told = xdp_features(::if_nametoindex("v1")).has_value();
  for (const char* name : {"v0", "v1"}) {
    EXPECT_EQ(all.level(name, "mode"), told ? "ok" : "note");
    EXPECT_EQ(all.text(name, "driver", "text").substr(0, 4), "veth");
  }
  EXPECT_TRUE(all.about("lo", "link").is_null());
  EXPECT_FALSE(std::filesystem::exists("/sys/fs/bpf/xdpgate"));
}

TEST_F(Doctor, PrintsEachFindingWithCauseAndFix) {
  const Finished done = tool({"doctor", "v1"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.err, "");
  EXPECT_TRUE(done.out.starts_with("host\n  ok       kernel: Linux "))
      << done.out;
  EXPECT_TRUE(done.out.contains(
      "\nv1\n  ok       link: up\n  ok       driver: veth "))
      << done.out;
  EXPECT_TRUE(done.out.contains(
      "  note     vlan: txvlan of v0 is on\n"
      "           cause: the outermost VLAN tag comes beside the frame"))
      << done.out;
  EXPECT_TRUE(done.out.contains("           fix: ethtool -K v0 txvlan off\n"))
      << done.out;
  EXPECT_TRUE(done.out.ends_with("nothing stops xdpgate here\n"));
  EXPECT_FALSE(done.out.contains("\nv0\n"));
}

TEST_F(Doctor, FindsThatThereIsNoSuchInterface) {
  const Diagnosis one = doctor({"v9"});
  EXPECT_EQ(one.exit_code, 3);
  EXPECT_EQ(one.level("v9", "link"), "error");
  EXPECT_EQ(one.text("v9", "link", "text"), "no such interface here");
}

TEST_F(Doctor, FindsAnInterfaceThatIsDown) {
  ip({"link", "set", "v1", "down"});
  const Diagnosis one = doctor({"v1"});
  EXPECT_EQ(one.level("v1", "link"), "warning");
  run_fix(one.text("v1", "link", "fix"));
  EXPECT_EQ(doctor({"v1"}).level("v1", "link"), "ok");
}

TEST_F(Doctor, FindsADriverWithoutNativeMode) {
  if (!xdp_features(::if_nametoindex("lo"))) {
    GTEST_SKIP() << "what drivers can do Linux tells since 6.3";
  }
  const Diagnosis automatic = doctor({"lo"});
  EXPECT_EQ(automatic.exit_code, 0);
  EXPECT_EQ(automatic.level("lo", "mode"), "warning");
  const Diagnosis native = doctor({"lo", "--mode", "native"});
  EXPECT_EQ(native.exit_code, 3);
  EXPECT_EQ(native.level("lo", "mode"), "error");
  EXPECT_EQ(doctor({"lo", "--mode", "generic"}).level("lo", "mode"), "ok");
}

TEST_F(Doctor, TriesNativeModeAndLeavesNothingBehind) {
  const Diagnosis one = doctor({"v1", "--try", "--mode", "native"});
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_EQ(one.text("v1", "mode", "text"), "native, as tried");
  const auto carried = carried_by(::if_nametoindex("v1"), "v1");
  ASSERT_TRUE(carried);
  EXPECT_EQ(carried->program_id, 0u);
}

// As apply meets it; and in the kernel's words, which apply has not.
TEST_F(Doctor, FindsTooFewQueues) {
  ip({"link", "add", "q0", "numtxqueues", "4", "numrxqueues", "4", "type",
      "veth", "peer", "name", "q1", "numtxqueues", "1", "numrxqueues", "1"});
  run_fix("ethtool -L q0 tx 4; ip link set q0 up; ip link set q1 up");
  const Diagnosis told = doctor({"q1", "--mode", "native"});
  EXPECT_EQ(told.exit_code, 3);
  EXPECT_EQ(told.level("q1", "queues"), "error");
  const Diagnosis tried = doctor({"q1", "--try"});
  EXPECT_EQ(tried.level("q1", "mode"), "warning");
  EXPECT_TRUE(tried.text("q1", "mode", "cause").contains("No space left"))
      << tried.about("q1", "mode");
  EXPECT_TRUE(tried.text("q1", "mode", "cause").contains("queues"))
      << tried.about("q1", "mode");
  run_fix(told.text("q1", "queues", "fix"));
  EXPECT_EQ(doctor({"q1", "--try", "--mode", "native"}).exit_code, 0);
}

// A driver that refuses by errno, as for an MTU above its limit or LRO.
TEST_F(Doctor, FindsARefusalOfTheDriver) {
  const Diagnosis one =
      doctor({"v1", "--try", "--mode", "native"},
             {.before_exec = with_bpf_failing(BPF_LINK_CREATE, EINVAL)});
  EXPECT_EQ(one.exit_code, 3);
  EXPECT_TRUE(one.text("v1", "mode", "cause")
                  .starts_with("native mode is refused: Invalid argument (MTU "
                               "or LRO"))
      << one.about("v1", "mode");
  EXPECT_EQ(carried_by(::if_nametoindex("v1"), "v1").value_or(Carried{})
                .program_id,
            0u);
}

TEST_F(Doctor, TakesALargeMtuWhereTheDriverDoes) {
  for (const char* name : {"v0", "v1"}) {
    ip({"link", "set", name, "mtu", "9000"});
  }
  const Diagnosis one = doctor({"v1", "--try", "--mode", "native"});
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_EQ(one.level("v1", "mtu"), "ok");
  EXPECT_EQ(one.text("v1", "mtu", "text"), "9000 bytes");
}

// What takes the tag off where no program sees it goes with the fix.
TEST_F(Doctor, FindsVlanOffload) {
  const Diagnosis one = doctor({"v1"});
  EXPECT_EQ(one.level("v1", "vlan"), "note");
  run_fix(one.text("v1", "vlan", "fix"));
  EXPECT_EQ(doctor({"v1"}).level("v1", "vlan"), "ok");
}

TEST_F(Doctor, NamesALinkOfSomebodyElseAndHowToDetachIt) {
  const auto foreign = load_entry();
  ASSERT_TRUE(foreign) << foreign.error().line();
  const auto link = attach(foreign->program.get(), ::if_nametoindex("v1"),
                           "v1", Mode::kNative);
  ASSERT_TRUE(link) << link.error().line();
  const Diagnosis one = doctor({"v1"});
  EXPECT_EQ(one.exit_code, 3);
  EXPECT_EQ(one.text("v1", "program", "text"),
            fmt::format("carries XDP program {} (xg_entry), held by process {} "
                        "(xg_test_system) (native)",
                        program_id(foreign->program.get()).value_or(0),
                        ::getpid()));
  run_fix(one.text("v1", "program", "fix"));
  EXPECT_EQ(doctor({"v1"}).exit_code, 0);
  apply_policy();
}

TEST_F(Doctor, NamesAProgramOfIpLinkAndHowToTakeItOff) {
  const auto foreign = load_entry();
  ASSERT_TRUE(foreign) << foreign.error().line();
  const int index = static_cast<int>(::if_nametoindex("v1"));
  for (const std::uint32_t mode : {XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE}) {
    ASSERT_EQ(bpf_xdp_attach(index, foreign->program.get(), mode, nullptr), 0);
    const Diagnosis one = doctor({"v1"});
    EXPECT_EQ(one.exit_code, 3);
    run_fix(one.text("v1", "program", "fix"));
    EXPECT_EQ(doctor({"v1"}).exit_code, 0);
  }
}

TEST_F(Doctor, KnowsOurInstanceAndMissesItsInterface) {
  apply_policy();
  const Diagnosis runs = doctor();
  EXPECT_EQ(runs.exit_code, 0);
  EXPECT_EQ(runs.text("v1", "program", "text"),
            fmt::format("carries instance `{}` of xdpgate", instance_name()));
  EXPECT_EQ(runs.text("v1", "mode", "text"), "native");
  ip({"link", "del", "v1"});
  const Diagnosis gone = doctor();
  EXPECT_EQ(gone.level("v1", "instance"), "warning");
  EXPECT_TRUE(gone.text("v1", "instance", "cause").contains("is gone"));
}

TEST_F(Doctor, FindsMissingCapabilities) {
  struct Row {
    std::initializer_list<int> without;
    const char* cause;
  };
  for (const Row& row :
       {Row{{CAP_SYS_ADMIN, CAP_BPF}, "this process lacks CAP_BPF"},
        Row{{CAP_SYS_ADMIN, CAP_NET_ADMIN}, "this process lacks CAP_NET_ADMIN"},
        Row{{CAP_SYS_ADMIN, CAP_PERFMON},
            "this process lacks CAP_PERFMON"}}) {
    const Diagnosis one =
        doctor({"v1"}, {.before_exec = without_capabilities(row.without)});
    EXPECT_EQ(one.exit_code, 3) << row.cause;
    EXPECT_EQ(one.level("host", "privilege"), "error");
    EXPECT_TRUE(one.text("host", "privilege", "cause").starts_with(row.cause))
        << one.about("host", "privilege");
    EXPECT_EQ(one.level("host", "program"), "note");
  }
}

// The very words of `apply`.
TEST_F(Doctor, FindsWhatAKernelLacks) {
  struct Row {
    std::function<bool()> before;
    const char* cause;
  };
  for (const Row& row :
       {Row{with_bpf_failing(BPF_MAP_CREATE, EINVAL),
            "this kernel makes no maps of type prog_array"},
        Row{with_bpf_failing(-1, ENOSYS), "CONFIG_BPF_SYSCALL"},
        Row{with_bpf_failing(BPF_PROG_LOAD, EPERM), "seccomp"}}) {
    const Diagnosis one = doctor({"v1"}, {.before_exec = row.before});
    EXPECT_EQ(one.exit_code, 3) << row.cause;
    EXPECT_EQ(one.level("host", "program"), "error");
    EXPECT_TRUE(one.text("host", "program", "cause").contains(row.cause))
        << one.about("host", "program");
  }
}

// A mount namespace of a container's pid 1, where nobody has mounted it.
TEST_F(Doctor, FindsAMissingBpfFileSystemAndMountsNone) {
  const auto in_container = [](const std::string& script) {
    return run({"unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh",
                "-c",
                fmt::format("X={}\nwhile umount /sys/fs/bpf 2>/dev/null; do :; "
                            "done\n{}",
                            XG_TOOL, script)});
  };
  const Finished missing = in_container("$X doctor v1 --json");
  const Diagnosis one = diagnosis_of(missing.out, missing.exit_code);
  EXPECT_EQ(one.exit_code, 0) << missing.err;
  EXPECT_EQ(one.level("host", "bpffs"), "warning");
  const std::string fix = one.text("host", "bpffs", "fix");
  EXPECT_EQ(in_container("$X doctor >/dev/null; grep -q ' /sys/fs/bpf ' "
                         "/proc/mounts")
                .exit_code,
            1);
  const Finished mounted = in_container(fix + "\n$X doctor v1 --json");
  EXPECT_EQ(diagnosis_of(mounted.out, 0).level("host", "bpffs"), "ok");
  const Finished may_not = in_container(
      "exec setpriv --bounding-set -sys_admin $X doctor v1 --json");
  EXPECT_EQ(may_not.exit_code, 3) << may_not.err;
  EXPECT_EQ(diagnosis_of(may_not.out, 3).level("host", "bpffs"), "error");
}

TEST_F(Doctor, FindsADirectoryOfSomebodyElse) {
  std::filesystem::create_directory("/sys/fs/bpf/xdpgate");
  run_fix("chown 65534 /sys/fs/bpf/xdpgate");
  const Diagnosis one = doctor({"v1"});
  EXPECT_EQ(one.exit_code, 3);
  EXPECT_EQ(one.text("host", "bpffs", "cause"),
            "it belongs to user 65534, not to root; look who made it, then "
            "remove it");
  run_fix(one.text("host", "bpffs", "fix"));
  EXPECT_EQ(doctor({"v1"}).exit_code, 0);
}

}  // namespace
}  // namespace xdpgate::test
