// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/running_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "bpf/entry.h"
#include "bpf/open_set.h"
#include "compile/element.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

Result<std::vector<TimedElement>> living(const SetMap& map) {
  auto elements = map.read();
  if (!elements) return elements;
  const std::uint64_t now = boottime_ns();
  std::erase_if(*elements, [&](const auto& e) { return !e.lives(now); });
  return elements;
}

SetStatus status_of(const SetInfo& info, std::size_t elements) {
  return {info.name, info.size, info.timeout_ns, elements};
}

std::uint64_t expiry(const SetInfo& info,
                     std::optional<std::uint64_t> timeout_ns) {
  const std::uint64_t timeout = timeout_ns.value_or(info.timeout_ns);
  return timeout == 0 ? XG_NEVER : boottime_ns() + timeout;
}

// Elements going into a set, which can be taken back.
class Addition {
 public:
  Addition(const SetMap& map, std::uint64_t expires_ns)
      : map_(map), expires_ns_(expires_ns), now_ns_(boottime_ns()) {}

  // False: the set is full of elements that have not expired.
  Result<bool> add(const xg_element& element) {
    auto before = map_.find(element);
    if (!before) return std::unexpected(before.error());
    auto put = map_.put({element, expires_ns_});
    if (put && !*put && !reclaimed_) {
      reclaimed_ = true;
      auto removed = map_.remove_expired();
      if (!removed) return std::unexpected(removed.error());
      put = map_.put({element, expires_ns_});
    }
    if (!put || !*put) return put;
    done_.push_back({element, *before});
    const bool lived =
        *before && TimedElement{element, **before}.lives(now_ns_);
    ++(lived ? renewed_ : added_);
    return true;
  }

  // A packet that looked for room may have met an element as it was before, and
  // removed it as it is now: those that had expired are looked at again.
  Result<void> make_sure() {
    auto waited = wait_for_packets();
    for (const auto& [element, before] : done_) {
      if (!waited) return waited;
      if (!before || TimedElement{element, *before}.lives(now_ns_)) continue;
      auto there = map_.find(element);
      if (!there) return std::unexpected(there.error());
      if (*there) continue;
      auto put = map_.put({element, expires_ns_});
      if (!put) return std::unexpected(put.error());
    }
    return {};
  }

  Result<void> undo() {
    std::ranges::reverse(done_);
    for (const auto& [element, before] : done_) {
      if (!before) {
        auto removed = map_.remove(element);
        if (!removed) return removed;
      } else if (auto put = map_.put({element, *before}); !put) {
        return std::unexpected(put.error());
      }
    }
    return {};
  }

  // What was not there, or there for good.
  [[nodiscard]] std::vector<xg_element> unqueued() const {
    std::vector<xg_element> elements;
    for (const auto& [element, before] : done_) {
      if (before.value_or(XG_NEVER) == XG_NEVER) elements.push_back(element);
    }
    return elements;
  }
  [[nodiscard]] std::uint64_t expires_ns() const { return expires_ns_; }
  [[nodiscard]] std::size_t added() const { return added_; }
  [[nodiscard]] std::size_t renewed() const { return renewed_; }

 private:
  struct Done {
    xg_element element;
    std::optional<std::uint64_t> before;
  };

  const SetMap& map_;
  std::uint64_t expires_ns_, now_ns_;
  std::vector<Done> done_;
  std::size_t added_ = 0, renewed_ = 0;
  bool reclaimed_ = false;
};

std::unexpected<Error> is_full(const OpenSet& set, std::size_t asked) {
  return failure({"add to", set.text(),
                  fmt::format("it holds at most {} elements, and not all of "
                              "the {} fit",
                              set.info().size, asked),
                  "nothing was added; take some out, or raise its `size` in "
                  "the policy"});
}

xg_set_lengths lengths_of_elements(std::span<const xg_element> elements) {
  xg_set_lengths lengths{};
  for (const xg_element& element : elements) note_length(element, lengths);
  return lengths;
}

bool is_host(const xg_element& element) {
  return element.length == (element.kind == XG_KIND_IPV4 ? 32 : 128);
}

// Where rules ban into the set, packets look in its queue for what has expired.
Result<void> queue_elements(const OpenSet& set,
                            std::span<const xg_element> elements,
                            std::uint64_t expires_ns) {
  if (!set.info().banned || expires_ns == XG_NEVER) return {};
  return set.array().push_queue(set.number, elements);
}

