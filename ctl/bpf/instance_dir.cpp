// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/instance_dir.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "bpf/bpffs.h"
#include "bpf/dead_reader.h"
#include "bpf/take_over.h"

namespace xdpgate {
namespace {

std::string link_name(const std::string& interface, const NewLink& link) {
  std::string name = fmt::format("{}@{}", pin_name(interface), this_netns());
  if (link.refused != 0) name += fmt::format("@{}", link.refused);
  if (link.asked == Mode::kNative) name += "@native";
  if (link.asked == Mode::kGeneric) name += "@generic";
  return name;
}

// What stands behind the name's second "@".
void parse_mode(const std::string& word, PinnedLink& link) {
  if (word == "native") {
    link.asked = Mode::kNative;
  } else if (word == "generic") {
    link.asked = Mode::kGeneric;
  } else {
    link.refused = std::atoi(word.c_str());
  }
}

// What the name of a pin says.
PinnedLink parse_link_name(const std::string& directory,
                           const std::string& name) {
  PinnedLink link;
  link.path = directory + "/" + name;
  const std::size_t at = std::min(name.find('@'), name.size());
  link.interface = name_of_pin(name.substr(0, at));
  char* end = nullptr;
  if (at == name.size()) return link;
  link.netns = std::strtoull(name.c_str() + at + 1, &end, 10);
  if (*end == '@') parse_mode(end + 1, link);
  return link;
}

Result<std::vector<PinnedLink>> links_in(const std::string& directory) {
  std::vector<PinnedLink> result;
  auto names = entries(directory);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    PinnedLink link = parse_link_name(directory, name);
    auto fd = find_pin(link.path);
    if (!fd) return std::unexpected(fd.error());
    if (!*fd) continue;  // removed meanwhile
    auto ifindex = link_ifindex((*fd)->get());
    if (!ifindex) return std::unexpected(ifindex.error());
    link.ifindex = *ifindex;
    result.push_back(std::move(link));
  }
  return result;
}

Result<void> remove_links_in(const std::string& directory) {
  auto links = links_in(directory);
  if (!links) return std::unexpected(links.error());
  for (const PinnedLink& link : *links) {
    auto removed = remove_link(link);
    if (!removed) return removed;
  }
  return remove_tree(directory);
}

}  // namespace

InstanceDir::InstanceDir(const std::string& state_directory,
                         const std::string& instance)
    : instance_(instance), path_(state_directory + "/" + pin_name(instance)) {}

std::string InstanceDir::generation_path(std::uint64_t number) const {
  return fmt::format("{}/gen-{}", path_, number);
}

std::string InstanceDir::staged_path(std::uint64_t generation) const {
  return generation_path(generation) + "/links";
}

