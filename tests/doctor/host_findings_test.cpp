// SPDX-License-Identifier: GPL-2.0-only
// What doctor makes of facts about the host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>

#include "doctor/host.h"
#include "tests/support/temp_dir.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

// A host on which nothing is amiss.
HostFacts sound_host() {
  HostFacts facts;
  facts.release = "6.1.0-13-amd64";
  facts.root = facts.may_mount = true;
  facts.state = StatePlace{"/sys/fs/bpf", "/sys/fs/bpf/xdpgate"};
  facts.jit_setting = 1;
  facts.jited = true;
  facts.load = Result<void>();
  facts.extension_refused = 0;
  return facts;
}

Finding found(const HostFacts& facts, const std::string& check) {
  const Findings all = findings_of(facts);
  const auto at = std::ranges::find(all, check, &Finding::check);
  return at == all.end() ? Finding{} : *at;
}

TEST(Host, SoundIsOkThroughout) {
  for (const Finding& finding : findings_of(sound_host())) {
    EXPECT_EQ(finding.level, Level::kOk) << finding.check;
    EXPECT_EQ(finding.subject, "host");
    EXPECT_EQ(finding.cause + finding.fix, "") << finding.check;
  }
}

struct Row {
  const char* name;
  std::function<void(HostFacts&)> change;
  const char* check;
  Level level;
  const char* text;
  const char* cause;
  const char* fix;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class HostRow : public testing::TestWithParam<Row> {};

// One thing amiss is one finding, and all others stay as they are.
TEST_P(HostRow, IsOneFinding) {
  const Row& row = GetParam();
  HostFacts facts = sound_host();
  row.change(facts);
  const Finding finding = found(facts, row.check);
  EXPECT_EQ(finding.level, row.level);
  EXPECT_THAT(finding.text, HasSubstr(row.text));
  EXPECT_THAT(finding.cause, HasSubstr(row.cause));
  EXPECT_EQ(finding.fix, row.fix);
  for (const Finding& other : findings_of(facts)) {
    if (other.check == row.check) continue;
    EXPECT_EQ(other.level, Level::kOk) << other.check;
  }
}

constexpr const char* kNewKernel = "apt install linux-image-amd64 && reboot";
constexpr const char* kJitOn = "sysctl -w net.core.bpf_jit_enable=1";

INSTANTIATE_TEST_SUITE_P(
    All, HostRow,
    testing::Values(
        Row{"kernel_5_10", [](HostFacts& f) { f.release = "5.10.0-26-amd64"; },
            "kernel", Level::kError, "Linux 5.10.0-26-amd64",
            "6.1 is the oldest", kNewKernel},
        Row{"kernel_6_0", [](HostFacts& f) { f.release = "6.0.12"; }, "kernel",
            Level::kError, "Linux 6.0.12", "6.1 is the oldest", kNewKernel},
        Row{"kernel_of_no_number", [](HostFacts& f) { f.release = "next"; },
            "kernel", Level::kError, "Linux next", "6.1", kNewKernel},
        Row{"no_root", [](HostFacts& f) { f.root = false; }, "privilege",
            Level::kError, "not root", "belongs to root",
            "sudo xdpgate doctor"},
        Row{"capability",
            [](HostFacts& f) { f.lacks = "this process lacks CAP_BPF"; },
            "privilege", Level::kError, "without all capabilities",
            "this process lacks CAP_BPF",
            "docker run --cap-add BPF --cap-add NET_ADMIN --cap-add PERFMON "
            "--security-opt seccomp=unconfined IMAGE"},
        Row{"not_mounted", [](HostFacts& f) { f.state = StatePlace{}; },
            "bpffs", Level::kWarning, "no BPF file system", "apply mounts it",
            "mount -t bpf bpf /sys/fs/bpf"},
        Row{"not_to_be_mounted",
            [](HostFacts& f) {
              f.state = StatePlace{};
              f.may_mount = false;
            },
            "bpffs", Level::kError, "no BPF file system",
            "lacks CAP_SYS_ADMIN", "mount -t bpf bpf /sys/fs/bpf"},
        Row{"somebody_elses_directory",
            [](HostFacts& f) {
              f.state = failure({"use the directory", "/sys/fs/bpf/xdpgate",
                                 "it belongs to user 1000, not to root",
                                 "look who made it"});
            },
            "bpffs", Level::kError, "/sys/fs/bpf/xdpgate",
            "it belongs to user 1000, not to root; look who", "rm -r /sys/fs/bpf/xdpgate"},
        Row{"verifier",
            [](HostFacts& f) {
              f.load = Result<void>(failure(
                  {"load", "the filter", "Invalid argument: R1 type=scalar",
                   "6.1 is the oldest kernel that is supported"}));
            },
            "program", Level::kError, "the kernel refuses to load the filter",
            "R1 type=scalar; 6.1 is the oldest", "dmesg | tail -n 20"},
        Row{"jit_off", [](HostFacts& f) { f.jit_setting = 0; }, "jit",
            Level::kWarning, "interpreted", "bpf_jit_enable is 0", kJitOn},
        Row{"jit_failed",
            [](HostFacts& f) {
              f.jit_setting.reset();
              f.jited = false;
            },
            "jit", Level::kWarning, "interpreted", "compiled nothing", kJitOn},
        Row{"jit_debugging", [](HostFacts& f) { f.jit_setting = 2; }, "jit",
            Level::kWarning, "prints every program", "is 2", kJitOn},
        Row{"jit_unknown",
            [](HostFacts& f) {
              f.jit_setting.reset();
              f.jited.reset();
            },
            "jit", Level::kNote, "not known", "does not show here",
            "sudo xdpgate doctor"},
        Row{"no_dispatcher", [](HostFacts& f) { f.extension_refused = EPERM; },
            "dispatcher", Level::kNote, "one XDP program an interface",
            "Operation not permitted", kNewKernel}),
    [](const auto& info) { return info.param.name; });

TEST(Host, WithoutRightsIsNotAskedFurther) {
  HostFacts facts = sound_host();
  facts.root = false;
  facts.load.reset();
  facts.extension_refused.reset();
  EXPECT_EQ(found(facts, "program").level, Level::kNote);
  EXPECT_EQ(found(facts, "dispatcher").level, Level::kNote);
  EXPECT_EQ(found(facts, "dispatcher").fix, "sudo xdpgate doctor");
}

TEST(HostFacts, TakeTheJitFromProc) {
  const TempDir dir;
  EXPECT_EQ(look_at_host(dir.path()).jit_setting, std::nullopt);
  std::filesystem::create_directories(dir.path() + "/sys/net/core");
  dir.write("sys/net/core/bpf_jit_enable", "0\n");
  const HostFacts facts = look_at_host(dir.path());
  EXPECT_EQ(facts.jit_setting, 0);
  EXPECT_EQ(found(facts, "jit").level, Level::kWarning);
  EXPECT_NE(facts.release, "");
}

}  // namespace
}  // namespace xdpgate::test
