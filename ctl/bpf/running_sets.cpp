// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/running_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "base/text.h"
#include "bpf/bpffs.h"
#include "bpf/entry.h"
#include "bpf/generation.h"
#include "bpf/instance_dir.h"
#include "bpf/lock.h"
#include "bpf/snapshot.h"
#include "compile/element.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

// A running instance's sets; under the lock where they are to be changed.
struct OpenSets {
  std::optional<Lock> lock;
  std::string instance;
  Generation generation;
  GenerationSets sets;
  // Of the generation that comes back by `rollback`, or where the one in force
  // is not confirmed.
  std::optional<Generation> before = {};
  std::optional<GenerationSets> before_sets = {};
};

// A set's place in an array.
struct Place {
  const SetArray* array;
  std::uint32_t number;
};

// What the generation before has in the set's place, where it is another map.
struct OtherMap {
  std::uint32_t number = 0;
  SetMap map;
  std::uint32_t size = 0;
};

// One of them.
struct OpenSet {
  OpenSets all;
  std::uint32_t number = 0;
  SetMap map;
  // Of another size. It changes along as far as it has room.
  std::optional<OtherMap> other = {};

  [[nodiscard]] const SetInfo& info() const { return all.sets.infos[number]; }
  [[nodiscard]] const SetArray& array() const { return all.sets.sets; }
  // Where its map is looked up, first by the generation in force; what changes
  // changes for both, in case that the one before comes back.
  [[nodiscard]] std::vector<Place> places() const;
  [[nodiscard]] std::string text() const {
    return fmt::format("the set `{}` of `{}`", info().name, all.instance);
  }
};

// The number of the set in the generation before; none: it has no such set.
std::optional<std::uint32_t> number_before(const OpenSet& set) {
  if (!set.all.before_sets) return std::nullopt;
  const auto& infos = set.all.before_sets->infos;
  const auto same = std::ranges::find(infos, set.info().name, &SetInfo::name);
  if (same == infos.end()) return std::nullopt;
  return static_cast<std::uint32_t>(same - infos.begin());
}

std::vector<Place> OpenSet::places() const {
  std::vector<Place> result = {{&all.sets.sets, number}};
  const auto there = number_before(*this);
  if (there && !other) result.push_back({&all.before_sets->sets, *there});
  return result;
}

Result<void> open_other(OpenSet& set) {
  const auto there = number_before(set);
  if (!there) return {};
  auto map = set.all.before_sets->sets.open(*there);
  if (!map) return std::unexpected(map.error());
  const auto id = set.map.id(), other_id = map->id();
  if (!id || !other_id) return std::unexpected((id ? other_id : id).error());
  if (*id == *other_id) return {};
  set.other = OtherMap{*there,
                       std::move(*map),
                       set.all.before_sets->infos[*there].size};
  return {};
}

Result<void> open_before(const InstanceDir& dir, OpenSets& all) {
  auto before = dir.before(all.generation.number());
  if (!before) return std::unexpected(before.error());
  if (!*before) return {};
  auto sets = (*before)->sets();
  if (!sets) return std::unexpected(sets.error());
  all.before = std::move(*before);
  all.before_sets = std::move(*sets);
  return {};
}

enum class Purpose { kRead, kChange };

Result<OpenSets> open_sets(const std::string& instance, Purpose purpose) {
  auto dir = running_instance(instance);
  if (!dir) return std::unexpected(dir.error());
  std::optional<Lock> lock;
  if (purpose == Purpose::kChange) {
    auto state = state_directory();
    if (!state) return std::unexpected(state.error());
    auto taken = Lock::take(*state);
    if (!taken) return std::unexpected(taken.error());
    lock = std::move(*taken);
    auto recovered = dir->recover();
    if (!recovered) return std::unexpected(recovered.error());
  }
  auto generation = generation_in_force(*dir);
  if (!generation) return std::unexpected(generation.error());
  auto sets = generation->sets();
  if (!sets) return std::unexpected(sets.error());
  OpenSets all{std::move(lock), dir->instance(), std::move(*generation),
               std::move(*sets)};
  if (purpose == Purpose::kChange) {
    auto opened = open_before(*dir, all);
    if (!opened) return std::unexpected(opened.error());
  }
  return all;
}

Result<std::uint32_t> number_of(const OpenSets& all, const std::string& set) {
  std::vector<std::string_view> known;
  for (const SetInfo& info : all.sets.infos) known.push_back(info.name);
  const auto found = std::ranges::find(known, set);
  if (found != known.end()) {
    return static_cast<std::uint32_t>(found - known.begin());
  }
  std::string hint = nearest_hint(set, known);
  if (hint.empty() && known.empty()) {
    hint = "a set is dynamic by `dynamic: true` in the policy";
  } else if (hint.empty()) {
    hint = "`xdpgate set list` names them";
  }
  return failure(
      {"find the set", in_quotes(set),
       fmt::format("`{}` has no dynamic set of that name", all.instance),
       hint});
}

Result<OpenSet> open_set(const SetName& name, Purpose purpose) {
  auto all = open_sets(name.instance, purpose);
  if (!all) return std::unexpected(all.error());
  auto number = number_of(*all, name.set);
  if (!number) return std::unexpected(number.error());
  auto map = all->sets.sets.open(*number);
  if (!map) return std::unexpected(map.error());
  return OpenSet{std::move(*all), *number, std::move(*map)};
}

