// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/say.h"

namespace xdpgate {
namespace {

// The process that has the flock on the inode, out of /proc/locks, whose lines
// read "1: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE 0 EOF"; 0: not seen.
int holder_of(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return 0;
  const std::string inode = fmt::format("{:02x}:{:02x}:{}", major(info.st_dev),
                                        minor(info.st_dev), info.st_ino);
  std::ifstream locks("/proc/locks");
  std::string line;
  while (std::getline(locks, line)) {
    std::istringstream words(line);
    std::string number, kind, advice, access, pid, file;
    words >> number >> kind >> advice >> access >> pid >> file;
    if (kind == "FLOCK" && file == inode) return std::atoi(pid.c_str());
  }
  return 0;
}

std::string command_of(int pid) {
  std::ifstream file(fmt::format("/proc/{}/cmdline", pid));
  std::string command;
  std::getline(file, command);
  for (char& c : command) {
    if (c == '\0') c = ' ';
  }
  while (command.ends_with(' ')) command.pop_back();
  return command;
}

std::string holder_text(int fd) {
  const int pid = holder_of(fd);
  if (pid == 0) return "another xdpgate";
  return fmt::format("process {} ({})", pid, command_of(pid));
}

Fd open_directory(const std::string& path) {
  return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

std::optional<Lock> Lock::try_take(const std::string& directory) {
  Fd fd = open_directory(directory);
  if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return Lock(std::move(fd));
}

std::string Lock::holder(const std::string& directory) {
  return holder_text(open_directory(directory).get());
}

Result<Lock> Lock::take(const std::string& directory) {
  Fd fd = open_directory(directory);
  if (!fd) return failure(system_error("open", directory, errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return Lock(std::move(fd));
  if (errno == EWOULDBLOCK) {
    say("xdpgate: waiting for {} to finish\n", holder_text(fd.get()));
  }
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return failure(system_error("lock", directory, errno));
  }
  return Lock(std::move(fd));
}

}  // namespace xdpgate
