// SPDX-License-Identifier: GPL-2.0-only
// apply(): the order of steps that docs/architecture.md, "The running filter",
// argues for. Every step before commit() can be undone by forgetting it.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "bpf/bpffs.h"
#include "bpf/device_plan.h"
#include "bpf/generation.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/interface_plan.h"
#include "bpf/lock.h"
#include "bpf/program.h"
#include "bpf/self_check.h"
#include "bpf/take_over.h"

namespace xdpgate {
namespace {

class Apply {
 public:
  Apply(const Image& image, const ApplyRequest& request, std::string state)
      : image_(image),
        request_(request),
        dir_(state, request.instance),
        interfaces_(std::move(state), dir_, request.mode) {}

  Result<ApplyOutcome> run() {
    auto opened = open_instance();
    if (opened) opened = interfaces_.inspect(request_.interfaces, entry_);
    if (!opened) return std::unexpected(opened.error());
    same_policy_ = current_ && current_->image().digest() ==
                                   ImageView(image_).digest();
    number_ = !current_      ? 1
              : same_policy_ ? current_->number()
                             : current_->number() + 1;
    if (same_policy_ && interfaces_.is_in_place()) return outcome(false);
    auto loaded = look_up_devices();
    if (loaded && !same_policy_) loaded = load();
    if (!loaded) return std::unexpected(loaded.error());
    if (request_.dry_run) return outcome(true);
    auto done = put_in_force_and_settle();
    if (!done) return std::unexpected(done.error());
    return outcome(true);
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

  Result<void> look_up_devices() {
    auto devices = DevicePlan::of(image_);
    if (!devices) return std::unexpected(devices.error());
    devices_ = std::move(*devices);
    return devices_.check(interfaces_.describe(), request_.mode);
  }

  Result<void> load() {
    if (!entry_.program) {
      auto entry = load_entry();
      if (!entry) return std::unexpected(entry.error());
      entry_ = std::move(*entry);
      entry_is_new_ = true;
    }
    auto program = load_program(
        image_, {.entry = &entry_, .devices = devices_.ifindexes()});
    if (!program) return std::unexpected(program.error());
    auto checked = self_check(*program, image_);
    if (!checked) return checked;
    program_.emplace(std::move(*program));
    return {};
  }

  Result<void> put_in_force_and_settle() {
    for (auto step : {&Apply::prepare_entry, &Apply::prepare_generation,
                      &Apply::attach_new, &Apply::commit}) {
      auto done = (this->*step)();
      if (done) continue;
      undo();
      return done;
    }
    return settle();
  }

  Result<void> prepare_entry() {
    if (!entry_is_new_) return {};
    made_directory_ = true;
    return dir_.create(entry_);
  }

  Result<void> prepare_generation() {
    if (same_policy_) return {};  // only interfaces change
    auto connected = connect_dynamic_sets();
    if (connected) connected = prepare_limits();
    if (!connected) return connected;
    auto next = Generation::create(*program_, dir_.generation_path(number_),
                                   number_);
    if (!next) return std::unexpected(next.error());
    next_ = std::move(*next);
    auto announced = announce(program_->image_fd(), number_);
    if (!announced) return announced;
    if (current_) return {};
    for (xg_base_counter& counter : next_->base().subspan(XG_SLOT_RULE)) {
      counter.changed = number_;
    }
    next_->seal();  // nothing before it to fold
    return put_in_force(entry_.slots.get(), next_->program_fd());
  }

  // The dynamic sets of the generation before are the next one's, too.
  Result<void> connect_dynamic_sets() {
    auto infos = set_infos(ImageView(image_));
    if (!infos) return std::unexpected(infos.error());
    const GenerationSets next = {
        SetArray({program_->sets_fd(), program_->set_queues_fd(),
                  program_->set_lengths_fd()}),
        *infos};
    if (!current_) return connect_sets(next, nullptr);
    auto old = current_->sets();
    if (!old) return std::unexpected(old.error());
    return connect_sets(next, &*old);
  }

  Result<void> prepare_limits() {
    auto limits =
        LimitTable::open(program_->limits_fd(), program_->limit_buckets());
    if (!limits) return std::unexpected(limits.error());
    limits_ = std::move(*limits);
    if (!current_) return limits_.put_secret(nullptr);
    auto old = current_->limits();
    if (!old) return std::unexpected(old.error());
    old_limits_ = std::move(*old);
    return limits_.put_secret(&old_limits_);
  }

  Result<void> attach_new() {
    auto attached = interfaces_.attach_new(entry_.program.get(), number_);
    if (!attached) return attached;
    return devices_.check(interfaces_.describe(), request_.mode);
  }

  // The one instant: before it the old policy judges, after it the new one.
  Result<void> commit() {
    if (!next_ || !current_) return {};
    auto carried = carry_limits({current_->image(), old_limits_},
                                {next_->image(), limits_});
    if (!carried) return carried;
    return put_in_force(entry_.slots.get(), next_->program_fd());
  }

  // What fails here is done by whoever comes next: the new policy is in force.
  Result<void> settle() {
    const bool swapped = next_ && current_;
    auto done = swapped ? take_over(*current_, *next_) : Result<void>{};
    if (done) done = interfaces_.settle();
    if (done && swapped) done = dir_.remove_generation(current_->number());
    if (!done) done.error().hint = "the new policy is in force all the same";
    return done;
  }

  // After a failed step: what did not come into force is removed.
  void undo() {
    interfaces_.undo();
    if (made_directory_) {
      (void)dir_.remove();
    } else if (!same_policy_) {
      (void)dir_.remove_generation(number_);
    }
  }

  ApplyOutcome outcome(bool changed) const {
    auto interfaces = interfaces_.describe();
    auto notes = interfaces_.notes();
    std::ranges::move(devices_.notes(interfaces), std::back_inserter(notes));
    return {changed, number_, std::move(interfaces), std::move(notes)};
  }

  const Image& image_;
  const ApplyRequest& request_;
  InstanceDir dir_;
  InterfacePlan interfaces_;
  Entry entry_;
  std::optional<Generation> current_, next_;
  std::optional<Program> program_;
  LimitTable limits_, old_limits_;  // of the program, of current_
  std::uint64_t number_ = 0;  // of the generation that is to be in force
  DevicePlan devices_;
  bool same_policy_ = false;
  bool entry_is_new_ = false;
  bool made_directory_ = false;
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
