// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/bench_sets.h"

#include <algorithm>

#include "bpf/set_array.h"

namespace xdpgate {
namespace {

constexpr std::uint32_t kMostElements = 100'000;
constexpr std::uint32_t kReserved = 0xf0000000;  // RFC 1112, section 4
constexpr std::uint32_t kStep = 0x9e3779b1;      // odd: all differ

std::vector<TimedElement> hosts(std::uint32_t count) {
  std::vector<TimedElement> elements;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t address = kReserved | (i * kStep & 0x0fffffff);
    elements.push_back({{address << 32, 0, XG_KIND_IPV4, 32}, XG_NEVER});
  }
  return elements;
}

}  // namespace

Result<void> fill_sets(const Program& program, const Image& image) {
  auto infos = set_infos(ImageView(image));
  if (!infos) return std::unexpected(infos.error());
  const GenerationSets sets = {
      SetArray({program.sets_fd(), program.set_queues_fd(),
                program.set_lengths_fd()}),
      *infos};
  auto done = connect_sets(sets, nullptr);
  for (std::uint32_t i = 0; done && i < infos->size(); ++i) {
    auto map = sets.sets.open(i);
    if (!map) return std::unexpected(map.error());
    done = map->fill(hosts(std::min((*infos)[i].size, kMostElements)));
  }
  return done;
}

}  // namespace xdpgate