// Under the lock.
Result<OpenSet> open_to_change(const SetName& name) {
  auto set = open_set(name, Purpose::kChange);
  if (!set) return set;
  auto opened = open_other(*set);
  if (!opened) return std::unexpected(opened.error());
  return set;
}

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

Result<void> add_lengths(const OpenSet& set, const xg_set_lengths& lengths) {
  for (const Place& place : set.places()) {
    auto added = place.array->add_lengths(place.number, lengths);
    if (!added) return added;
  }
  return {};
}

Result<void> put_lengths(const OpenSet& set, const xg_set_lengths& lengths) {
  for (const Place& place : set.places()) {
    auto put = place.array->put_lengths(place.number, lengths);
    if (!put) return put;
  }
  return {};
}

// Lengths that no prefix has any more need not be looked up.
Result<void> renew_lengths(const OpenSet& set) {
  auto elements = set.map.read();
  if (!elements) return std::unexpected(elements.error());
  return put_lengths(set, lengths_of(*elements));
}

void sort_once(std::vector<xg_element>& elements) {
  std::ranges::sort(elements, [](const auto& a, const auto& b) {
    return std::memcmp(&a, &b, sizeof(a)) < 0;
  });
  const auto repeated = std::ranges::unique(elements, ElementEqual());
  elements.erase(repeated.begin(), repeated.end());
}

// A map of that size with exactly `elements`, or those that it has room for.
Result<SetMap> map_of(std::uint32_t size, std::span<const xg_element> elements,
                      std::uint64_t expires_ns, const OnProgress& progress) {
  auto map = SetMap::create(size);
  if (!map) return map;
  elements = elements.first(std::min<std::size_t>(elements.size(), size));
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

// ---- the generation before, where its map is another one ----

Result<void> add_to_other(const OpenSet& set,
                          std::span<const xg_element> elements,
                          std::uint64_t expires_ns) {
  if (!set.other) return {};
  const auto& [there, map, size] = *set.other;
  const Place place{&set.all.before_sets->sets, there};
  auto noted =
      place.array->add_lengths(place.number, lengths_of_elements(elements));
  if (!noted) return noted;
  for (const xg_element& element : elements) {
    auto put = map.put({element, expires_ns});
    if (!put) return std::unexpected(put.error());
    if (!*put) break;  // it is full
  }
  return {};
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
  const auto& [there, old, size] = *set.other;
  const Place place{&set.all.before_sets->sets, there};
  auto map = map_of(size, elements, expires_ns, {});
  if (!map) return std::unexpected(map.error());
  const xg_set_lengths lengths = lengths_of_elements(elements);
  auto done = place.array->add_lengths(place.number, lengths);
  if (done) done = place.array->put(place.number, *map);
  if (done) done = place.array->put_lengths(place.number, lengths);
  return done;
}

}  // namespace

Result<std::vector<SetStatus>> running_sets(const std::string& instance) {
  auto all = open_sets(instance, Purpose::kRead);
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
  auto set = open_set(name, Purpose::kRead);
  if (!set) return std::unexpected(set.error());
  auto elements = living(set->map);
  if (!elements) return std::unexpected(elements.error());
  return SetContent{set->all.instance, status_of(set->info(), elements->size()),
                    std::move(*elements)};
}

Result<SetChange> add_to_set(const SetName& name,
                             std::span<const xg_element> elements,
                             std::optional<std::uint64_t> timeout_ns) {
  auto set = open_to_change(name);
  if (!set) return std::unexpected(set.error());
  // Before the elements are there: no packet may miss one of them.
  auto noted = add_lengths(*set, lengths_of_elements(elements));
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
    if (sure)
      sure = queue_elements(*set, addition.unqueued(), addition.expires_ns());
    if (!sure) return std::unexpected(sure.error());
  }
  auto along = add_to_other(*set, elements, addition.expires_ns());
  if (!along) return std::unexpected(along.error());
  return SetChange{set->all.instance, addition.added(), addition.renewed()};
}

Result<SetChange> remove_from_set(const SetName& name,
                                  std::vector<xg_element> elements) {
  auto set = open_to_change(name);
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
  auto set = open_to_change(name);
  if (!set) return std::unexpected(set.error());
  sort_once(elements);
  const std::uint64_t expires_ns = expiry(set->info(), timeout_ns);
  auto map = filled_map(*set, elements, expires_ns, progress);
  if (!map) return std::unexpected(map.error());
  // Around the one instant of the change, packets look for the prefixes of
  // both contents.
  const xg_set_lengths lengths = lengths_of_elements(elements);
  const auto places = set->places();
  auto done = add_lengths(*set, lengths);
  for (const Place& place : places) {
    if (done) done = place.array->put(place.number, *map);
    if (done) done = place.array->put_lengths(place.number, lengths);
  }
  if (done) done = queue_elements(*set, elements, expires_ns);
  if (done) done = load_other(*set, elements, expires_ns);
  if (!done) return std::unexpected(done.error());
  return SetChange{set->all.instance, elements.size(), 0};
}

}  // namespace xdpgate
