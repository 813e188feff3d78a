// SPDX-License-Identifier: GPL-2.0-only
// What PcapngWriter writes, block for block, and as our own reader has it.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstring>
#include <fstream>

#include "pcap/capture.h"
#include "pcap/pcapng_writer.h"
#include "tests/support/frame_bytes.h"
#include "tests/support/temp_dir.h"

namespace xdpgate::test {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kTime{1'700'000'000'123'456'789};

std::uint32_t word(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

// The types of the blocks of a file, whose two lengths must agree.
std::vector<std::uint32_t> blocks_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::uint32_t> types;
  for (std::size_t at = 0; at + 12 <= bytes.size();) {
    types.push_back(word(bytes, at));
    const std::uint32_t size = word(bytes, at + 4);
    EXPECT_EQ(size % 4, 0u);
    if (size < 12 || at + size > bytes.size()) return {};
    EXPECT_EQ(word(bytes, at + size - 4), size);
    at += size;
  }
  return types;
}

TEST(PcapngWriter, ItsFramesAreReadBack) {
  const TempDir dir;
  const std::string path = dir.path() + "/w.pcapng";
  auto writer = PcapngWriter::create(path, "a test");
  ASSERT_TRUE(writer) << writer.error().line();
  ASSERT_EQ(writer->add_interface("eth0", 96).value(), 0u);
  ASSERT_EQ(writer->add_interface("eth1", 96).value(), 1u);
  const Bytes frame = ether(0x88b5) + Bytes{1, 2, 3, 4, 5};
  for (std::uint32_t i = 0; i < 4; ++i) {  // lengths with and without padding
    const auto head = std::span(frame).first(frame.size() - i);
    ASSERT_TRUE(writer->write(
        {i % 2, kTime + nanoseconds(i), 100, head, std::string(i, 'x')}));
  }
  ASSERT_TRUE(writer->write_losses(9, 5));
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(blocks_of(path),
            (std::vector<std::uint32_t>{0x0a0d0d0a, 1, 1, 6, 6, 6, 6, 5}));
  auto reader = CaptureReader::open(path);
  ASSERT_TRUE(reader) << reader.error().line();
  Frame got;
  for (std::uint32_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(reader->next(got).value());
    EXPECT_EQ(got.time, kTime + nanoseconds(i));
    EXPECT_EQ(got.bytes.size(), 100u);
    EXPECT_EQ(got.captured_bytes, frame.size() - i);
    EXPECT_EQ(cut(got.bytes, frame.size() - i), cut(frame, frame.size() - i));
  }
  EXPECT_FALSE(reader->next(got).value());
}

TEST(PcapngWriter, CommentsAndNamesAreThere) {
  const TempDir dir;
  const std::string path = dir.path() + "/w.pcapng";
  {
    auto writer = PcapngWriter::create(path, "a test");
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->add_interface("eth0", 96));
    const Bytes frame = ether(0x88b5);
    ASSERT_TRUE(writer->write({0, kTime, 14, frame, "verdict=drop rule=a"}));
    ASSERT_TRUE(writer->flush());
  }
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(text.find(std::string("\x01\0\x13\0verdict=drop rule=a\0", 24)),
            std::string::npos);
  EXPECT_NE(text.find(std::string("\x02\0\x04\0eth0", 8)), std::string::npos);
  EXPECT_NE(text.find(std::string("\x04\0\x06\0a test", 10)),
            std::string::npos);
}

TEST(PcapngWriter, AFullDiskIsAnError) {
  auto writer = PcapngWriter::create("/dev/full", "a test");
  ASSERT_TRUE(writer);
  const auto flushed = writer->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().line(),
            "write /dev/full: No space left on device; make room there");
  EXPECT_FALSE(writer->reader_is_gone());
}

TEST(PcapngWriter, APathThatCannotBeIsAnError) {
  const auto writer = PcapngWriter::create("/nowhere/x.pcapng", "a test");
  ASSERT_FALSE(writer);
  EXPECT_EQ(
      writer.error().line(),
      "write /nowhere/x.pcapng: No such file or directory; name a file in a "
      "folder that is there and that you may write to");
}

}  // namespace
}  // namespace xdpgate::test
