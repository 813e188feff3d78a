// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/native_try.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "bpf/entry.h"

namespace xdpgate {
namespace {

// libbpf prints what the kernel says of a netlink request, and only that way.
std::string kernel_words;  // while one request runs

int listen(libbpf_print_level, const char* format, va_list arguments) {
  char line[512];
  std::vsnprintf(line, sizeof(line), format, arguments);
  const std::string_view text(line);
  constexpr std::string_view kMark = "Kernel error message: ";
  const auto at = text.find(kMark);
  if (at != std::string_view::npos) kernel_words = text.substr(at + kMark.size());
  kernel_words.erase(kernel_words.find_last_not_of('\n') + 1);
  return 0;
}

// What was refused is asked for once more, in the way that has words.
std::string words_of_refusal(int program_fd, std::uint32_t ifindex) {
  kernel_words.clear();
  const auto before = libbpf_set_print(listen);
  const int index = static_cast<int>(ifindex);
  const std::uint32_t flags = XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST;
  if (bpf_xdp_attach(index, program_fd, flags, nullptr) == 0) {
    LIBBPF_OPTS(bpf_xdp_attach_opts, ours);
    ours.old_prog_fd = program_fd;
    (void)bpf_xdp_detach(index, XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE, &ours);
  }
  libbpf_set_print(before);
  return kernel_words;
}

}  // namespace

Result<NativeTry> try_native(std::uint32_t ifindex, const std::string& name) {
  auto entry = load_entry();
  if (!entry) return std::unexpected(entry.error());
  LIBBPF_OPTS(bpf_link_create_opts, options);
  options.flags = XDP_FLAGS_DRV_MODE;
  const Fd link(bpf_link_create(entry->program.get(),
                                static_cast<int>(ifindex), BPF_XDP, &options));
  if (link) return NativeTry{};
  const int error = errno;
  if (error == EPERM || error == ENODEV) {
    return failure(system_error("attach a program to", name, error));
  }
  return NativeTry{error, words_of_refusal(entry->program.get(), ifindex)};
}

}  // namespace xdpgate
