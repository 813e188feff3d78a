// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/load_error.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "bpf/permission.h"

namespace xdpgate {
namespace {

// What of the object this kernel does not know, in words; empty: it knows all.
std::string missing_type(bpf_object* object) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const bpf_map_type type = bpf_map__type(map);
    if (!bpf_map__autocreate(map) || libbpf_probe_bpf_map_type(type, nullptr)) {
      continue;
    }
    return fmt::format("this kernel makes no maps of type {} (`{}`)",
                       libbpf_bpf_map_type_str(type), bpf_map__name(map));
  }
  return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, nullptr) == 0
             ? "this kernel takes no XDP programs"
             : "";
}

std::string refusal_hint() {
  if (!has_capability(CAP_PERFMON)) return permission_hint({CAP_PERFMON});
  return "the kernel's verifier refused it; 6.1 is the oldest kernel that is "
         "supported";
}

std::string hint_for(int errno_value) {
  switch (errno_value) {
    case EPERM:
      return permission_hint({CAP_BPF, CAP_NET_ADMIN});
    case ENOMEM:
    case E2BIG:
      return "free memory, raise the cgroup's limit, or make the policy "
             "smaller";
    case ENOSYS:
      return "the kernel is built without CONFIG_BPF_SYSCALL";
    default:
      return "";
  }
}

}  // namespace

Error load_error(int errno_value, bpf_object* object, std::string what,
                 std::string_view verifier_words) {
  Error error = system_error("load", std::move(what), errno_value,
                             hint_for(errno_value));
  if (!verifier_words.empty()) {
    error.cause += fmt::format(": {}", verifier_words);
    error.hint = refusal_hint();
    return error;
  }
  if (!error.hint.empty()) return error;
  if (std::string missing = missing_type(object); !missing.empty()) {
    error.cause += ": " + missing;
    error.hint = "boot a kernel with CONFIG_BPF_SYSCALL and CONFIG_NET, 6.1 or "
                 "later; in a container, allow the bpf system call";
  }
  return error;
}

}  // namespace xdpgate
