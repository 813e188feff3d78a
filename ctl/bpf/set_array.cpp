// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/set_array.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "bpf/permission.h"

namespace xdpgate {
namespace {

const char* const kSets = "the dynamic sets";

// The number of the set of that name; none where `sets` lacks it.
std::optional<std::uint32_t> number_of(const std::string& name,
                                       const GenerationSets& sets) {
  const auto found = std::ranges::find(sets.infos, name, &SetInfo::name);
  if (found == sets.infos.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - sets.infos.begin());
}

Result<std::vector<TimedElement>> living(const SetMap& map) {
  auto all = map.read();
  if (!all) return all;
  const std::uint64_t now = boottime_ns();
  std::erase_if(*all, [&](const auto& element) { return !element.lives(now); });
  return all;
}

Result<SetMap> resized(const SetMap& old, const SetInfo& info) {
  auto elements = living(old);
  if (!elements) return std::unexpected(elements.error());
  if (elements->size() > info.size) {
    return failure({"resize", fmt::format("the set `{}`", info.name),
                    fmt::format("it has {} elements, and the new size is {}",
                                elements->size(), info.size),
                    "take some out first, by `xdpgate set del` or `set load`"});
  }
  auto map = SetMap::create(info.size);
  if (!map) return map;
  auto filled = map->fill(*elements);
  if (!filled) return std::unexpected(filled.error());
  return map;
}

Result<void> make_queue(std::uint32_t number, const GenerationSets& next) {
  Fd fd(bpf_map_create(BPF_MAP_TYPE_QUEUE, "xg_set_queue", 0,
                       sizeof(xg_element), next.infos[number].size, nullptr));
  if (!fd) return failure(system_error("make", "the queue of a set", errno));
  return next.sets.put_queue(number, fd);
}

Result<void> connect_new(std::uint32_t number, const GenerationSets& next) {
  auto map = SetMap::create(next.infos[number].size);
  if (!map) return std::unexpected(map.error());
  auto put = next.sets.put(number, *map);
  if (!put || !next.infos[number].banned) return put;
  return make_queue(number, next);
}

// A new queue for what is in the map.
Result<void> make_queue_of(const SetMap& map, std::uint32_t number,
                           const GenerationSets& next) {
  auto elements = map.read();
  if (!elements) return std::unexpected(elements.error());
  std::vector<xg_element> ending;
  for (const TimedElement& e : *elements) {
    if (e.expires_ns != XG_NEVER) ending.push_back(e.element);
  }
  auto made = make_queue(number, next);
  return made ? next.sets.push_queue(number, ending) : made;
}

// The queue passes on with a set of the same size.
Result<void> carry_queue(std::uint32_t number, const GenerationSets& next,
                         std::uint32_t old_number, const GenerationSets& old,
                         const SetMap& map) {
  const SetInfo& info = next.infos[number];
  if (!info.banned) return {};
  auto queue = old.sets.queue(old_number);
  if (!queue) return std::unexpected(queue.error());
  const bool fits = *queue && old.infos[old_number].size == info.size;
  return fits ? next.sets.put_queue(number, **queue)
              : make_queue_of(map, number, next);
}

Result<void> carry(std::uint32_t number, const GenerationSets& next,
                   std::uint32_t old_number, const GenerationSets& old) {
  auto map = old.sets.open(old_number);
  if (!map) return std::unexpected(map.error());
  auto lengths = old.sets.lengths(old_number);
  if (!lengths) return std::unexpected(lengths.error());
  auto size = map->size();
  if (!size) return std::unexpected(size.error());
  const SetInfo& info = next.infos[number];
  if (*size != info.size) map = resized(*map, info);
  if (!map) return std::unexpected(map.error());
  auto put = next.sets.put_lengths(number, *lengths);
  if (put) put = next.sets.put(number, *map);
  return put ? carry_queue(number, next, old_number, old, *map) : put;
}

// Later of two times.
bool outlives(std::uint64_t a, std::uint64_t b) {
  if (a == XG_NEVER || b == XG_NEVER) return a == XG_NEVER && b != XG_NEVER;
  return a > b;
}

Result<void> carry_late(const SetMap& old, const SetMap& next) {
  auto elements = living(old);
  if (!elements) return std::unexpected(elements.error());
  for (const TimedElement& element : *elements) {
    auto there = next.find(element.element);
    if (!there) return std::unexpected(there.error());
    if (*there && !outlives(element.expires_ns, **there)) continue;
    auto put = next.put(element);  // where it is full, it is full
    if (!put) return std::unexpected(put.error());
  }
  return {};
}

// Entry `number` of an array of maps; none where it is empty.
Result<std::optional<Fd>> inner_map(int array_fd, std::uint32_t number) {
  std::uint32_t id = 0;
  if (bpf_map_lookup_elem(array_fd, &number, &id) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return failure(system_error("read", kSets, errno));
  }
  Fd fd(bpf_map_get_fd_by_id(id));
  if (fd) return std::optional(std::move(fd));
  const std::string hint =
      errno == EPERM ? permission_hint({CAP_SYS_ADMIN}) : "";
  return failure(system_error("open", kSets, errno, hint));
}

// Set `number` of `again` from `later_number` of `later`.
Result<void> return_set(std::uint32_t number, const GenerationSets& again,
                        std::uint32_t later_number,
                        const GenerationSets& later) {
  auto from = later.sets.open(later_number);
  if (!from) return std::unexpected(from.error());
  auto to = again.sets.open(number);
  if (!to) return std::unexpected(to.error());
  auto lengths = later.sets.lengths(later_number);
  if (!lengths) return std::unexpected(lengths.error());
  auto done = again.sets.add_lengths(number, *lengths);
  const auto from_id = from->id(), to_id = to->id();
  if (!done || (from_id && to_id && *from_id == *to_id)) return done;
  const bool same_size =
      later.infos[later_number].size == again.infos[number].size;
  return same_size ? again.sets.put(number, *from) : carry_late(*from, *to);
}

}  // namespace

Result<SetMap> SetArray::open(std::uint32_t number) const {
  auto map = inner_map(fds_.sets, number);
  if (!map) return std::unexpected(map.error());
  if (*map) return SetMap(std::move(**map));
  return failure(system_error("open", kSets, ENOENT));
}

Result<std::optional<Fd>> SetArray::queue(std::uint32_t number) const {
  return inner_map(fds_.queues, number);
}

Result<void> SetArray::put_queue(std::uint32_t number, const Fd& queue) const {
  const int fd = queue.get();
  if (bpf_map_update_elem(fds_.queues, &number, &fd, BPF_ANY) == 0) return {};
  return failure(system_error("change", kSets, errno));
}

Result<void> SetArray::push_queue(std::uint32_t number,
                                  std::span<const xg_element> elements) const {
  auto to = queue(number);
  if (!to || !*to) return to ? Result<void>{} : std::unexpected(to.error());
  for (const xg_element& element : elements) {
    if (bpf_map_update_elem((*to)->get(), nullptr, &element, BPF_EXIST) != 0) {
      return failure(system_error("fill", "the queue of a set", errno));
    }
  }
  return {};
}

Result<void> SetArray::put(std::uint32_t number, const SetMap& map) const {
  const int fd = map.fd();
  if (bpf_map_update_elem(fds_.sets, &number, &fd, BPF_ANY) == 0) return {};
  return failure(system_error("change", kSets, errno));
}

Result<xg_set_lengths> SetArray::lengths(std::uint32_t number) const {
  xg_set_lengths lengths{};
  if (bpf_map_lookup_elem(fds_.lengths, &number, &lengths) == 0) return lengths;
  return failure(system_error("read", kSets, errno));
}

Result<void> SetArray::put_lengths(std::uint32_t number,
                                   const xg_set_lengths& lengths) const {
  if (bpf_map_update_elem(fds_.lengths, &number, &lengths, BPF_ANY) == 0) {
    return {};
  }
  return failure(system_error("change", kSets, errno));
}

Result<void> SetArray::add_lengths(std::uint32_t number,
                                   const xg_set_lengths& more) const {
  auto all = lengths(number);
  if (!all) return std::unexpected(all.error());
  all->ipv4 |= more.ipv4;
  all->ipv6[0] |= more.ipv6[0];
  all->ipv6[1] |= more.ipv6[1];
  return put_lengths(number, *all);
}

Result<void> connect_sets(const GenerationSets& next,
                          const GenerationSets* old) {
  for (std::uint32_t i = 0; i < next.infos.size(); ++i) {
    const auto before =
        old ? number_of(next.infos[i].name, *old) : std::nullopt;
    auto done = before ? carry(i, next, *before, *old) : connect_new(i, next);
    if (!done) return done;
  }
  return {};
}

Result<void> return_sets(const GenerationSets& later,
                         const GenerationSets& again) {
  for (std::uint32_t i = 0; i < again.infos.size(); ++i) {
    const auto after = number_of(again.infos[i].name, later);
    if (!after) continue;
    auto done = return_set(i, again, *after, later);
    if (!done) return done;
  }
  return {};
}

Result<void> carry_late_elements(const GenerationSets& old,
                                 const GenerationSets& next) {
  for (std::uint32_t i = 0; i < next.infos.size(); ++i) {
    const auto before = number_of(next.infos[i].name, old);
    if (!before) continue;
    auto from = old.sets.open(*before);
    if (!from) return std::unexpected(from.error());
    auto to = next.sets.open(i);
    if (!to) return std::unexpected(to.error());
    const auto from_id = from->id(), to_id = to->id();
    if (from_id && to_id && *from_id == *to_id) continue;
    auto carried = carry_late(*from, *to);
    if (!carried) return carried;
  }
  return {};
}

}  // namespace xdpgate