Result<std::vector<std::uint64_t>> InstanceDir::generations() const {
  std::vector<std::uint64_t> numbers;
  auto names = entries(path_);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (auto number = generation_number(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<std::vector<PinnedLink>> InstanceDir::links() const {
  return links_in(links_path());
}

Result<Entry> InstanceDir::open_entry() const {
  Entry entry;
  for (auto [name, fd] : {std::pair("entry", &entry.program),
                          std::pair("slots", &entry.slots),
                          std::pair("tap", &entry.capture),
                          std::pair("tap-rings", &entry.rings)}) {
    auto opened = open_pin(path_ + "/" + name);
    if (!opened) return std::unexpected(opened.error());
    *fd = std::move(*opened);
  }
  return entry;
}

// Without entry and slots an instance counts as incomplete: they come last, and
// go first, by their names.
Result<void> InstanceDir::create(const Entry& entry) const {
  for (const std::string& directory : {path_, links_path()}) {
    auto made = make_directory(directory);
    if (!made) return made;
  }
  for (auto [name, fd] : {std::pair("tap", entry.capture.get()),
                          std::pair("tap-rings", entry.rings.get()),
                          std::pair("entry", entry.program.get()),
                          std::pair("slots", entry.slots.get())}) {
    auto pinned = pin(fd, path_ + "/" + name);
    if (!pinned) return pinned;
  }
  return {};
}

Result<std::optional<Generation>> InstanceDir::current(
    const Entry& entry) const {
  auto in_force = program_in_force(entry.slots.get());
  if (!in_force) return std::unexpected(in_force.error());
  auto numbers = generations();
  if (!numbers) return std::unexpected(numbers.error());
  if (*in_force == 0) return std::nullopt;
  for (std::uint64_t number : *numbers) {
    const std::string path = generation_path(number);
    auto program = find_pin(path + "/prog");
    if (!program) return std::unexpected(program.error());
    if (!*program) continue;
    auto id = program_id((*program)->get());
    if (!id) return std::unexpected(id.error());
    if (*id != *in_force) continue;
    auto generation = Generation::open(path, number);
    if (!generation) return std::unexpected(generation.error());
    return std::optional(std::move(*generation));
  }
  return std::nullopt;
}

Result<void> InstanceDir::stage_link(std::uint64_t generation,
                                     const std::string& interface,
                                     const NewLink& link) const {
  const std::string directory = staged_path(generation);
  auto done = make_directory(directory);
  if (!done) return done;
  return pin(link.fd.get(),
             directory + "/" + link_name(interface, link));
}

Result<void> InstanceDir::adopt_links(std::uint64_t generation) const {
  const std::string directory = staged_path(generation);
  auto names = entries(directory);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    auto moved = move_pin(directory + "/" + name, links_path() + "/" + name);
    if (!moved) return moved;
  }
  return remove_tree(directory);
}

Result<void> InstanceDir::drop_staged_links(std::uint64_t generation) const {
  return remove_links_in(staged_path(generation));
}

Result<void> InstanceDir::remove_generation(std::uint64_t generation) const {
  auto dropped = drop_staged_links(generation);
  if (!dropped) return dropped;
  return remove_tree(generation_path(generation));
}

// What is older was replaced: its counts go into the current base, unless they
// are there already. What is newer never came into force.
Result<void> InstanceDir::finish(Generation& current) const {
  auto numbers = generations();
  if (!numbers) return std::unexpected(numbers.error());
  for (std::uint64_t number : *numbers) {
    if (number >= current.number() || current.sealed()) continue;
    auto old = Generation::open(generation_path(number), number);
    if (!old) return std::unexpected(old.error());
    auto done = take_over(*old, current);
    if (!done) return done;
  }
  auto adopted = adopt_links(current.number());
  if (!adopted) return adopted;
  for (std::uint64_t number : *numbers) {
    if (number == current.number()) continue;
    auto removed = remove_generation(number);
    if (!removed) return removed;
  }
  return {};
}

bool InstanceDir::is_settled() const {
  const auto numbers = generations();
  const auto links = this->links();
  return numbers && links && numbers->size() == 1 && !links->empty() &&
         !exists(staged_path(numbers->front()));
}

Result<void> InstanceDir::recover() const {
  if (!exists(path_)) return {};
  auto entry = open_entry();
  const bool incomplete =
      !exists(path_ + "/entry") || !exists(path_ + "/slots");
  if (!entry && !incomplete) return std::unexpected(entry.error());
  if (entry) {
    auto generation = current(*entry);
    if (!generation) return std::unexpected(generation.error());
    auto finished = *generation ? finish(**generation) : Result<void>{};
    if (!finished) return finished;
    clear_dead_reader(*this);
  }
  auto links = this->links();
  if (!links) return std::unexpected(links.error());
  if (links->empty()) return remove();
  return entry ? Result<void>{} : std::unexpected(entry.error());
}

Result<void> remove_link(const PinnedLink& link) {
  auto fd = find_pin(link.path);
  if (!fd) return std::unexpected(fd.error());
  if (!*fd) return {};
  auto removed = remove_tree(link.path);
  if (!removed) return removed;
  // The last descriptor's end would detach too, but only some time later.
  bpf_link_detach((*fd)->get());
  return {};
}

// Links first: the kernel empties a program array with its last pin, and an
// empty one passes everything.
Result<void> InstanceDir::remove() const {
  auto numbers = generations();
  if (!numbers) return std::unexpected(numbers.error());
  auto removed = remove_links_in(links_path());
  for (std::uint64_t number : *numbers) {
    if (!removed) return removed;
    removed = drop_staged_links(number);
  }
  return removed ? remove_tree(path_) : removed;
}

Result<std::vector<std::string>> instance_names(
    const std::string& state_directory) {
  auto names = entries(state_directory);
  if (!names) return names;
  for (std::string& name : *names) name = name_of_pin(name);
  std::sort(names->begin(), names->end());
  return names;
}

}  // namespace xdpgate
