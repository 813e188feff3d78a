// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/link.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "bpf/permission.h"

namespace xdpgate {
namespace {

const char* mode_of(std::uint8_t attach_mode) {
  switch (attach_mode) {
    case XDP_ATTACHED_DRV:
      return "native";
    case XDP_ATTACHED_SKB:
      return "generic";
    case XDP_ATTACHED_HW:
      return "offloaded";
    default:
      return "";
  }
}

int create(int program_fd, std::uint32_t ifindex, std::uint32_t flags) {
  LIBBPF_OPTS(bpf_link_create_opts, options);
  options.flags = flags;
  const int fd = bpf_link_create(program_fd, static_cast<int>(ifindex), BPF_XDP,
                                 &options);
  return fd >= 0 ? fd : -errno;
}

std::string hint_for(int error, Mode mode) {
  if (error == EPERM) return permission_hint({CAP_BPF, CAP_NET_ADMIN});
  if (mode == Mode::kNative) return "or take --mode generic";
  return "";
}

}  // namespace

std::string native_refusal(int error) {
  std::string why = std::strerror(error);
  if (error == EOPNOTSUPP) return why + " (the driver has no native XDP)";
  if (error == EINVAL || error == ERANGE) {
    return why + " (MTU or LRO; see `ip link`, `ethtool -k`, `dmesg`)";
  }
  if (error == ENOMEM || error == ENOSPC) {
    return why + " (too few queues or rings; see `ethtool -L`)";
  }
  return why;
}

Result<Carried> carried_by(std::uint32_t ifindex, const std::string& name) {
  LIBBPF_OPTS(bpf_xdp_query_opts, query);
  const int error = bpf_xdp_query(static_cast<int>(ifindex), 0, &query);
  if (error != 0) {
    return failure(system_error("ask for the XDP program of", name, -error));
  }
  Carried carried;
  carried.mode = mode_of(query.attach_mode);
  carried.program_id = query.drv_prog_id   ? query.drv_prog_id
                       : query.skb_prog_id ? query.skb_prog_id
                       : query.hw_prog_id  ? query.hw_prog_id
                                           : query.prog_id;
  return carried;
}

Result<NewLink> attach(int program_fd, std::uint32_t ifindex,
                       const std::string& name, Mode mode) {
  NewLink link;
  link.asked = mode;
  int error = 0;
  if (mode != Mode::kGeneric) {
    const int fd = create(program_fd, ifindex, XDP_FLAGS_DRV_MODE);
    if (fd >= 0) return NewLink{Fd(fd), "native", 0, mode, 0};
    error = -fd;
    link.refused = error;
  }
  if (mode != Mode::kNative && error != EPERM && error != EBUSY) {
    const int fd = create(program_fd, ifindex, XDP_FLAGS_SKB_MODE);
    if (fd >= 0) {
      link.fd = Fd(fd);
      link.mode = "generic";
      return link;
    }
    error = -fd;
  }
  Error result =
      system_error("attach the filter to", name, error, hint_for(error, mode));
  if (mode == Mode::kNative) result.cause = native_refusal(error);
  return failure(std::move(result));
}

Result<std::uint32_t> link_ifindex(int link_fd) {
  bpf_link_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(link_fd, &info, &size) == 0) {
    return info.xdp.ifindex;
  }
  return failure(system_error("ask for", "a link's interface", errno));
}

std::string program_name(std::uint32_t program_id) {
  Fd fd(bpf_prog_get_fd_by_id(program_id));
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) return "";
  return info.name;
}

std::uint64_t this_netns() {
  struct stat info {};
  return ::stat("/proc/self/ns/net", &info) == 0 ? info.st_ino : 0;
}

}  // namespace xdpgate
