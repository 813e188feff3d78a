// SPDX-License-Identifier: GPL-2.0-only
#include "base/result.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "base/fd.h"

namespace xdpgate {
namespace {

TEST(Error, IsOneLineOfWhatItHas) {
  EXPECT_EQ(
      Error({"attach the filter to", "eth0", "it is busy", "detach it"}).line(),
      "attach the filter to eth0: it is busy; detach it");
  EXPECT_EQ(Error({"run", "", "out of memory", ""}).line(),
            "run: out of memory");
  EXPECT_EQ(system_error("read", "x", ENOENT).line(),
            "read x: No such file or directory");
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(Fd, ClosesWhatItOwnsOnce) {
  const int first = ::dup(STDERR_FILENO), second = ::dup(STDERR_FILENO);
  {
    Fd a(first), b(second);
    a = std::move(b);
    EXPECT_FALSE(is_open(first));
    EXPECT_TRUE(is_open(second));
    EXPECT_FALSE(b);
    Fd c(std::move(a));
    EXPECT_EQ(c.get(), second);
  }
  EXPECT_FALSE(is_open(second));
  const int third = ::dup(STDERR_FILENO);
  EXPECT_EQ(Fd(third).release(), third);
  EXPECT_TRUE(is_open(third));
  ::close(third);
}

}  // namespace
}  // namespace xdpgate
