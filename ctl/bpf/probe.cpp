// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/probe.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <cerrno>
#include <cstdint>

namespace xdpgate {

Result<bool> is_jited(int program_fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) == 0) {
    return info.jited_prog_len > 0;
  }
  return failure(system_error("ask for", "a program's size", errno));
}

}  // namespace xdpgate
