// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/instance_dir.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sstream>

#include "bpf/bpffs.h"
#include "bpf/lease.h"
#include "bpf/port_totals.h"

namespace xdpgate {
namespace {

std::string mode_suffix(Mode asked) {
  if (asked == Mode::kNative) return "@native";
  return asked == Mode::kGeneric ? "@generic" : "";
}

std::string link_name(const std::string& interface, const NewLink& link) {
  std::string name = fmt::format("{}@{}", pin_name(interface), this_netns());
  if (link.refused != 0) name += fmt::format("@{}", link.refused);
  if (link.alone != 0) name += fmt::format("@alone-{}", link.alone);
  return name + mode_suffix(link.asked);
}

std::string behind_name(const BehindOptions& options) {
  return fmt::format("{}@{}@prio-{}@if-{}{}", pin_name(options.name),
                     this_netns(), options.priority, options.ifindex,
                     mode_suffix(options.mode));
}

// The number behind `prefix` in a part of a name; nothing in other parts.
std::optional<std::uint32_t> number_behind(const std::string& prefix,
                                           const std::string& part) {
  if (!part.starts_with(prefix)) return std::nullopt;
  return static_cast<std::uint32_t>(
      std::strtoul(part.c_str() + prefix.size(), nullptr, 10));
}

// A part of the name behind its second "@".
void parse_part(const std::string& part, PinnedLink& link) {
  if (part == "native") {
    link.asked = Mode::kNative;
  } else if (part == "generic") {
    link.asked = Mode::kGeneric;
  } else if (const auto priority = number_behind("prio-", part)) {
    link.priority = *priority;
  } else if (const auto ifindex = number_behind("if-", part)) {
    link.ifindex = *ifindex;
  } else if (const auto alone = number_behind("alone-", part)) {
    link.alone = static_cast<int>(*alone);
  } else {
    link.refused = std::atoi(part.c_str());
  }
}

// What the name of a pin says.
PinnedLink parse_link_name(const std::string& directory,
                           const std::string& name) {
  PinnedLink link;
  link.path = directory + "/" + name;
  std::istringstream parts(name);
  std::string part;
  std::getline(parts, part, '@');
  link.interface = name_of_pin(part);
  if (std::getline(parts, part, '@')) {
    link.netns = std::strtoull(part.c_str(), nullptr, 10);
  }
  while (std::getline(parts, part, '@')) parse_part(part, link);
  return link;
}

// Of an interface behind a dispatcher only its index is known.
bool is_gone(const PinnedLink& link) {
  char name[IF_NAMESIZE];
  return link.netns == this_netns() &&
         ::if_indextoname(link.ifindex, name) == nullptr;
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
    if (!link.priority) {
      auto ifindex = link_ifindex((*fd)->get());
      if (!ifindex) return std::unexpected(ifindex.error());
      link.ifindex = *ifindex;
    } else if (is_gone(link)) {
      link.ifindex = 0;
    }
    result.push_back(std::move(link));
  }
  return result;
}

// Off first: while the pin is there, whoever comes next does it again.
Result<void> remove_behind(const PinnedLink& link, int entry_fd) {
  if (link.ifindex != 0 && link.netns != this_netns()) {
    return failure({"detach from", link.interface,
                    "it is in another network namespace",
                    "libxdp's dispatcher can be changed from there only"});
  }
  auto detached = link.ifindex == 0
                      ? Result<void>{}
                      : detach_behind(entry_fd, link.ifindex, link.interface);
  return detached ? remove_tree(link.path) : detached;
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

// Those of a policy that waits to be confirmed stay with its generation.
Result<std::vector<PinnedLink>> InstanceDir::links() const {
  auto links = links_in(links_path());
  auto numbers = generations();
  if (!numbers) return std::unexpected(numbers.error());
  for (std::uint64_t number : *numbers) {
    if (!links) return links;
    if (!exists(generation_path(number) + "/" + kLeaseProgramPin)) continue;
    auto staged = links_in(staged_path(number));
    if (!staged) return staged;
    std::ranges::move(*staged, std::back_inserter(*links));
  }
  return links;
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
  auto ports = find_pin(path_ + "/ports");
  if (!ports) return std::unexpected(ports.error());
  if (*ports) {
    entry.ports = std::move(**ports);
    return entry;
  }
  auto made = make_ports();  // an instance of before they were counted
  if (!made) return std::unexpected(made.error());
  entry.ports = std::move(*made);
  return entry;
}

Result<void> InstanceDir::pin_ports(const Entry& entry) const {
  if (exists(path_ + "/ports")) return {};
  return pin(entry.ports.get(), path_ + "/ports");
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
                          std::pair("ports", entry.ports.get()),
                          std::pair("entry", entry.program.get()),
                          std::pair("slots", entry.slots.get())}) {
    auto pinned = pin(fd, path_ + "/" + name);
    if (!pinned) return pinned;
  }
  return {};
}

