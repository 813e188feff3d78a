// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/instance_dir.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "bpf/bpffs.h"
#include "bpf/link.h"
#include "bpf/totals.h"

namespace xdpgate {

InstanceDir::InstanceDir(const std::string& state_directory,
                         const std::string& instance)
    : instance_(instance), path_(state_directory + "/" + pin_name(instance)) {}

std::string InstanceDir::generation_path(std::uint64_t number) const {
  return fmt::format("{}/gen-{}", path_, number);
}

std::string InstanceDir::link_path(const std::string& interface) const {
  return fmt::format("{}/links/{}@{}", path_, pin_name(interface),
                     this_netns());
}

std::vector<std::uint64_t> InstanceDir::generations() const {
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : entries(path_)) {
    if (auto number = generation_number(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<PinnedLink> InstanceDir::links() const {
  std::vector<PinnedLink> result;
  for (const std::string& name : entries(path_ + "/links")) {
    const std::size_t at = name.rfind('@');
    if (at == std::string::npos) continue;
    PinnedLink link;
    link.path = path_ + "/links/" + name;
    link.interface = name_of_pin(name.substr(0, at));
    link.netns = std::strtoull(name.c_str() + at + 1, nullptr, 10);
    if (auto fd = open_pin(link.path)) link.ifindex = link_ifindex(fd->get());
    result.push_back(std::move(link));
  }
  return result;
}

Result<Entry> InstanceDir::open_entry() const {
  auto program = open_pin(path_ + "/entry");
  if (!program) return std::unexpected(program.error());
  auto slots = open_pin(path_ + "/slots");
  if (!slots) return std::unexpected(slots.error());
  return Entry{std::move(*program), std::move(*slots)};
}

Result<Entry> InstanceDir::create() const {
  auto entry = load_entry();
  if (!entry) return entry;
  for (const std::string& directory : {path_, path_ + "/links"}) {
    auto made = make_directory(directory);
    if (!made) return std::unexpected(made.error());
  }
  for (auto [name, fd] : {std::pair("entry", entry->program.get()),
                          std::pair("slots", entry->slots.get())}) {
    auto pinned = pin(fd, path_ + "/" + name);
    if (!pinned) return std::unexpected(pinned.error());
  }
  return entry;
}

Result<std::optional<Generation>> InstanceDir::current(
    const Entry& entry) const {
  const std::uint32_t in_force = program_in_force(entry.slots.get());
  if (in_force == 0) return std::nullopt;
  for (std::uint64_t number : generations()) {
    const std::string path = generation_path(number);
    auto program = open_pin(path + "/prog");
    if (!program || program_id(program->get()) != in_force) continue;
    auto generation = Generation::open(path, number);
    if (!generation) return std::unexpected(generation.error());
    return std::optional(std::move(*generation));
  }
  return std::nullopt;
}

// What is older was replaced: its counts go into the current base, unless they
// are there already. What is newer never came into force.
Result<void> InstanceDir::drop_other_generations(Generation& current) const {
  for (std::uint64_t number : generations()) {
    if (number == current.number()) continue;
    const std::string path = generation_path(number);
    if (number < current.number() && !current.sealed()) {
      auto old = Generation::open(path, number);
      if (!old) return std::unexpected(old.error());
      wait_for_packets();
      auto folded = fold(*old, current);
      if (!folded) return folded;
    }
    auto removed = remove_tree(path);
    if (!removed) return removed;
  }
  return {};
}

Result<void> InstanceDir::recover() const {
  if (!exists(path_)) return {};
  auto entry = open_entry();
  if (!entry) {
    return links().empty() ? remove_tree(path_)
                           : std::unexpected(entry.error());
  }
  auto generation = current(*entry);
  if (!generation) return std::unexpected(generation.error());
  if (!*generation) {
    return links().empty() ? remove_tree(path_) : Result<void>{};
  }
  return drop_other_generations(**generation);
}

Result<void> remove_link(const PinnedLink& link) {
  if (auto fd = open_pin(link.path)) {
    // The pin's removal would detach too, but only some time later.
    bpf_link_detach(fd->get());
  }
  return remove_tree(link.path);
}

// Links first: the kernel empties a program array with its last pin, and an
// empty one passes everything.
Result<void> InstanceDir::remove() const {
  for (const PinnedLink& link : links()) {
    auto removed = remove_link(link);
    if (!removed) return removed;
  }
  return remove_tree(path_);
}

std::vector<std::string> instance_names(const std::string& state_directory) {
  std::vector<std::string> names;
  for (const std::string& name : entries(state_directory)) {
    names.push_back(name_of_pin(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace xdpgate
