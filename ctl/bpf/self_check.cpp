// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/self_check.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "bpf/limit_table.h"
#include "bpf/live_counters.h"
#include "compile/texts.h"
#include "engine/engine.h"
#include "packet/build_frame.h"

namespace xdpgate {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kFrameBytes = 64;

struct Probe {
  const char* what;
  PacketSpec spec;
};

PacketSpec ip(Family family, std::uint8_t protocol) {
  PacketSpec spec = default_spec(family);
  spec.protocol = protocol;
  return spec;
}

PacketSpec other(std::uint16_t ethertype) {
  PacketSpec spec;
  spec.ethertype = ethertype;
  return spec;
}

PacketSpec malformed() {
  PacketSpec spec;
  spec.patches = {{PayloadBase::kIp, 0, {0x44}}};  // IHL below 5
  return spec;
}

std::vector<Probe> probes() {
  using enum Family;
  return {{"IPv4 TCP", ip(kIpv4, 6)},    {"IPv4 UDP", ip(kIpv4, 17)},
          {"IPv4 ICMP", ip(kIpv4, 1)},   {"IPv4 GRE", ip(kIpv4, 47)},
          {"malformed IPv4", malformed()},
          {"IPv6 TCP", ip(kIpv6, 6)},    {"IPv6 UDP", ip(kIpv6, 17)},
          {"ICMPv6", ip(kIpv6, 58)},     {"ARP", other(kEtherArp)},
          {"LLDP", other(0x88cc)}};
}

// With Ethernet padding, as a card would hand it up.
Bytes frame_of(const Probe& probe) {
  Bytes frame = build_frame(probe.spec);
  frame.resize(std::max(frame.size(), kFrameBytes));
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
      (program.slot_count() + XG_CHUNK - 1) / XG_CHUNK;
  for (std::uint32_t i = 0; i < chunks; ++i) {
    if (bpf_map_update_elem(program.counters_fd(), &i, zeros.data(), BPF_ANY) !=
        0) {
      return failure(system_error("clear", "the counters", errno));
    }
  }
  return {};
}

// Not every packet that is rejected can be answered.
bool is_return_of(xg_verdict verdict, std::uint32_t value) {
  switch (verdict) {
    case XG_PASS:
      return value == XDP_PASS;
    case XG_REJECT:
      return value == XDP_TX || value == XDP_DROP;
    case XG_REDIRECT:
      return value == XDP_REDIRECT;
    default:
      return value == XDP_DROP;
  }
}

}  // namespace

Result<void> self_check(const Program& program, const Image& image) {
  const auto engine = make_native_engine(image);
  // A test run's packets come in by the namespace's loopback.
  const std::uint32_t ifindex = ::if_nametoindex("lo");
  auto limits = LimitTable::open(program.limits_fd(), program.limit_buckets());
  if (!limits) return std::unexpected(limits.error());
  for (const Probe& probe : probes()) {
    const Bytes frame = frame_of(probe);
    // So that no probe depends on how long ago the one before was. The sets
    // are not connected yet.
    limits->forget();
    (void)engine->forget();
    auto kernel = run(program.fd(), frame);
    if (!kernel) return std::unexpected(kernel.error());
    auto native = engine->judge(frame, ifindex);
    if (!native) return std::unexpected(native.error());
    if (is_return_of(native->verdict, *kernel)) continue;
    return failure({"check", "the loaded program",
                    fmt::format("it returns {} for an {} packet where the "
                                "native engine says {}",
                                *kernel, probe.what,
                                verdict_name(native->verdict)),
                    "nothing was changed; please report this"});
  }
  limits->forget();
  auto compared = compare_counters(program, image, *engine);
  return compared ? clear_counters(program) : compared;
}

}  // namespace xdpgate
