// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "doctor/host.h"

namespace xdpgate {
namespace {

constexpr int kOldestMajor = 6, kOldestMinor = 1;
constexpr const char* kNewKernel = "apt install linux-image-amd64 && reboot";
constexpr const char* kMount = "mount -t bpf bpf /sys/fs/bpf";
constexpr const char* kContainer =
    "docker run --cap-add BPF --cap-add NET_ADMIN --cap-add PERFMON "
    "--security-opt seccomp=unconfined IMAGE";

Finding kernel(const HostFacts& facts) {
  Finding finding{"host", "kernel", Level::kOk, "Linux " + facts.release, "",
                  ""};
  int major = 0, minor = 0;
  if (std::sscanf(facts.release.c_str(), "%d.%d", &major, &minor) == 2 &&
      (major > kOldestMajor ||
       (major == kOldestMajor && minor >= kOldestMinor))) {
    return finding;
  }
  finding.level = Level::kError;
  finding.cause = fmt::format(
      "{}.{} is the oldest kernel that is supported: earlier verifiers refuse "
      "the program",
      kOldestMajor, kOldestMinor);
  finding.fix = kNewKernel;
  return finding;
}

Finding privilege(const HostFacts& facts) {
  if (!facts.root) {
    return {"host", "privilege", Level::kError, "not root",
            facts.lacks.empty() ? "the running filter belongs to root"
                                : facts.lacks,
            "sudo xdpgate doctor"};
  }
  if (!facts.lacks.empty()) {
    return {"host",     "privilege", Level::kError,
            "root, but without all capabilities",
            facts.lacks, kContainer};
  }
  return {"host", "privilege", Level::kOk, "root, with what apply needs", "",
          ""};
}

Finding bpffs(const HostFacts& facts) {
  Finding finding{"host", "bpffs", Level::kOk, "", "", ""};
  if (!facts.state) {
    finding.level = Level::kError;
    finding.text = facts.state.error().object;
    finding.cause = facts.state.error().cause;
    if (const std::string& hint = facts.state.error().hint; !hint.empty()) {
      finding.cause += "; " + hint;
    }
    finding.fix = "rm -r " + facts.state.error().object;
  } else if (!facts.state->file_system.empty()) {
    finding.text = "the BPF file system is at " + facts.state->file_system;
  } else if (facts.may_mount) {
    finding.level = Level::kWarning;
    finding.text = "no BPF file system at /sys/fs/bpf";
    finding.cause =
        "the filter is kept there; apply mounts it, where nobody did at boot";
    finding.fix = kMount;
  } else {
    finding.level = Level::kError;
    finding.text = "no BPF file system at /sys/fs/bpf";
    finding.cause =
        "the filter is kept there, and this process may not mount it: it "
        "lacks CAP_SYS_ADMIN";
    finding.fix = kMount;
  }
  return finding;
}

// By what apply says of the same failure.
Finding program(const HostFacts& facts) {
  Finding finding{"host", "program", Level::kOk,
                  "the kernel takes the filter, and it judges as it should",
                  "", ""};
  if (!facts.load) {
    finding.level = Level::kNote;
    finding.text = "not asked whether the kernel takes the filter";
    finding.cause = "that takes root's rights";
    finding.fix = "sudo xdpgate doctor";
  } else if (!*facts.load) {
    const Error& error = facts.load->error();
    finding.level = Level::kError;
    finding.text = fmt::format("the kernel refuses to {} {}", error.operation,
                               error.object);
    finding.cause = error.cause;
    if (!error.hint.empty()) finding.cause += "; " + error.hint;
    finding.fix = error.cause == std::strerror(EPERM)
                      ? kContainer
                      : "dmesg | tail -n 20";
  }
  return finding;
}

Finding jit(const HostFacts& facts) {
  Finding finding{"host", "jit", Level::kOk, "BPF runs as machine code", "",
                  ""};
  const bool off = facts.jit_setting == 0 || facts.jited == false;
  if (off) {
    finding.level = Level::kWarning;
    finding.text = "BPF is interpreted: the JIT is off";
    finding.cause = facts.jit_setting == 0
                        ? "net.core.bpf_jit_enable is 0; every packet costs "
                          "several times as much"
                        : "the kernel compiled nothing; every packet costs "
                          "several times as much";
    finding.fix = "sysctl -w net.core.bpf_jit_enable=1";
  } else if (facts.jit_setting == 2) {
    finding.level = Level::kWarning;
    finding.text = "the JIT prints every program to the kernel's log";
    finding.cause = "net.core.bpf_jit_enable is 2, which is for debugging";
    finding.fix = "sysctl -w net.core.bpf_jit_enable=1";
  } else if (!facts.jit_setting && !facts.jited) {
    finding.level = Level::kNote;
    finding.text = "not known whether BPF runs as machine code";
    finding.cause = "net.core.bpf_jit_enable does not show here";
    finding.fix = "sudo xdpgate doctor";
  }
  return finding;
}

Finding dispatcher(const HostFacts& facts) {
  Finding finding{"host", "dispatcher", Level::kOk,
                  "the kernel takes what libxdp's dispatcher is made of", "",
                  ""};
  if (!facts.extension_refused) {
    finding.level = Level::kNote;
    finding.text = "not asked whether libxdp's dispatcher can be had";
    finding.cause = facts.load ? "the filter itself could not be loaded"
                               : "that takes root's rights";
    finding.fix = "sudo xdpgate doctor";
  } else if (*facts.extension_refused != 0) {
    finding.level = Level::kNote;
    finding.text =
        "no libxdp dispatcher: one XDP program an interface, no more";
    finding.cause = fmt::format(
        "the kernel refuses programs that extend others: {}",
        std::strerror(*facts.extension_refused));
    finding.fix = kNewKernel;
  }
  return finding;
}

}  // namespace

Findings findings_of(const HostFacts& facts) {
  return {kernel(facts),  privilege(facts), bpffs(facts),
          program(facts), jit(facts),       dispatcher(facts)};
}

}  // namespace xdpgate
