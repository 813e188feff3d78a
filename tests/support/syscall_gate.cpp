// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/syscall_gate.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <map>
#include <stdexcept>

namespace xdpgate::test {
namespace {

const std::map<int, const char*>& gated_calls() {
  static const std::map<int, const char*> all = {
#ifdef SYS_mkdir  // newer architectures have only the ...at calls
      {SYS_mkdir, "mkdir"},   {SYS_rmdir, "rmdir"},
      {SYS_unlink, "unlink"}, {SYS_rename, "rename"},
#endif
#ifdef SYS_renameat
      {SYS_renameat, "renameat"},
#endif
      {SYS_mkdirat, "mkdirat"},
      {SYS_unlinkat, "unlinkat"},
      {SYS_renameat2, "renameat2"},
      {SYS_bpf, "bpf"},
      {SYS_flock, "flock"},
      {SYS_membarrier, "membarrier"}};
  return all;
}

// "If the call is one of these, ask the listener."
std::vector<sock_filter> gate_program() {
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const auto& [number, name] : gated_calls()) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                               static_cast<__u32>(number), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return program;
}

bool send_fd(int socket, int fd) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof(space);
  cmsghdr* control = CMSG_FIRSTHDR(&message);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(control), &fd, sizeof(fd));
  return ::sendmsg(socket, &message, 0) == 1;
}

Fd receive_fd(int socket) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof(space);
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1) return Fd();
  const cmsghdr* control = CMSG_FIRSTHDR(&message);
  if (control == nullptr) return Fd();
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(control), sizeof(fd));
  return Fd(fd);
}

// In the child: the gate, and its listener to the parent.
bool close_gate(const std::vector<sock_filter>& program, int socket) {
  sock_fprog filter{static_cast<unsigned short>(program.size()),
                    const_cast<sock_filter*>(program.data())};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const Fd listener(static_cast<int>(
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter)));
  return listener && send_fd(socket, listener.get());
}

// The parent's side of the gate.
class Keeper {
 public:
  Keeper(const Child& child, Fd listener, const Gate& gate)
      : child_(child), listener_(std::move(listener)), gate_(gate) {}

  // Until the process has ended, or nothing comes any more. Before Linux 6.11
  // the listener does not tell the end of a process that is not reaped yet.
  void serve(Gated& result) {
    const Fd process(
        static_cast<int>(::syscall(SYS_pidfd_open, child_.pid(), 0)));
    for (;;) {
      pollfd asked[] = {{listener_.get(), POLLIN, 0},
                        {process.get(), POLLIN, 0}};
      if (::poll(asked, std::size(asked), 60'000) <= 0 && errno != EINTR) {
        return;
      }
      if ((asked[0].revents & POLLIN) == 0) return;
      serve_one(result);
    }
  }

 private:
  void serve_one(Gated& result) {
    seccomp_notif call{};
    if (::ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) return;
    seccomp_notif_resp answer{call.id, 0, 0,
                              SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    result.calls.push_back(words(call.data));
    if (std::ssize(result.calls) - 1 == gate_.at && !let_go_on(answer)) return;
    ::ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }

  // What becomes of the chosen call; false: there is nobody left to answer.
  bool let_go_on(seccomp_notif_resp& answer) const {
    if (gate_.meanwhile) {
      gate_.meanwhile();
    } else if (gate_.error == 0) {
      child_.signal(SIGKILL);
      return false;
    } else {
      answer.flags = 0;
      answer.error = -gate_.error;
    }
    return true;
  }

  static std::string words(const seccomp_data& data) {
    std::string text = gated_calls().at(data.nr);
    if (data.nr == SYS_bpf) text += " " + std::to_string(data.args[0]);
    return text;
  }

  const Child& child_;
  Fd listener_;
  Gate gate_;
};

}  // namespace

Gated run_gated(const std::vector<std::string>& argv, const Gate& gate) {
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    throw std::runtime_error("socketpair");
  }
  const Fd ours(sockets[0]);
  Fd theirs(sockets[1]);
  const auto program = gate_program();
  ChildOptions options;
  options.before_exec = [&] { return close_gate(program, theirs.get()); };
  Child child = Child::start(argv, options);
  theirs.reset();
  Gated result;
  result.pid = child.pid();
  Keeper(child, receive_fd(ours.get()), gate).serve(result);
  auto finished = child.wait(Milliseconds(60'000));
  if (finished) {
    result.finished = *finished;
  } else {
    ADD_FAILURE() << "it does not end";
  }
  return result;
}

}  // namespace xdpgate::test
