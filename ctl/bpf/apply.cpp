// SPDX-License-Identifier: GPL-2.0-only
// apply(): the order of steps that docs/architecture.md, "The running filter",
// argues for. Every step before commit() can be undone by forgetting it.
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <set>

#include "bpf/bpffs.h"
#include "bpf/generation.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/link.h"
#include "bpf/lock.h"
#include "bpf/program.h"
#include "bpf/self_check.h"
#include "bpf/totals.h"

namespace xdpgate {
namespace {

// An interface that is asked for, and how it stands.
struct Wanted {
  std::string name;
  std::uint32_t ifindex = 0;
  bool attached = false;  ///< carries this instance already
  std::string mode;       ///< where attached
};

Result<std::vector<Wanted>> look_up(const std::vector<std::string>& names) {
  std::vector<Wanted> result;
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) continue;
    const std::uint32_t ifindex = ::if_nametoindex(name.c_str());
    if (ifindex == 0) {
      return failure({"find the interface", name, "no such interface here",
                      "see `ip link`; other network namespaces have others"});
    }
    result.push_back({name, ifindex, false, ""});
  }
  return result;
}

// Whose program an interface carries, in words.
std::string owner_of(const std::string& state, std::uint32_t id) {
  for (const std::string& name : instance_names(state)) {
    auto entry = InstanceDir(state, name).open_entry();
    if (entry && program_id(entry->program.get()) == id) {
      return fmt::format("instance `{}` of xdpgate", name);
    }
  }
  const std::string name = program_name(id);
  return fmt::format("XDP program {} ({})", id, name.empty() ? "?" : name);
}

class Apply {
 public:
  Apply(const Image& image, const ApplyRequest& request, std::string state)
      : image_(image),
        request_(request),
        state_(std::move(state)),
        dir_(state_, request.instance) {}

  Result<ApplyOutcome> run() {
    for (auto step : {&Apply::open_instance, &Apply::inspect_interfaces}) {
      auto done = (this->*step)();
      if (!done) return std::unexpected(done.error());
    }
    if (current_ && same_policy() && nothing_to_move()) return unchanged();
    auto applied = load_and_commit();
    if (!applied) {
      undo();
      return std::unexpected(applied.error());
    }
    return outcome_;
  }

 private:
  Result<void> open_instance() {
    auto recovered = dir_.recover();
    if (!recovered) return recovered;
    if (!exists(dir_.path())) return {};
    auto entry = dir_.open_entry();
    if (!entry) return std::unexpected(entry.error());
    entry_ = std::move(*entry);
    auto current = dir_.current(entry_);
    if (!current) return std::unexpected(current.error());
    current_ = std::move(*current);
    return {};
  }

  Result<void> inspect_interfaces() {
    auto wanted = look_up(request_.interfaces);
    if (!wanted) return std::unexpected(wanted.error());
    wanted_ = std::move(*wanted);
    for (const PinnedLink& link : dir_.links()) {
      auto noted = note_link(link);
      if (!noted) return noted;
    }
    for (Wanted& interface : wanted_) {
      auto checked = check_carried(interface);
      if (!checked) return checked;
    }
    return {};
  }

  Result<void> note_link(const PinnedLink& link) {
    if (link.ifindex == 0) {
      stale_.push_back(link);
      return {};
    }
    if (link.netns != this_netns()) {
      return failure({"apply", "`" + request_.instance + "`",
                      fmt::format("it runs on {} in another network namespace",
                                  link.interface),
                      "give this policy another `name:`"});
    }
    auto found = std::ranges::find(wanted_, link.ifindex, &Wanted::ifindex);
    if (found == wanted_.end()) {
      stale_.push_back(link);
    } else {
      found->attached = true;
    }
    return {};
  }

  Result<void> check_carried(Wanted& interface) {
    auto carried = carried_by(interface.ifindex, interface.name);
    if (!carried) return std::unexpected(carried.error());
    interface.mode = carried->mode;
    if (!interface.attached && carried->program_id != 0) {
      return failure({"attach the filter to", interface.name,
                      "it carries " + owner_of(state_, carried->program_id),
                      "detach that first (`ip link show` names it)"});
    }
    const bool other_mode =
        (request_.mode == Mode::kNative && interface.mode != "native") ||
        (request_.mode == Mode::kGeneric && interface.mode != "generic");
    if (interface.attached && other_mode) {
      return failure({"apply to", interface.name,
                      "the filter is attached in " + interface.mode + " mode",
                      "`xdpgate detach " + interface.name +
                          "` first, or leave the mode as it is"});
    }
    return {};
  }

  [[nodiscard]] bool same_policy() const {
    return current_->image().digest() == ImageView(image_).digest();
  }
  [[nodiscard]] bool nothing_to_move() const {
    return stale_.empty() && std::ranges::all_of(wanted_, &Wanted::attached);
  }

  ApplyOutcome unchanged() {
    outcome_.generation = current_->number();
    describe_interfaces();
    return outcome_;
  }

