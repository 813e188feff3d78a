// SPDX-License-Identifier: GPL-2.0-only
#include "base/text_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"

namespace xdpgate {
namespace {

constexpr std::size_t kFirstBytes = 64 * 1024;

// Room for one more read: a file's size where it has one.
std::size_t next_size(int fd, std::size_t have, std::size_t max_bytes) {
  std::size_t want = std::max(have * 2, kFirstBytes);
  struct stat info = {};
  if (have == 0 && ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    want = static_cast<std::size_t>(info.st_size) + 1;
  }
  return std::min(want, max_bytes);
}

Result<std::string> read_start(int fd, const std::string& path,
                               std::size_t max_bytes) {
  std::string text;
  std::size_t size = 0;
  while (size < max_bytes) {
    if (size == text.size()) text.resize(next_size(fd, size, max_bytes));
    ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(system_error("read", path, errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

Result<void> write_all(int fd, const std::string& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(system_error("write", path, errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::string> read_text_start(const std::string& path,
                                    std::size_t max_bytes) {
  if (path == "-") return read_start(STDIN_FILENO, "standard input", max_bytes);
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return failure(system_error("read", path, errno));
  return read_start(fd.get(), path, max_bytes);
}

Result<std::string> read_text_file(const std::string& path,
                                   std::size_t max_bytes) {
  auto text = read_text_start(path, max_bytes + 1);
  if (!text || text->size() <= max_bytes) return text;
  return failure(
      {"read", path, fmt::format("it has more than {} bytes", max_bytes), {}});
}

Result<void> write_text_file(const std::string& path, std::string_view text) {
  const Fd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd) return failure(system_error("create", path, errno, kWhereToWrite));
  return write_all(fd.get(), path, text);
}

}  // namespace xdpgate