Result<std::optional<Lease>> InstanceDir::lease_with(
    std::uint32_t program) const {
  auto numbers = generations();
  if (!numbers) return std::unexpected(numbers.error());
  for (std::uint64_t number : *numbers) {
    auto lease = Lease::open(generation_path(number));
    if (!lease) return std::unexpected(lease.error());
    if (*lease && (*lease)->id() == program) return lease;
  }
  return std::nullopt;
}

Result<std::optional<Lease>> InstanceDir::lease_in_force(
    const Entry& entry) const {
  auto in_force = program_in_force(entry.slots.get());
  if (!in_force) return std::unexpected(in_force.error());
  if (*in_force == 0) return std::nullopt;
  return lease_with(*in_force);
}

Result<std::uint32_t> InstanceDir::judging(const Entry& entry) const {
  auto lease = lease_in_force(entry);
  if (!lease) return std::unexpected(lease.error());
  if (!*lease) return program_in_force(entry.slots.get());
  const xg_lease terms = (*lease)->terms();
  return (*lease)->state() == LeaseState::kEnded ? terms.before_id
                                                 : terms.next_id;
}

Result<std::optional<Generation>> InstanceDir::current(
    const Entry& entry) const {
  auto judges = judging(entry);
  if (!judges) return std::unexpected(judges.error());
  auto numbers = generations();
  if (!numbers) return std::unexpected(numbers.error());
  if (*judges == 0) return std::nullopt;
  for (std::uint64_t number : *numbers) {
    const std::string path = generation_path(number);
    auto program = find_pin(path + "/prog");
    if (!program) return std::unexpected(program.error());
    if (!*program) continue;
    auto id = program_id((*program)->get());
    if (!id) return std::unexpected(id.error());
    if (*id != *judges) continue;
    auto generation = Generation::open(path, number);
    if (!generation) return std::unexpected(generation.error());
    return std::optional(std::move(*generation));
  }
  return std::nullopt;
}

Result<std::optional<Generation>> InstanceDir::before(
    std::uint64_t generation) const {
  auto numbers = generations();
  if (!numbers) return std::unexpected(numbers.error());
  const auto next = std::ranges::lower_bound(*numbers, generation);
  if (next == numbers->begin()) return std::nullopt;
  const std::uint64_t number = *std::prev(next);
  auto opened = Generation::open(generation_path(number), number);
  if (!opened) return std::unexpected(opened.error());
  return std::optional(std::move(*opened));
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

Result<void> InstanceDir::stage_behind(std::uint64_t generation,
                                       const Entry& entry,
                                       const BehindOptions& options) const {
  const std::string directory = staged_path(generation);
  auto done = make_directory(directory);
  if (!done) return done;
  return pin(entry.program.get(), directory + "/" + behind_name(options));
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

Result<void> InstanceDir::adopt_first_links(std::uint64_t generation) const {
  return move_pin(staged_path(generation), links_path());
}

Result<void> InstanceDir::remove_before(std::uint64_t generation) const {
  auto numbers = generations();
  if (!numbers) return std::unexpected(numbers.error());
  for (std::uint64_t number : *numbers) {
    if (number >= generation) break;
    auto removed = remove_generation(number);
    if (!removed) return removed;
  }
  return {};
}

Result<void> InstanceDir::drop_staged_links(std::uint64_t generation) const {
  return remove_links_in(staged_path(generation));
}

Result<void> InstanceDir::remove_generation(std::uint64_t generation) const {
  auto dropped = drop_staged_links(generation);
  if (!dropped) return dropped;
  return remove_tree(generation_path(generation));
}

Result<void> remove_link(const PinnedLink& link) {
  auto fd = find_pin(link.path);
  if (!fd) return std::unexpected(fd.error());
  if (!*fd) return {};
  if (link.priority) return remove_behind(link, (*fd)->get());
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
