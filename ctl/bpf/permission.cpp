// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/permission.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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

using CapabilityWords =
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

// capget() or capset() of the calling thread; false with errno set.
bool capabilities(long call, CapabilityWords& words) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(call, &header, words.data()) == 0;
}

std::uint64_t effective_capabilities() {
  CapabilityWords words{};
  if (!capabilities(SYS_capget, words)) return 0;
  return words[0].effective | std::uint64_t{words[1].effective} << 32;
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

Result<void> keep_capabilities(std::initializer_list<int> kept) {
  std::uint64_t wanted = 0;
  for (int capability : kept) wanted |= std::uint64_t{1} << capability;
  wanted &= effective_capabilities();
  CapabilityWords words{};
  words[0].effective = words[0].permitted = static_cast<__u32>(wanted);
  words[1].effective = words[1].permitted = static_cast<__u32>(wanted >> 32);
  // Else root would have them all again behind an exec().
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
      capabilities(SYS_capset, words)) {
    return {};
  }
  return failure(system_error("give up", "capabilities", errno));
}

}  // namespace xdpgate
