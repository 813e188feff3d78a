// SPDX-License-Identifier: GPL-2.0-only
#include "bench/peers/generator.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "bpf/mapping.h"
#include "generator.skel.h"

namespace xdpgate::peers {
namespace {

constexpr std::uint32_t kFrame = 64;  // XG_HEAD of generator.bpf.c
constexpr std::uint32_t kBatch = 64;  // XG_BATCH

std::uint64_t statistic(const std::string& interface, const char* name) {
  std::ifstream in("/sys/class/net/" + interface + "/statistics/" + name);
  std::uint64_t value = 0;
  in >> value;
  return value;
}

Result<void> fill(int map_fd,
                  const std::vector<std::vector<std::uint8_t>>& frames) {
  Mapping mapping = Mapping::of(map_fd, frames.size() * kFrame,
                                PROT_READ | PROT_WRITE);
  if (!mapping) return failure(system_error("map", "the trace", errno));
  std::uint8_t* to = mapping.data();
  for (const auto& frame : frames) {
    std::memcpy(to, frame.data(), std::min<std::size_t>(frame.size(), kFrame));
    to += kFrame;
  }
  return {};
}

int run_live(int program_fd, std::uint32_t frames) {
  std::array<std::uint8_t, kFrame> frame{};
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame.data();
  options.data_size_in = frame.size();
  options.repeat = static_cast<int>(frames);
  options.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
  options.batch_size = kBatch;
  return bpf_prog_test_run_opts(program_fd, &options);
}

}  // namespace

void Generator::Destroy::operator()(generator* skeleton) const {
  generator__destroy(skeleton);
}

Result<Generator> Generator::create(
    const std::vector<std::vector<std::uint8_t>>& frames) {
  if (frames.empty()) return failure({"send", "a trace", "it is empty", ""});
  Generator made;
  made.skeleton_.reset(generator__open());
  if (!made.skeleton_) {
    return failure(system_error("open", "the generator", errno));
  }
  const auto bytes = static_cast<std::uint32_t>(frames.size() * kFrame);
  made.skeleton_->rodata->xg_heads_bytes = bytes;
  bpf_map__set_value_size(made.skeleton_->maps.heads, bytes);
  if (int error = generator__load(made.skeleton_.get())) {
    return failure(system_error("load", "the generator", -error, "as root"));
  }
  auto filled = fill(bpf_map__fd(made.skeleton_->maps.heads), frames);
  if (!filled) return failure(filled.error());
  return made;
}

int Generator::sink_fd() const {
  return bpf_program__fd(skeleton_->progs.xg_sink);
}

Result<LivePass> Generator::pass(const std::string& interface,
                                 std::uint32_t frames) {
  const std::uint32_t batches = std::max(8u, frames / kBatch);
  auto& state = *skeleton_->bss;
  state.xg_to = ::if_nametoindex(interface.c_str());
  state.xg_warm_up = batches / 4 * kBatch;
  state.xg_sent = 0;
  const auto lost_before = statistic(interface, "tx_dropped");
  const auto got_before = statistic(interface, "tx_packets");
  if (run_live(bpf_program__fd(skeleton_->progs.xg_generate),
               batches * kBatch) != 0) {
    return failure(system_error("send", "to " + interface, errno));
  }
  const auto got = statistic(interface, "tx_packets") - got_before;
  const auto lost = statistic(interface, "tx_dropped") - lost_before;
  const double timed = (batches - 1) * kBatch - state.xg_warm_up;
  const double all = batches * kBatch;
  // What neither counter has was lost too.
  const double missing = std::max(0.0, all - static_cast<double>(got));
  return LivePass{
      static_cast<double>(state.xg_last_ns - state.xg_first_ns) / timed,
      std::max(missing, static_cast<double>(lost)) / all, state.xg_sent};
}

Result<void> attach_native(const std::string& interface, int program_fd) {
  const auto ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  if (int error = bpf_xdp_attach(ifindex, program_fd, XDP_FLAGS_DRV_MODE,
                                 nullptr)) {
    return failure(system_error("attach", "to " + interface, -error));
  }
  return {};
}

}  // namespace xdpgate::peers
