// SPDX-License-Identifier: GPL-2.0-only
// A limit that two CPUs charge at once lets through what it says, and no more.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "bpf/live_counters.h"
#include "bpf/program.h"
#include "compile/compile.h"
#include "policy/load.h"
#include "tests/support/frame_bytes.h"
#include "tests/support/privilege.h"

namespace xdpgate::test {
namespace {

// Packets a second; packets. A burst of a second, so that a pause of the whole
// machine loses nothing.
constexpr double kRate = 100'000, kBurst = 100'000;
constexpr int kPacketsEach = 3'000'000;

Image image_of(const std::string& per) {
  Diagnostics diagnostics;
  const auto policy = parse_policy(
      fmt::format("version: 1\nname: p\nrules:\n  - {{name: r, action: pass, "
                  "limit: {{rate: {}/s, burst: {}, per: {}}}}}\n",
                  kRate, kBurst, per),
      "policy", diagnostics);
  return compile(policy.value(), {}).value();
}

// Sends the same packet again and again through the program, on one CPU.
void run_on(int cpu, int program_fd) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  (void)::sched_setaffinity(0, sizeof(cpus), &cpus);
  const Bytes frame = ether(0x0800) + ipv4({}, tcp()) + zeros(10);
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<std::uint32_t>(frame.size());
  options.repeat = kPacketsEach;
  EXPECT_EQ(bpf_prog_test_run_opts(program_fd, &options), 0);
}

class Limit : public testing::TestWithParam<const char*> {};

TEST_P(Limit, OfTwoCpusLetsNoMoreThroughThanItSays) {
  XG_NEED_BPF();
  const Image image = image_of(GetParam());
  auto program = load_program(image);
  ASSERT_TRUE(program) << program.error().line();
  const int cpus = static_cast<int>(std::thread::hardware_concurrency());
  const std::uint64_t start = boottime_ns();
  std::thread one(run_on, 0, program->fd());
  std::thread other(run_on, 1 % cpus, program->fd());
  one.join();
  other.join();
  const double seconds = static_cast<double>(boottime_ns() - start) / 1e9;
  const auto counters =
      read_live_counters(program->counters_fd(), program->slot_count()).value();
  const auto all = counters[XG_SLOT_RULE].packets;
  const auto within = all - counters[XG_SLOT_RULE + 1].packets;
  const double granted = kBurst + kRate * seconds;
  fmt::print("per {}: {} of {} packets in {:.3f} s within the limit, {:.3f} % "
             "of what it grants\n",
             GetParam(), within, all, seconds,
             100 * static_cast<double>(within) / granted);
  EXPECT_EQ(all, 2u * kPacketsEach);
  EXPECT_LE(static_cast<double>(within), granted);
  EXPECT_GE(static_cast<double>(within), kBurst);
}

INSTANTIATE_TEST_SUITE_P(Per, Limit, testing::Values("rule", "src"));

}  // namespace
}  // namespace xdpgate::test
