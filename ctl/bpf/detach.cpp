// SPDX-License-Identifier: GPL-2.0-only
// detach(): takes the filter off interfaces, and removes what is attached
// nowhere.
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <optional>

#include "bpf/bpffs.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/link.h"
#include "bpf/lock.h"

namespace xdpgate {
namespace {

// By the interface's present name; by its old one where it is gone.
bool is_called(const PinnedLink& link, const std::string& name) {
  const std::uint32_t ifindex = ::if_nametoindex(name.c_str());
  if (link.ifindex == 0 || ifindex == 0) return link.interface == name;
  return link.ifindex == ifindex;
}

bool is_asked_for(const PinnedLink& link,
                  const std::vector<std::string>& interfaces) {
  if (interfaces.empty()) return true;
  return link.netns == this_netns() &&
         std::ranges::any_of(interfaces, [&](const std::string& name) {
           return is_called(link, name);
         });
}

// An instance and those of its links that are asked for.
struct Found {
  InstanceDir dir;
  std::vector<PinnedLink> links;
  bool whole = false;  // these are all
};

Result<Found> look_up(const InstanceDir& dir,
                      const std::vector<std::string>& interfaces) {
  // What cannot be made whole can still be taken off.
  (void)dir.recover();
  auto links = dir.links();
  if (!links) return std::unexpected(links.error());
  const auto all = links->size();
  std::erase_if(*links, [&](const PinnedLink& link) {
    return !is_asked_for(link, interfaces);
  });
  return Found{dir, *links, links->size() == all};
}

Result<void> take_off(const Found& found, std::vector<std::string>& detached) {
  for (const PinnedLink& link : found.links) {
    auto removed = remove_link(link);
    if (!removed) return removed;
    detached.push_back(
        fmt::format("{} {}", found.dir.instance(), link.interface));
  }
  return found.whole ? found.dir.remove() : Result<void>{};
}

// Before anything is taken off: a misspelt name changes nothing.
Result<void> all_were_found(const std::vector<std::string>& interfaces,
                            const std::vector<Found>& found) {
  for (const std::string& name : interfaces) {
    const bool known = std::ranges::any_of(found, [&](const Found& one) {
      return std::ranges::any_of(one.links, [&](const PinnedLink& link) {
        return is_called(link, name);
      });
    });
    if (!known) {
      return failure({"detach from", name, "it carries no filter of xdpgate",
                      "`xdpgate status` lists those that do"});
    }
  }
  return {};
}

// A bridge on one port would swallow what it passes.
Result<void> no_bridge_is_cut(const std::vector<Found>& found) {
  for (const Found& one : found) {
    if (one.whole || one.links.empty()) continue;
    const auto entry = one.dir.open_entry();
    const auto current =
        entry ? one.dir.current(*entry) : Result<std::optional<Generation>>{};
    if (!current || !*current) continue;
    if (((*current)->image().header().features & XG_HAS_BRIDGE) == 0) continue;
    return failure(
        {"detach from", one.links.front().interface,
         fmt::format("it is a port of the bridge `{}`", one.dir.instance()),
         fmt::format("`xdpgate detach --name {}` takes both off",
                     one.dir.instance())});
  }
  return {};
}

Result<std::vector<Found>> look_up_all(
    const std::string& state, const std::string& instance,
    const std::vector<std::string>& interfaces) {
  auto names = instance_names(state);
  if (!names) return std::unexpected(names.error());
  if (!instance.empty() &&
      std::ranges::find(*names, instance) == names->end()) {
    return failure({"detach", "`" + instance + "`", "no such instance",
                    "`xdpgate status` lists them"});
  }
  std::vector<Found> all;
  for (const std::string& name : *names) {
    if (!instance.empty() && name != instance) continue;
    auto found = look_up(InstanceDir(state, name), interfaces);
    if (!found) return std::unexpected(found.error());
    all.push_back(std::move(*found));
  }
  auto complete = all_were_found(interfaces, all);
  if (complete) complete = no_bridge_is_cut(all);
  if (!complete) return std::unexpected(complete.error());
  return all;
}

}  // namespace

Result<std::vector<std::string>> detach(
    const std::string& instance, const std::vector<std::string>& interfaces) {
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  auto lock = Lock::take(*state);
  if (!lock) return std::unexpected(lock.error());
  auto found = look_up_all(*state, instance, interfaces);
  if (!found) return std::unexpected(found.error());
  std::vector<std::string> detached;
  for (const Found& one : *found) {
    auto done = take_off(one, detached);
    if (!done) return std::unexpected(done.error());
  }
  return detached;
}

}  // namespace xdpgate
