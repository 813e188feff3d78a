// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/permission.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <vector>

namespace xdpgate {
namespace {

const char* name_of(int capability) {
  switch (capability) {
    case CAP_BPF:
      return "CAP_BPF";
    case CAP_NET_ADMIN:
      return "CAP_NET_ADMIN";
    case CAP_PERFMON:
      return "CAP_PERFMON";
    case CAP_SYS_ADMIN:
      return "CAP_SYS_ADMIN";
    default:
      return "a capability";
  }
}

std::uint64_t effective_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return 0;
  return data[0].effective | std::uint64_t{data[1].effective} << 32;
}

// The first user namespace maps every id to itself.
bool in_user_namespace() {
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0, outside = 0, count = 0;
  map >> inside >> outside >> count;
  return map && (inside != outside || count != 0xffff'ffff);
}

}  // namespace

bool has_capability(int capability) {
  const std::uint64_t effective = effective_capabilities();
  const auto has = [&](int c) { return (effective >> c & 1) != 0; };
  return has(capability) || has(CAP_SYS_ADMIN);
}

std::string permission_hint(std::initializer_list<int> needed) {
  std::vector<std::string> missing;
  for (int capability : needed) {
    if (!has_capability(capability)) missing.push_back(name_of(capability));
  }
  if (!missing.empty()) {
    return fmt::format("this process lacks {}: run as root with all "
                       "capabilities",
                       fmt::join(missing, " and "));
  }
  if (in_user_namespace()) {
    return "this process is in a user namespace, whose capabilities do not "
           "count here: run as the host's root";
  }
  return "a container's seccomp profile, a security module or the kernel's "
         "lockdown forbids it; see `dmesg`";
}

}  // namespace xdpgate
