// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "bpf/bpffs.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/link.h"
#include "bpf/lock.h"

namespace xdpgate {
namespace {

bool is_asked_for(const PinnedLink& link,
                  const std::vector<std::string>& interfaces) {
  if (interfaces.empty()) return true;
  return link.netns == this_netns() &&
         std::ranges::find(interfaces, link.interface) != interfaces.end();
}

// Detaches what is asked for of one instance; removes it when nothing is left.
Result<void> detach_from(const InstanceDir& dir,
                         const std::vector<std::string>& interfaces,
                         std::vector<std::string>& detached) {
  std::size_t left = 0;
  for (const PinnedLink& link : dir.links()) {
    if (!is_asked_for(link, interfaces)) {
      ++left;
      continue;
    }
    auto removed = remove_link(link);
    if (!removed) return removed;
    detached.push_back(fmt::format("{} {}", dir.instance(), link.interface));
  }
  return left == 0 ? dir.remove() : Result<void>{};
}

Result<void> all_were_found(const std::vector<std::string>& interfaces,
                            const std::vector<std::string>& detached) {
  for (const std::string& name : interfaces) {
    const bool found = std::ranges::any_of(
        detached, [&](const auto& line) { return line.ends_with(" " + name); });
    if (!found) {
      return failure({"detach from", name, "it carries no filter of xdpgate",
                      "`xdpgate status` lists those that do"});
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> detach(
    const std::string& instance, const std::vector<std::string>& interfaces) {
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  auto lock = Lock::take(*state);
  if (!lock) return std::unexpected(lock.error());
  std::vector<std::string> detached;
  bool found = instance.empty();
  for (const std::string& name : instance_names(*state)) {
    if (!instance.empty() && name != instance) continue;
    found = true;
    auto done = detach_from(InstanceDir(*state, name), interfaces, detached);
    if (!done) return std::unexpected(done.error());
  }
  if (!found) {
    return failure({"detach", "`" + instance + "`", "no such instance",
                    "`xdpgate status` lists them"});
  }
  auto complete = all_were_found(interfaces, detached);
  if (!complete) return std::unexpected(complete.error());
  return detached;
}

}  // namespace xdpgate
