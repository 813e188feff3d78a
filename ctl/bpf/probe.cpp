// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/probe.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <cerrno>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "base/fd.h"

namespace xdpgate {

Result<bool> is_jited(int program_fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) == 0) {
    return info.jited_prog_len > 0;
  }
  return failure(system_error("ask for", "a program's size", errno));
}

// A program that would extend the kernel itself: who takes the type at all
// says that this cannot be.
int extension_refusal() {
  const bpf_insn code[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0,
       .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0,
       .imm = 0}};
  char log[512] = "";
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  options.attach_btf_id = 1;
  options.log_buf = log;
  options.log_size = sizeof(log);
  options.log_level = 1;
  const Fd fd(bpf_prog_load(BPF_PROG_TYPE_EXT, "xg_probe", "GPL", code,
                            std::size(code), &options));
  if (fd) return 0;
  const int error = errno;
  const bool known =
      std::string_view(log).find("Cannot replace kernel functions") !=
      std::string_view::npos;
  return known ? 0 : error;
}

}  // namespace xdpgate