// What in the set holds an element that is not in it itself.
Result<std::string> holder_of(const SetMap& map, const xg_element& element) {
  auto elements = living(map);
  if (!elements) return std::unexpected(elements.error());
  const AddressRange wanted = range_of(element);
  for (const TimedElement& e : *elements) {
    const AddressRange range = range_of(e.element);
    if (range.family == wanted.family && range.lo <= wanted.lo &&
        wanted.hi <= range.hi) {
      return fmt::format("it is inside of {}", to_text(range));
    }
  }
  return std::string("`xdpgate set list` shows what is");
}

Result<void> all_are_there(const OpenSet& set,
                           std::span<const xg_element> elements) {
  const std::uint64_t now = boottime_ns();
  for (const xg_element& element : elements) {
    auto expires = set.map.find(element);
    if (!expires) return std::unexpected(expires.error());
    if (*expires && TimedElement{element, **expires}.lives(now)) continue;
    auto holder = holder_of(set.map, element);
    if (!holder) return std::unexpected(holder.error());
    return failure({"remove", "`" + to_text(range_of(element)) + "`",
                    fmt::format("it is not in {}", set.text()),
                    *holder + "; nothing was removed"});
  }
  return {};
}

Result<void> add_lengths(const std::vector<SetPlace>& places,
                         const xg_set_lengths& lengths) {
  for (const SetPlace& place : places) {
    auto added = place.array->add_lengths(place.number, lengths);
    if (!added) return added;
  }
  return {};
}

Result<void> put_lengths(const std::vector<SetPlace>& places,
                         const xg_set_lengths& lengths) {
  for (const SetPlace& place : places) {
    auto put = place.array->put_lengths(place.number, lengths);
    if (!put) return put;
  }
  return {};
}

// Around the one instant of the change, packets look for the prefixes of both
// contents: one that has opened the old content may read the lengths late.
Result<void> replace_map(const std::vector<SetPlace>& places, const SetMap& map,
                         const xg_set_lengths& lengths) {
  auto done = add_lengths(places, lengths);
  for (const SetPlace& place : places) {
    if (done) done = place.array->put(place.number, map);
  }
  if (done) done = wait_for_packets();
  return done ? put_lengths(places, lengths) : done;
}

// Lengths that no prefix has any more need not be looked up.
Result<void> renew_lengths(const OpenSet& set) {
  auto elements = set.map.read();
  if (!elements) return std::unexpected(elements.error());
  return put_lengths(set.places(), lengths_of(*elements));
}

void sort_once(std::vector<xg_element>& elements) {
  std::ranges::sort(elements, [](const auto& a, const auto& b) {
    return std::memcmp(&a, &b, sizeof(a)) < 0;
  });
  const auto repeated = std::ranges::unique(elements, ElementEqual());
  elements.erase(repeated.begin(), repeated.end());
}

// A map of that size with exactly `elements`, which it has room for.
Result<SetMap> map_of(std::uint32_t size, std::span<const xg_element> elements,
                      std::uint64_t expires_ns, const OnProgress& progress) {
  auto map = SetMap::create(size);
  if (!map) return map;
  std::vector<TimedElement> timed;
  timed.reserve(elements.size());
  for (const xg_element& e : elements) timed.push_back({e, expires_ns});
  auto filled = map->fill(timed, progress);
  if (!filled) return std::unexpected(filled.error());
  return map;
}

Result<SetMap> filled_map(const OpenSet& set,
                          const std::vector<xg_element>& elements,
                          std::uint64_t expires_ns,
                          const OnProgress& progress) {
  if (elements.size() > set.info().size) {
    return failure({"load", set.text(),
                    fmt::format("there are {} elements, and its size is {}",
                                elements.size(), set.info().size),
                    "it keeps what it had; raise its `size` in the policy"});
  }
  return map_of(set.info().size, elements, expires_ns, progress);
}

// ---- the generation before, where its map is another one: it changes along as
// far as it has room ----

Result<void> add_to_other(const OpenSet& set,
                          std::span<const xg_element> elements,
                          std::uint64_t expires_ns) {
  if (!set.other) return {};
  auto noted = add_lengths({set.other_place()}, lengths_of_elements(elements));
  for (const xg_element& element : elements) {
    if (!noted) return noted;
    auto put = set.other->map.put({element, expires_ns});
    if (!put) return std::unexpected(put.error());
    if (!*put) break;  // it is full
  }
  return noted;
}

