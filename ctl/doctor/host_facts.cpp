// SPDX-License-Identifier: GPL-2.0-only
#include <linux/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "bpf/dispatcher.h"
#include "bpf/entry.h"
#include "bpf/permission.h"
#include "bpf/probe.h"
#include "bpf/program.h"
#include "bpf/self_check.h"
#include "compile/compile.h"
#include "doctor/host.h"
#include "policy/load.h"

namespace xdpgate {
namespace {

// Some of what policies ask of the program: addresses, ports, flags.
constexpr const char* kPolicy = R"(version: 1
name: doctor
rules:
  - name: first
    match: {src: [192.0.2.0/24, 2001:db8::/32], protocol: tcp, dst_port: 22}
    action: pass
  - {name: second, match: {tcp_flags: "syn/syn,ack"}, action: drop}
  - {name: third, match: {protocol: udp}, action: count}
)";

std::string kernel_release() {
  utsname name{};
  return ::uname(&name) == 0 ? name.release : "";
}

bool lacks_capabilities() {
  return !has_capability(CAP_BPF) || !has_capability(CAP_NET_ADMIN) ||
         !has_capability(CAP_PERFMON);
}

std::optional<int> number_in(const std::string& path) {
  std::ifstream file(path);
  int value = 0;
  return file >> value ? std::optional(value) : std::nullopt;
}

Result<Image> small_image() {
  Diagnostics diagnostics;
  const auto policy = parse_policy(kPolicy, "doctor", diagnostics);
  if (!policy) return failure({"read", "doctor's own policy", "", "a bug"});
  return compile(*policy, {.ifindex = [](const std::string&) { return 0u; }});
}

// As apply() does, up to where it would pin something.
Result<void> load_filter(const Entry& entry) {
  const auto image = small_image();
  if (!image) return std::unexpected(image.error());
  const auto program = load_program(*image, {.entry = &entry});
  if (!program) return std::unexpected(program.error());
  return self_check(*program, *image);
}

void ask_bpf(HostFacts& facts) {
  const auto entry = load_entry();
  if (!entry) {
    facts.load = std::unexpected(entry.error());
    return;
  }
  if (const auto jited = is_jited(entry->program.get())) facts.jited = *jited;
  facts.load = load_filter(*entry);
  facts.extension_refused = dispatcher_refusal();
}

}  // namespace

HostFacts look_at_host(const std::string& proc) {
  HostFacts facts;
  facts.release = kernel_release();
  facts.root = ::geteuid() == 0;
  if (lacks_capabilities()) {
    facts.lacks = permission_hint({CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON});
  }
  facts.may_mount = has_capability(CAP_SYS_ADMIN);
  facts.state = look_for_state();
  facts.jit_setting = number_in(proc + "/sys/net/core/bpf_jit_enable");
  if (facts.root && facts.lacks.empty()) ask_bpf(facts);
  return facts;
}

}  // namespace xdpgate
