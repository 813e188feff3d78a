// SPDX-License-Identifier: GPL-2.0-only
// The bench's harness: every packet of a trace goes through the program under
// test, and medians are taken over the quiet rounds. No test is timed.
#include "bpf/bench.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <array>

#include "base/fd.h"
#include "bpf/live_counters.h"
#include "bpf/program.h"
#include "compile/compile.h"
#include "policy/load.h"
#include "tests/support/frame_bytes.h"
#include "tests/support/privilege.h"

namespace xdpgate::test {
namespace {

Image image_of(const std::string& text) {
  Diagnostics diagnostics;
  auto policy = parse_policy(text, "policy", diagnostics);
  EXPECT_TRUE(policy) << text;
  return compile(*policy, {}).value();
}

// A UDP packet from 192.0.2.1 to 198.51.100.`host`.
Bytes udp_to(std::uint8_t host) {
  Bytes frame = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,   // Ethernet
                 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0,   // IPv4
                 192, 0, 2, 1, 198, 51, 100, host,           //
                 0x10, 0, 0, 53, 0, 8, 0, 0};                // UDP
  return frame;
}

// A program that drops, of our kind or of others'.
Fd dropping_program(bool ours) {
  const bpf_insn code[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_DROP},
                           {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  bpf_prog_load_opts options{};
  options.sz = sizeof(options);
  options.prog_flags = ours ? BPF_F_XDP_HAS_FRAGS : 0;
  options.expected_attach_type = ours ? bpf_attach_type{} : BPF_XDP;
  return Fd(bpf_prog_load(BPF_PROG_TYPE_XDP, "drop", "GPL", code, 2, &options));
}

TEST(Bench, TakesProgramsOfTheKindAskedFor) {
  XG_NEED_BPF();
  for (const bool ours : {false, true}) {
    const Fd program = dropping_program(ours);
    ASSERT_TRUE(program);
    auto bench = Bench::create({{udp_to(1)}}, {.ours = ours});
    ASSERT_TRUE(bench) << bench.error().line();
    const auto took = bench->pass(program.get());
    EXPECT_TRUE(took) << "ours " << ours << ": " << took.error().line();
  }
}

TEST(Bench, TakesTheProgramThroughEveryPacketOfTheTrace) {
  XG_NEED_BPF();
  const Image image = image_of(
      "version: 1\nname: p\ndefault: drop\nrules:\n"
      "  - {name: one, match: {dst: 198.51.100.1}, action: pass}\n"
      "  - {name: two, match: {dst: 198.51.100.2}, action: drop}\n");
  auto program = load_program(image);
  ASSERT_TRUE(program) << program.error().line();
  // Of different lengths: the short ones are padded.
  BenchTrace trace{{udp_to(1), udp_to(2), udp_to(2), udp_to(9)}};
  trace.frames[0].resize(90);
  auto bench = Bench::create(trace, {.features = image.header().features});
  ASSERT_TRUE(bench) << bench.error().line();
  for (int pass = 0; pass < 3; ++pass) {
    auto took = bench->pass(program->fd());
    ASSERT_TRUE(took) << took.error().line();
  }
  const auto counters =
      read_live_counters(program->counters_fd(), XG_SLOT_RULE + 2);
  ASSERT_TRUE(counters);
  EXPECT_EQ((*counters)[XG_SLOT_RULE].packets, 3u);
  EXPECT_EQ((*counters)[XG_SLOT_RULE + 1].packets, 6u);
  EXPECT_EQ((*counters)[XG_SLOT_DEFAULT].packets, 3u);
}

TEST(Bench, RunsTheFloorAndTheReader) {
  XG_NEED_BPF();
  auto bench = Bench::create({{udp_to(1), udp_to(2)}});
  ASSERT_TRUE(bench) << bench.error().line();
  EXPECT_EQ(bench->packets(), 2u);
  const std::array fds = {bench->floor_fd(), bench->parse_fd()};
  const auto times = time_rounds(*bench, fds, 5);
  ASSERT_TRUE(times) << times.error().line();
  ASSERT_EQ(times->size(), 2u);
  EXPECT_EQ((*times)[1].size(), 5u);
}

TEST(Bench, AnEmptyTraceIsAnError) {
  const auto bench = Bench::create({});
  ASSERT_FALSE(bench);
  EXPECT_EQ(bench.error().line(), "time the trace: it has no frames");
}

TEST(Bench, MediansAreThoseOfTheRoundsWithAQuietFloor) {
  // In rounds 0 and 4 to 7 the floor is within a tenth of its least.
  const BenchTimes times = {{10, 20, 30, 15, 11, 10, 10, 11},
                            {50, 90, 99, 80, 51, 52, 53, 54}};
  EXPECT_EQ(quiet_medians(times), (std::vector<double>{10, 52}));
}

TEST(Bench, MediansAreOfFiveRoundsAtLeast) {
  const BenchTimes times = {{10, 20, 30, 40, 50, 60}, {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(quiet_medians(times), (std::vector<double>{30, 3}));
}

}  // namespace
}  // namespace xdpgate::test
