// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/self_check.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <vector>

#include "bpf/live_counters.h"
#include "compile/texts.h"
#include "engine/engine.h"

namespace xdpgate {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kFrameBytes = 64;

// Network headers of documentation addresses; Ethernet comes before, zeros
// behind.
struct Probe {
  const char* what;
  std::uint16_t ethertype;
  Bytes packet;
};

Bytes ipv4(std::uint8_t protocol, std::uint8_t version_ihl = 0x45) {
  return {version_ihl, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0,
          192, 0, 2, 1, 198, 51, 100, 1,
          0x9c, 0x40, 0, 80, 0, 20, 0, 0, 0, 0, 0, 0, 0x50, 2};
}

Bytes ipv6(std::uint8_t next) {
  Bytes bytes = {0x60, 0, 0, 0, 0, 20, next, 64};
  for (std::uint8_t host : {1, 2}) {
    bytes.insert(bytes.end(), {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0,
                               0, 0, 0, 0, 0, 0, 0, host});
  }
  bytes.insert(bytes.end(), {0x9c, 0x40, 0, 53, 0, 20, 0, 0, 0, 0, 0, 0,
                             0x50, 2, 0, 0, 0, 0, 0, 0});
  return bytes;
}

std::vector<Probe> probes() {
  return {{"IPv4 TCP", 0x0800, ipv4(6)},   {"IPv4 UDP", 0x0800, ipv4(17)},
          {"IPv4 ICMP", 0x0800, ipv4(1)},  {"IPv4 GRE", 0x0800, ipv4(47)},
          {"malformed IPv4", 0x0800, ipv4(6, 0x44)},
          {"IPv6 TCP", 0x86dd, ipv6(6)},   {"IPv6 UDP", 0x86dd, ipv6(17)},
          {"ICMPv6", 0x86dd, ipv6(58)},    {"ARP", 0x0806, {0, 1, 8, 0, 6, 4}},
          {"LLDP", 0x88cc, {2, 7}}};
}

Bytes frame_of(const Probe& probe) {
  const Bytes header = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2,
                        static_cast<std::uint8_t>(probe.ethertype >> 8),
                        static_cast<std::uint8_t>(probe.ethertype)};
  Bytes frame(std::max(header.size() + probe.packet.size(), kFrameBytes));
  const auto behind = std::ranges::copy(header, frame.begin()).out;
  std::ranges::copy(probe.packet, behind);
  return frame;
}

Result<std::uint32_t> run(int fd, const Bytes& frame) {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<std::uint32_t>(frame.size());
  options.repeat = 1;
  if (bpf_prog_test_run_opts(fd, &options) != 0) {
    return failure(system_error("test-run", "the loaded program", errno));
  }
  return options.retval;
}

std::string slot_name(const Image& image, std::size_t slot) {
  if (slot == XG_SLOT_DEFAULT) return "the default";
  if (slot < XG_SLOT_RULE) {
    return class_name(static_cast<xg_class>(slot - XG_SLOT_CLASS));
  }
  const auto rule = static_cast<std::uint32_t>(slot - XG_SLOT_RULE);
  const auto texts = ImageTexts::of(ImageView(image));
  return texts ? fmt::format("rule `{}`", texts->rule_name(rule))
               : fmt::format("rule {}", rule + 1);
}

// Whether the same rules have decided, and as often.
Result<void> compare_counters(const Program& program, const Image& image,
                              Engine& engine) {
  auto native = engine.counters();
  if (!native) return std::unexpected(native.error());
  auto kernel = read_live_counters(program.counters_fd(), native->size());
  if (!kernel) return std::unexpected(kernel.error());
  for (std::size_t slot = 0; slot < native->size(); ++slot) {
    const xg_counter& here = (*kernel)[slot];
    const xg_counter& there = (*native)[slot];
    if (here.packets == there.packets && here.bytes == there.bytes) continue;
    return failure({"check", "the loaded program",
                    fmt::format("it counts {} packets for {} where the native "
                                "engine counts {}",
                                here.packets, slot_name(image, slot),
                                there.packets),
                    "nothing was changed; please report this"});
  }
  return {};
}

Result<void> clear_counters(const Program& program) {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return failure(system_error("count", "the CPUs", -cpus));
  const std::vector<xg_chunk> zeros(static_cast<std::size_t>(cpus));
  const std::uint32_t chunks =
      (XG_SLOT_RULE + program.rule_count() + XG_CHUNK - 1) / XG_CHUNK;
  for (std::uint32_t i = 0; i < chunks; ++i) {
    if (bpf_map_update_elem(program.counters_fd(), &i, zeros.data(), BPF_ANY) !=
        0) {
      return failure(system_error("clear", "the counters", errno));
    }
  }
  return {};
}

std::uint32_t expected_return(const Decision& decision) {
  return decision.verdict == XG_PASS ? XDP_PASS : XDP_DROP;
}

}  // namespace

Result<void> self_check(const Program& program, const Image& image) {
  const auto engine = make_native_engine(image);
  // A test run's packets come in by the namespace's loopback.
  const std::uint32_t ifindex = ::if_nametoindex("lo");
  for (const Probe& probe : probes()) {
    const Bytes frame = frame_of(probe);
    auto kernel = run(program.fd(), frame);
    if (!kernel) return std::unexpected(kernel.error());
    auto native = engine->judge(frame, ifindex);
    if (!native) return std::unexpected(native.error());
    if (*kernel == expected_return(*native)) continue;
    return failure({"check", "the loaded program",
                    fmt::format("it returns {} for an {} packet where the "
                                "native engine says {}",
                                *kernel, probe.what,
                                verdict_name(native->verdict)),
                    "nothing was changed; please report this"});
  }
  auto compared = compare_counters(program, image, *engine);
  return compared ? clear_counters(program) : compared;
}

}  // namespace xdpgate
