// SPDX-License-Identifier: GPL-2.0-only
// Receivers behind veths, fed by live frames from this core: every receiver
// has a veth of its own, configured before, so that a round goes from one to
// the next without a change of anything.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "bench/peers/generator.h"
#include "bench/peers/spec.h"
#include "bench/peers/xdp_filter.h"

namespace xdpgate::peers {
namespace {

constexpr double kPassNs = 4e6;         // how long a pass is to last
constexpr std::uint32_t kMostFrames = 131'072;
constexpr std::uint32_t kLeastFrames = 1'024;
constexpr double kLostMost = 0.001;     // share of a pass that may be lost
constexpr std::size_t kQuietLeast = 5;
constexpr double kQuiet = 1.15;
constexpr double kQuietEnd = 0.1;

struct Receiver {
  Json told;
  Generator* generator = nullptr;
  std::optional<XdpFilter> xdp_filter;
  std::uint32_t frames = kLeastFrames;
  std::vector<double> ns;  ///< by round; 0: too many frames were lost
};

// All receivers of one trace; the first is the floor.
struct Group {
  Generator generator;
  std::vector<Receiver> receivers;
};

// XDP programs of this process go on the receiving end; others are there.
Result<void> attach(Receiver& receiver) {
  const Json& told = receiver.told;
  if (!told.contains("attach")) return {};
  if (told["attach"] == "sink") {
    return attach_native(told["receive"], receiver.generator->sink_fd());
  }
  auto addresses = read_addresses(told["addresses"]);
  if (!addresses) return failure(addresses.error());
  auto loaded = XdpFilter::load(told["attach"], *addresses);
  if (!loaded) return failure(loaded.error());
  receiver.xdp_filter = std::move(*loaded);
  return attach_native(told["receive"], receiver.xdp_filter->fd());
}

Result<void> pass(Receiver& receiver) {
  auto took = receiver.generator->pass(receiver.told["send"], receiver.frames);
  if (!took) return failure(took.error());
  receiver.ns.push_back(took->lost_share > kLostMost ? 0 : took->ns);
  return {};
}

// So many frames that a pass lasts as long as those of others.
Result<void> calibrate(Receiver& receiver) {
  auto took = receiver.generator->pass(receiver.told["send"], kLeastFrames);
  if (!took) return failure(took.error());
  if (took->lost_share > kLostMost) {
    fmt::print(stderr, "live: {}: {:.0f} % of frames lost\n",
               receiver.told["name"].get<std::string>(),
               100 * took->lost_share);
  }
  const double frames = kPassNs / std::max(took->ns, 1.0);
  receiver.frames = static_cast<std::uint32_t>(
      std::clamp<double>(frames, kLeastFrames, kMostFrames));
  return {};
}

Result<Group> prepare(const Json& told) {
  auto frames = read_frames(told["pcap"]);
  if (!frames) return failure(frames.error());
  auto generator = Generator::create(*frames);
  if (!generator) return failure(generator.error());
  Group group{std::move(*generator), {}};
  for (const Json& receiver : told["receivers"]) {
    group.receivers.push_back({receiver, nullptr, {}, kLeastFrames, {}});
  }
  return group;
}

Result<void> start(Group& group) {
  for (Receiver& receiver : group.receivers) {
    receiver.generator = &group.generator;
    if (auto attached = attach(receiver); !attached) return attached;
    if (auto ready = calibrate(receiver); !ready) return ready;
  }
  return {};
}

// The rounds in which floor and receiver lost nothing and the floor was quiet.
std::vector<std::size_t> quiet_rounds(const Receiver& floor,
                                      const Receiver& receiver) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < floor.ns.size(); ++i) {
    if (floor.ns[i] > 0 && receiver.ns[i] > 0) order.push_back(i);
  }
  std::ranges::sort(order, {}, [&](std::size_t i) { return floor.ns[i]; });
  std::size_t keep = 0;
  while (keep < order.size() &&
         (keep < kQuietLeast ||
          floor.ns[order[keep]] <= kQuiet * floor.ns[order[0]])) {
    ++keep;
  }
  order.resize(keep);
  return order;
}

// The passes in which no frames were lost.
std::vector<double> kept(std::vector<double> ns) {
  std::erase(ns, 0);
  return ns;
}

// What is said of a receiver. The machine is shared: a pass that others
// disturbed says little, so the cost is that of the quiet end.
Json result_of(const Receiver& floor, const Receiver& receiver) {
  const auto rounds = quiet_rounds(floor, receiver);
  Json result = receiver.told;
  result["rounds"] = receiver.ns.size();
  result["quiet_rounds"] = rounds.size();
  result["frames"] = receiver.frames;
  if (receiver.xdp_filter) result["passed"] = receiver.xdp_filter->passed();
  if (rounds.empty()) return result;
  std::vector<double> ratio;
  for (const std::size_t i : rounds) {
    ratio.push_back(receiver.ns[i] / floor.ns[i]);
  }
  result["ratio"] = quantile(ratio, 0.5);
  const auto ns = kept(receiver.ns), base = kept(floor.ns);
  result["floor_ns"] = quantile(base, kQuietEnd);
  result["ns"] = quantile(ns, kQuietEnd);
  result["over_ns"] = quantile(ns, kQuietEnd) - quantile(base, kQuietEnd);
  result["median_ns"] = quantile(ns, 0.5);
  result["p95_ns"] = quantile(ns, 0.95);
  return result;
}

int refuse(const Error& error) {
  fmt::print(stderr, "xg_peers: {}\n", error.line());
  return 3;
}

}  // namespace

int run_live(const Json& spec, unsigned rounds) {
  keep_to_one_cpu();
  std::vector<Group> groups;
  for (const Json& told : spec) {
    auto group = prepare(told);
    if (!group) return refuse(group.error());
    groups.push_back(std::move(*group));
  }
  for (Group& group : groups) {
    if (auto ready = start(group); !ready) return refuse(ready.error());
  }
  for (unsigned round = 0; round < rounds; ++round) {
    for (Group& group : groups) {
      for (Receiver& receiver : group.receivers) {
        if (auto done = pass(receiver); !done) return refuse(done.error());
      }
    }
  }
  Json results = Json::array();
  for (const Group& group : groups) {
    for (const Receiver& receiver : group.receivers) {
      results.push_back(result_of(group.receivers.front(), receiver));
    }
  }
  fmt::print("{}\n", results.dump(1));
  return 0;
}

}  // namespace xdpgate::peers
