// SPDX-License-Identifier: GPL-2.0-only
#include "base/text_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "tests/support/temp_dir.h"

namespace xdpgate::test {
namespace {

TEST(TextFile, IsReadWhole) {
  const TempDir dir;
  const std::string text =
      std::string("a\0b\r\n", 5) + std::string(300'000, 'x');
  EXPECT_EQ(read_text_file(dir.write("f", text), 1 << 20), text);
  EXPECT_EQ(read_text_file(dir.write("empty", std::string()), 10), "");
}

TEST(TextFile, MayBeAsLongAsItsLimit) {
  const TempDir dir;
  const auto path = dir.write("f", std::string(100, 'x'));
  EXPECT_EQ(read_text_file(path, 100), std::string(100, 'x'));
  auto beyond = read_text_file(path, 99);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().line(),
            "read " + path + ": it has more than 99 bytes");
}

TEST(TextFile, OfADeviceWithoutEndStopsAtTheLimit) {
  auto zero = read_text_file("/dev/zero", 1'000'000);
  ASSERT_FALSE(zero);
  EXPECT_EQ(zero.error().cause, "it has more than 1000000 bytes");
}

TEST(TextFile, FromAPipe) {
  const TempDir dir;
  const std::string path = dir.path() + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::string text(200'000, 'y');
  std::thread writer([&] { std::ofstream(path) << text; });
  EXPECT_EQ(read_text_file(path, 1 << 20), text);
  writer.join();
}

TEST(TextFile, ThatCannotBeRead) {
  const TempDir dir;
  EXPECT_EQ(read_text_file(dir.path() + "/none", 10).error().cause,
            "No such file or directory");
  EXPECT_EQ(read_text_file(dir.path(), 10).error().cause, "Is a directory");
}

}  // namespace
}  // namespace xdpgate::test
