// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/bench.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdpgate/abi.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "bench.skel.h"
#include "bpf/entry.h"
#include "bpf/entry_skeleton.h"
#include "bpf/mapping.h"

namespace xdpgate {
namespace {

constexpr std::size_t kHeadMax = 256;      // XG_HEAD_MAX of bench.bpf.c
constexpr std::size_t kLeastFrame = 64;
constexpr std::size_t kLongestFrame = 3000;  // in one buffer, beside headroom
constexpr std::size_t kQuietLeast = 5;
constexpr double kQuiet = 1.1;

std::size_t longest(const BenchTrace& trace) {
  std::size_t size = kLeastFrame;
  for (const auto& frame : trace.frames) size = std::max(size, frame.size());
  return std::min(size, kLongestFrame);
}

// Bytes of a head: what the longest frame needs, in whole words.
std::size_t head_bytes(const BenchTrace& trace) {
  std::size_t size = 16;
  for (const auto& frame : trace.frames) size = std::max(size, frame.size());
  return (std::min(size, kHeadMax) + 7) / 8 * 8;
}

int configure(bench& skeleton, std::size_t head, std::size_t frames,
              const BenchOptions& options) {
  skeleton.rodata->xg_head = static_cast<std::uint32_t>(head);
  skeleton.rodata->xg_heads_bytes = static_cast<std::uint32_t>(head * frames);
  skeleton.rodata->xg_features = options.features;
  const std::uint32_t flags = options.ours ? BPF_F_XDP_HAS_FRAGS : 0;
  for (bpf_program* program :
       {skeleton.progs.xg_bench, skeleton.progs.xg_bench_floor,
        skeleton.progs.xg_bench_parse}) {
    bpf_program__set_flags(program, flags);
    if (options.ours) set_attach_type(program);
  }
  return bpf_map__set_value_size(skeleton.maps.heads,
                                 static_cast<std::uint32_t>(head * frames));
}

Result<void> fill(int heads_fd, const BenchTrace& trace, std::size_t head) {
  const std::size_t size = head * trace.frames.size();
  Mapping mapping = Mapping::of(heads_fd, size, PROT_READ | PROT_WRITE);
  if (!mapping) return failure(system_error("map", "the trace", errno));
  std::uint8_t* to = mapping.data();
  for (const auto& frame : trace.frames) {
    std::memcpy(to, frame.data(), std::min(frame.size(), head));
    to += head;
  }
  return {};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle]
                           : (values[middle - 1] + values[middle]) / 2;
}

// The rounds in which the floor was quiet.
std::vector<std::size_t> quiet_rounds(const std::vector<double>& floor) {
  std::vector<std::size_t> order(floor.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t i) { return floor[i]; });
  std::size_t keep = 0;
  while (keep < order.size() && (keep < kQuietLeast ||
                                 floor[order[keep]] <= kQuiet * floor[order[0]])) {
    ++keep;
  }
  order.resize(keep);
  return order;
}

}  // namespace

void Bench::Destroy::operator()(bench* skeleton) const {
  bench__destroy(skeleton);
}

Result<Bench> Bench::create(const BenchTrace& trace,
                            const BenchOptions& options) {
  if (trace.frames.empty()) {
    return failure({"time", "the trace", "it has no frames", ""});
  }
  libbpf_set_print(nullptr);  // what it would print is in the Error
  Bench made;
  made.skeleton_.reset(bench__open());
  if (!made.skeleton_) {
    return failure(system_error("open", "the embedded bench", errno));
  }
  const std::size_t head = head_bytes(trace);
  if (int error = configure(*made.skeleton_, head, trace.frames.size(),
                            options)) {
    return failure(system_error("size", "the bench's trace", -error));
  }
  if (int error = bench__load(made.skeleton_.get())) {
    return failure(system_error("load", "the bench", -error,
                                "run as root, or with CAP_BPF, CAP_NET_ADMIN "
                                "and CAP_PERFMON"));
  }
  auto filled = fill(bpf_map__fd(made.skeleton_->maps.heads), trace, head);
  if (!filled) return std::unexpected(filled.error());
  made.frame_.resize(std::max(head, longest(trace)));
  made.packets_ = static_cast<std::uint32_t>(trace.frames.size());
  return made;
}

int Bench::floor_fd() const {
  return bpf_program__fd(skeleton_->progs.xg_bench_floor);
}
int Bench::parse_fd() const {
  return bpf_program__fd(skeleton_->progs.xg_bench_parse);
}

Result<double> Bench::pass(int program_fd) {
  auto set = put_in_force(bpf_map__fd(skeleton_->maps.slots), program_fd);
  if (!set) return std::unexpected(set.error());
  skeleton_->bss->xg_cursor = 0;
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame_.data();
  options.data_size_in = static_cast<std::uint32_t>(frame_.size());
  options.repeat = static_cast<int>(packets_);
  if (bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.xg_bench),
                             &options) != 0) {
    return failure(system_error("run", "the bench", errno));
  }
  return options.duration;
}

Result<BenchTimes> time_rounds(Bench& bench, std::span<const int> program_fds,
                               unsigned rounds) {
  BenchTimes times(program_fds.size());
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < program_fds.size(); ++i) {
      auto took = bench.pass(program_fds[i]);
      if (!took) return std::unexpected(took.error());
      times[i].push_back(*took);
    }
  }
  return times;
}

std::vector<double> quiet_medians(const BenchTimes& times) {
  const auto rounds = quiet_rounds(times.front());
  std::vector<double> medians;
  for (const auto& passes : times) {
    std::vector<double> quiet;
    for (std::size_t round : rounds) quiet.push_back(passes[round]);
    medians.push_back(median(std::move(quiet)));
  }
  return medians;
}

}  // namespace xdpgate
