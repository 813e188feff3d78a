// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/child.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace xdpgate::test {
namespace {

constexpr Milliseconds kPatience{60'000};

// All that was written to a memory file.
std::string content(int fd) {
  std::string text;
  char buffer[4096];
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(fd, buffer, sizeof(buffer), at);
    if (got <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    at += got;
  }
}

[[noreturn]] void become(const std::vector<std::string>& argv,
                         const ChildOptions& options, int out, int err) {
  ::dup2(options.stdout_fd >= 0 ? options.stdout_fd : out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::unsetenv("SSH_CONNECTION");  // what is printed may depend on it
  if (options.before_exec && !options.before_exec()) ::_exit(127);
  std::vector<char*> words;
  for (const std::string& word : argv) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  ::_exit(127);
}

}  // namespace

Child Child::start(const std::vector<std::string>& argv,
                   const ChildOptions& options) {
  Child child;
  child.out_ = Fd(::memfd_create("out", MFD_CLOEXEC));
  child.err_ = Fd(::memfd_create("err", MFD_CLOEXEC));
  child.pid_ = ::fork();
  if (child.pid_ < 0) throw std::runtime_error("fork");
  if (child.pid_ == 0) {
    become(argv, options, child.out_.get(), child.err_.get());
  }
  child.pidfd_ =
      Fd(static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0)));
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      pidfd_(std::move(other.pidfd_)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)) {}

Child::~Child() {
  if (pid_ == 0) return;
  signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Child::signal(int number) const { ::kill(pid_, number); }

std::string Child::err() const { return content(err_.get()); }

std::optional<Finished> Child::wait(Milliseconds limit) {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  while (::poll(&ended, 1, static_cast<int>(limit.count())) < 0) {
    if (errno != EINTR) return std::nullopt;
  }
  if (ended.revents == 0) return std::nullopt;
  int status = 0;
  ::waitpid(std::exchange(pid_, 0), &status, 0);
  return Finished{WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
                  content(out_.get()), err()};
}

Finished run(const std::vector<std::string>& argv,
             const ChildOptions& options) {
  Child child = Child::start(argv, options);
  if (auto finished = child.wait(kPatience)) return *finished;
  ADD_FAILURE() << argv[0] << " takes too long; it said: " << child.err();
  return {-SIGKILL, "", child.err()};
}

std::vector<std::string> tool_argv(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), XG_TOOL);
  return arguments;
}

Finished tool(std::vector<std::string> arguments,
              const ChildOptions& options) {
  return run(tool_argv(std::move(arguments)), options);
}

}  // namespace xdpgate::test
