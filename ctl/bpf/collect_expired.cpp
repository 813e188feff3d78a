// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/collect_expired.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "bpf/bpffs.h"
#include "bpf/generation.h"
#include "bpf/lock.h"
#include "bpf/snapshot.h"

namespace xdpgate {
namespace {

bool same(const xg_element& one, const xg_element& other) {
  return std::memcmp(&one, &other, sizeof(one)) == 0;
}

// The queue of a set that rules ban into goes round once: what is not in the
// set any more leaves it, or packets would look for room there. `most`:
// elements that the queue can hold.
Result<void> drop_from_queue(int queue, const SetMap& map, std::uint32_t most) {
  std::optional<xg_element> first;
  for (std::uint32_t i = 0; i < most; ++i) {
    xg_element element{};
    if (bpf_map_lookup_and_delete_elem(queue, nullptr, &element) != 0) {
      if (errno == ENOENT) return {};
      return failure(system_error("read", "the queue of a set", errno));
    }
    auto there = map.find(element);
    if (!there) return std::unexpected(there.error());
    if (!*there) continue;
    if (bpf_map_update_elem(queue, nullptr, &element, BPF_EXIST) != 0) {
      return failure(system_error("change", "the queue of a set", errno));
    }
    if (first && same(*first, element)) return {};
    if (!first) first = element;
  }
  return {};
}

// Only the tool puts prefixes into sets, so under the lock their lengths are
// known.
Result<void> renew_lengths(const SetArray& sets, std::uint32_t number,
                           const SetMap& map) {
  auto elements = map.read();
  if (!elements) return std::unexpected(elements.error());
  return sets.put_lengths(number, lengths_of(*elements));
}

Result<std::size_t> collect_one(const GenerationSets& sets,
                                std::uint32_t number) {
  auto map = sets.sets.open(number);
  if (!map) return std::unexpected(map.error());
  auto removed = map->remove_expired();
  if (!removed || *removed == 0) return removed;
  auto done = renew_lengths(sets.sets, number, *map);
  if (!done) return std::unexpected(done.error());
  auto queue = sets.sets.queue(number);
  if (!queue) return std::unexpected(queue.error());
  if (*queue) {
    done = drop_from_queue((*queue)->get(), *map, sets.infos[number].size);
    if (!done) return std::unexpected(done.error());
  }
  return removed;
}

}  // namespace

Result<std::size_t> collect_expired(const std::string& instance) {
  auto dir = running_instance(instance);
  if (!dir) return std::unexpected(dir.error());
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  const auto lock = Lock::try_take(*state);
  if (!lock) return 0;
  auto recovered = dir->recover();
  if (!recovered) return std::unexpected(recovered.error());
  auto generation = generation_in_force(*dir);
  if (!generation) return std::unexpected(generation.error());
  auto sets = generation->sets();
  if (!sets) return std::unexpected(sets.error());
  std::size_t all = 0;
  for (std::uint32_t i = 0; i < sets->infos.size(); ++i) {
    auto removed = collect_one(*sets, i);
    if (!removed) return removed;
    all += *removed;
  }
  return all;
}

}  // namespace xdpgate
