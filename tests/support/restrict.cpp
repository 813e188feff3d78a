// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/restrict.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace xdpgate::test {

// Root gains at exec what the bounding set allows.
std::function<bool()> without_capabilities(
    std::initializer_list<int> capabilities) {
  return [list = std::vector<int>(capabilities)] {
    return std::ranges::all_of(list, [](int capability) {
      return ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0;
    });
  };
}

std::function<bool()> with_memory(std::size_t bytes) {
  return [bytes] {
    const rlimit limit{bytes, bytes};
    return ::setrlimit(RLIMIT_AS, &limit) == 0;
  };
}

std::function<bool()> with_bpf_failing(int command, int error) {
  const auto fail =
      SECCOMP_RET_ERRNO | (static_cast<__u32>(error) & SECCOMP_RET_DATA);
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  if (command >= 0) {  // its number fits the lower half of the argument
    program.push_back(
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                               static_cast<__u32>(command), 1, 0));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, fail));
  return [program] {
    sock_fprog filter{static_cast<unsigned short>(program.size()),
                      const_cast<sock_filter*>(program.data())};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
  };
}

}  // namespace xdpgate::test