Result<void> remove_from_other(const OpenSet& set,
                               std::span<const xg_element> elements) {
  for (const xg_element& element : elements) {
    auto removed = set.other ? set.other->map.remove(element) : Result<void>{};
    if (!removed) return removed;
  }
  return {};
}

Result<void> load_other(const OpenSet& set,
                        std::span<const xg_element> elements,
                        std::uint64_t expires_ns) {
  if (!set.other) return {};
  const std::uint32_t size = set.other_info().size;
  elements = elements.first(std::min<std::size_t>(elements.size(), size));
  auto map = map_of(size, elements, expires_ns, {});
  if (!map) return std::unexpected(map.error());
  return replace_map({set.other_place()}, *map, lengths_of_elements(elements));
}

}  // namespace

Result<std::vector<SetStatus>> running_sets(const std::string& instance) {
  auto all = open_sets(instance);
  if (!all) return std::unexpected(all.error());
  std::vector<SetStatus> result;
  for (std::uint32_t i = 0; i < all->sets.infos.size(); ++i) {
    auto map = all->sets.sets.open(i);
    if (!map) return std::unexpected(map.error());
    auto elements = living(*map);
    if (!elements) return std::unexpected(elements.error());
    result.push_back(status_of(all->sets.infos[i], elements->size()));
  }
  return result;
}

Result<SetContent> read_set(const SetName& name) {
  auto set = open_set(name);
  if (!set) return std::unexpected(set.error());
  auto elements = living(set->map);
  if (!elements) return std::unexpected(elements.error());
  return SetContent{set->all.instance, status_of(set->info(), elements->size()),
                    std::move(*elements)};
}

Result<SetChange> add_to_set(const SetName& name,
                             std::span<const xg_element> elements,
                             std::optional<std::uint64_t> timeout_ns) {
  auto set = open_set_to_change(name);
  if (!set) return std::unexpected(set.error());
  // Before the elements are there: no packet may miss one of them.
  auto noted = add_lengths(set->places(), lengths_of_elements(elements));
  if (!noted) return std::unexpected(noted.error());
  Addition addition(set->map, expiry(set->info(), timeout_ns));
  for (const xg_element& element : elements) {
    auto added = addition.add(element);
    if (added && *added) continue;
    auto undone = addition.undo();
    if (!undone) return std::unexpected(undone.error());
    if (!added) return std::unexpected(added.error());
    return is_full(*set, elements.size());
  }
  if (set->info().banned) {
    auto sure = addition.make_sure();
    if (sure) {
      sure = queue_elements(*set, addition.unqueued(), addition.expires_ns());
    }
    if (!sure) return std::unexpected(sure.error());
  }
  auto along = add_to_other(*set, elements, addition.expires_ns());
  if (!along) return std::unexpected(along.error());
  return SetChange{set->all.instance, addition.added(), addition.renewed()};
}

Result<SetChange> remove_from_set(const SetName& name,
                                  std::vector<xg_element> elements) {
  auto set = open_set_to_change(name);
  if (!set) return std::unexpected(set.error());
  sort_once(elements);
  auto there = all_are_there(*set, elements);
  if (!there) return std::unexpected(there.error());
  for (const xg_element& element : elements) {
    auto removed = set->map.remove(element);
    if (!removed) return std::unexpected(removed.error());
  }
  auto along = remove_from_other(*set, elements);
  if (!along) return std::unexpected(along.error());
  if (!std::ranges::all_of(elements, is_host)) {
    auto renewed = renew_lengths(*set);
    if (!renewed) return std::unexpected(renewed.error());
  }
  return SetChange{set->all.instance, elements.size(), 0};
}

Result<SetChange> load_set(const SetName& name,
                           std::vector<xg_element> elements,
                           std::optional<std::uint64_t> timeout_ns,
                           const OnProgress& progress) {
  auto set = open_set_to_change(name);
  if (!set) return std::unexpected(set.error());
  sort_once(elements);
  Result<std::vector<TimedElement>> before;
  if (elements.empty()) before = living(set->map);
  if (!before) return std::unexpected(before.error());
  const std::uint64_t expires_ns = expiry(set->info(), timeout_ns);
  auto map = filled_map(*set, elements, expires_ns, progress);
  if (!map) return std::unexpected(map.error());
  auto done = replace_map(set->places(), *map, lengths_of_elements(elements));
  if (done) done = queue_elements(*set, elements, expires_ns);
  if (done) done = load_other(*set, elements, expires_ns);
  if (!done) return std::unexpected(done.error());
  return SetChange{set->all.instance, elements.size(), 0, before->size()};
}

}  // namespace xdpgate