  Result<void> load_and_commit() {
    const bool same = current_ && same_policy();
    if (!same) {
      auto loaded = load();
      if (!loaded) return loaded;
    }
    if (request_.dry_run) return dry_run_outcome();
    for (auto step : {&Apply::prepare_entry, &Apply::prepare_generation,
                      &Apply::attach_new, &Apply::commit, &Apply::pin_new,
                      &Apply::settle}) {
      auto done = (this->*step)();
      if (!done) return done;
    }
    outcome_.changed = true;
    describe_interfaces();
    return {};
  }

  Result<void> load() {
    auto program = load_program(image_);
    if (!program) return std::unexpected(program.error());
    auto checked = self_check(*program, image_);
    if (!checked) return checked;
    program_.emplace(std::move(*program));
    return {};
  }

  Result<void> dry_run_outcome() {
    outcome_.changed = true;
    outcome_.generation = current_ ? current_->number() + 1 : 1;
    describe_interfaces();
    return {};
  }

  Result<void> prepare_entry() {
    if (entry_.program) return {};
    made_directory_ = true;
    auto entry = dir_.create();
    if (!entry) return std::unexpected(entry.error());
    entry_ = std::move(*entry);
    return {};
  }

  Result<void> prepare_generation() {
    if (!program_) {  // same policy: only interfaces change
      outcome_.generation = current_->number();
      return {};
    }
    const std::uint64_t number = current_ ? current_->number() + 1 : 1;
    outcome_.generation = number;
    next_path_ = dir_.generation_path(number);
    auto next = Generation::create(*program_, next_path_, number);
    if (!next) return std::unexpected(next.error());
    next_ = std::move(*next);
    if (current_) return {};
    for (xg_base_counter& counter : next_->base().subspan(XG_SLOT_RULE)) {
      counter.changed = number;
    }
    next_->seal();  // nothing before it to fold
    return put_in_force(entry_.slots.get(), next_->program_fd());
  }

  Result<void> attach_new() {
    for (Wanted& interface : wanted_) {
      if (interface.attached) continue;
      auto link = attach(entry_.program.get(), interface.ifindex,
                         interface.name, request_.mode);
      if (!link) return std::unexpected(link.error());
      interface.mode = link->mode;
      if (!link->why.empty()) {
        outcome_.notes.push_back(
            fmt::format("{}: generic mode, since native mode was refused: {}",
                        interface.name, link->why));
        why_[interface.name] = link->why;
      }
      new_links_.emplace_back(interface.name, std::move(link->fd));
    }
    return {};
  }

  // The one instant: before it the old policy judges, after it the new one.
  Result<void> commit() {
    if (!next_ || !current_) return {};
    auto done = put_in_force(entry_.slots.get(), next_->program_fd());
    if (done) committed_ = true;
    return done;
  }

  Result<void> pin_new() {
    for (auto& [name, fd] : new_links_) {
      auto removed = remove_tree(dir_.link_path(name));  // a dead one's
      if (!removed) return removed;
      auto pinned = pin(fd.get(), dir_.link_path(name));
      if (!pinned) return pinned;
    }
    return {};
  }

  Result<void> settle() {
    if (next_ && current_) {
      wait_for_packets();
      auto folded = fold(*current_, *next_);
      if (!folded) return folded;
      auto removed = remove_tree(current_->path());
      if (!removed) return removed;
    }
    for (const PinnedLink& link : stale_) {
      const bool renewed = std::ranges::any_of(
          new_links_, [&](const auto& l) { return l.first == link.interface; });
      if (renewed) continue;  // pin_new() has replaced it
      auto removed = remove_link(link);
      if (!removed) return removed;
    }
    return {};
  }

  // After a failed step: new links go with their descriptors; pins of what did
  // not come into force are removed. After the commit there is nothing to undo.
  void undo() {
    if (committed_) return;
    for (auto& [name, fd] : new_links_) {
      if (exists(dir_.link_path(name))) {
        (void)remove_link({dir_.link_path(name), name, this_netns(), 0});
      }
      fd.reset();
    }
    if (made_directory_ || (!current_ && entry_.program)) {
      (void)dir_.remove();
    } else if (!next_path_.empty()) {
      (void)remove_tree(next_path_);
    }
  }

  void describe_interfaces() {
    for (const Wanted& interface : wanted_) {
      outcome_.interfaces.push_back({interface.name, interface.ifindex,
                                     interface.mode, why_[interface.name]});
    }
  }

  const Image& image_;
  const ApplyRequest& request_;
  std::string state_;
  InstanceDir dir_;
  Entry entry_;
  std::optional<Generation> current_, next_;
  std::optional<Program> program_;
  std::string next_path_;
  std::vector<Wanted> wanted_;
  std::vector<PinnedLink> stale_;
  std::vector<std::pair<std::string, Fd>> new_links_;
  std::map<std::string, std::string> why_;
  bool made_directory_ = false;
  bool committed_ = false;
  ApplyOutcome outcome_;
};

}  // namespace

Result<ApplyOutcome> apply(const Image& image, const ApplyRequest& request) {
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  auto lock = Lock::take(*state);
  if (!lock) return std::unexpected(lock.error());
  return Apply(image, request, *state).run();
}

}  // namespace xdpgate
