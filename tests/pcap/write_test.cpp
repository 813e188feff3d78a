// SPDX-License-Identifier: GPL-2.0-only
// What is written is read back: bytes, lengths before and after snapping, times
// to the nanosecond.
#include <gtest/gtest.h>

#include "tests/pcap/read_back.h"
#include "tests/support/capture_bytes.h"
#include "tests/support/temp_dir.h"

namespace xdpgate::test {
namespace {

const Bytes kArp = ether(0x0806) + zeros(28);

Frame frame(const Bytes& bytes, std::uint32_t captured, std::int64_t ns) {
  return {bytes, captured, std::chrono::nanoseconds(ns), 1};
}

TEST(Write, ReadsBack) {
  const TempDir dir;
  const std::string path = dir.path() + "/out.pcap";
  const std::vector<Frame> frames = {
      frame(kArp, 42, 0),
      frame(kArp, 42, 1'700'000'000'123'456'789),
      frame(kArp + zeros(1'458), 42, 4'294'967'295'999'999'999),
      frame({}, 0, 1),
      frame(zeros(kMaxFrameBytes), kMaxFrameBytes, 999'999'999),
  };
  auto writer = CaptureWriter::create(path);
  ASSERT_TRUE(writer) << writer.error().line();
  for (const Frame& each : frames) ASSERT_TRUE(writer->write(each));
  ASSERT_TRUE(writer->close());
  const auto read = read_path(path);
  EXPECT_EQ(read.error, "");
  ASSERT_EQ(read.frames.size(), frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(read.frames[i].bytes, frames[i].bytes) << i;
    EXPECT_EQ(read.frames[i].captured_bytes, frames[i].captured_bytes) << i;
    EXPECT_EQ(read.frames[i].time, frames[i].time) << i;
    EXPECT_EQ(read.frames[i].number, i + 1) << i;
  }
}

TEST(Write, WithoutFramesIsACapture) {
  const TempDir dir;
  const std::string path = dir.path() + "/out.pcap";
  auto writer = CaptureWriter::create(path);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(text_of(read_path(path)), "");
}

TEST(Write, TimeOutsideOfTheFormat) {
  const TempDir dir;
  auto writer = CaptureWriter::create(dir.path() + "/out.pcap");
  ASSERT_TRUE(writer);
  for (std::int64_t ns : {std::int64_t{-1}, 4'294'967'296'000'000'000}) {
    auto written = writer->write(frame(kArp, 42, ns));
    ASSERT_FALSE(written) << ns;
    EXPECT_EQ(written.error().cause,
              "the time of frame 1 is outside 1970-2106, which is what a pcap "
              "file holds");
  }
}

TEST(Write, WhereItCannot) {
  const TempDir dir;
  auto nowhere = CaptureWriter::create(dir.path() + "/none/out.pcap");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(
      without_path(nowhere.error().line(), dir.path()),
      "write F/none/out.pcap: No such file or directory; name a file in a "
      "folder that is there and that you may write to");
}

TEST(Write, FullDiskIsAnErrorAtCloseAtTheLatest) {
  auto writer = CaptureWriter::create("/dev/full");
  bool failed = !writer;
  for (int i = 0; i < 1'000 && !failed; ++i) {
    failed = !writer->write(frame(zeros(1'500), 1'500, i));
  }
  if (!failed) failed = !writer->close();
  EXPECT_TRUE(failed);
}

}  // namespace
}  // namespace xdpgate::test
