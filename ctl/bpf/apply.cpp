// SPDX-License-Identifier: GPL-2.0-only
// apply(): the order of steps that docs/architecture.md, "The running filter",
// argues for. Every step before commit() can be undone by forgetting it.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "bpf/bpffs.h"
#include "bpf/device_plan.h"
#include "bpf/generation.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"
#include "bpf/interface_plan.h"
#include "bpf/lease.h"
#include "bpf/lock.h"
#include "bpf/program.h"
#include "bpf/self_check.h"
#include "bpf/take_over.h"
#include "compile/compile.h"

namespace xdpgate {
namespace {

constexpr std::uint64_t kFirst = 1;  // generation of a policy

// A policy that lets everything through.
Result<Image> pass_all_image(const std::string& instance) {
  Policy policy;
  policy.name = instance;
  policy.default_action = DefaultAction::kPass;
  policy.malformed = MalformedAction::kPass;
  policy.source = fmt::format(
      "# No policy is in force: the last one was not confirmed.\nversion: 1\n"
      "name: {}\ndefault: pass\nmalformed: pass\nrules: []\n",
      instance);
  return compile(policy, {});
}

class Apply {
 public:
  Apply(const Image& image, const ApplyRequest& request, std::string state)
      : image_(image),
        request_(request),
        dir_(state, request.instance),
        interfaces_(std::move(state), dir_, request) {}

  Result<ApplyOutcome> run() {
    auto opened = open_instance();
    if (opened) opened = interfaces_.inspect(request_.interfaces, entry_);
    if (!opened) return std::unexpected(opened.error());
    counts_ports_ = interfaces_.describe().size() > 1;
    auto compared = compare_images();
    if (compared) compared = compare_programs();
    if (!compared) return std::unexpected(compared.error());
    if (same_policy_ && interfaces_.is_in_place()) return outcome(false);
    // Under a lease interfaces come and go with a generation.
    if (request_.confirm_ns > 0) same_policy_ = false;
    number_ = !current_      ? 1
              : same_policy_ ? current_->number()
                             : current_->newest() + 1;
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
    return nothing_waits();
  }

  Result<void> nothing_waits() const {
    auto lease = dir_.lease_in_force(entry_);
    if (!lease) return std::unexpected(lease.error());
    if (!*lease) return {};
    return failure({"apply", "`" + request_.instance + "`",
                    fmt::format("generation {} waits to be confirmed",
                                (*lease)->terms().next),
                    "`xdpgate confirm` or `xdpgate rollback` first"});
  }

  // An image that another process has changed is replaced like another policy.
  Result<void> compare_images() {
    if (!current_) return {};
    auto damage = current_->damage();
    if (!damage) return std::unexpected(damage.error());
    const ImageView running = current_->image();
    replaces_version_ = !running.has_known_abi();
    const bool same = running.digest() == ImageView(image_).digest();
    same_policy_ = same && !*damage && !replaces_version_;
    if (*damage) damage_ = **damage;
    return {};
  }

  // The same policy in a program of another version is replaced like another
  // policy. The kernel's digest of the instructions tells, which is the same
  // for any image; so the smallest one will do.
  Result<void> compare_programs() {
    if (!same_policy_) return {};
    auto image = pass_all_image(request_.instance);
    if (!image) return std::unexpected(image.error());
    reinterpret_cast<xg_header*>(image->bytes.data())->features =
        image_.header().features;
    auto program = load_program(*image);
    if (!program) return std::unexpected(program.error());
    auto ours = program_tag(program->fd());
    if (!ours) return std::unexpected(ours.error());
    auto running = program_tag(current_->program_fd());
    if (!running) return std::unexpected(running.error());
    same_policy_ = *ours == *running;
    replaces_version_ = !same_policy_;
    auto counts_ports = current_->counts_ports();
    if (!counts_ports) return std::unexpected(counts_ports.error());
    if (counts_ports_ && !*counts_ports) same_policy_ = false;
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
    auto program = load_program(image_, {.entry = &entry_,
                                         .counts_ports = counts_ports_,
                                         .devices = devices_.ifindexes()});
    if (!program) return std::unexpected(program.error());
    auto checked = self_check(*program, image_);
    if (!checked) return checked;
    program_.emplace(std::move(*program));
    return {};
  }

  Result<void> put_in_force_and_settle() {
    for (auto step :
         {&Apply::prepare_entry, &Apply::prepare_nothing,
          &Apply::prepare_generation, &Apply::attach_new, &Apply::commit}) {
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

  // What comes back where the first policy is not confirmed: as if there were
  // no filter, but counted.
  Result<void> prepare_nothing() {
    if (current_ || request_.confirm_ns == 0) return {};
    auto image = pass_all_image(request_.instance);
    if (!image) return std::unexpected(image.error());
    auto program = load_program(*image, {.entry = &entry_});
    if (!program) return std::unexpected(program.error());
    auto nothing = Generation::create(*program, dir_.generation_path(0), 0);
    if (!nothing) return std::unexpected(nothing.error());
    nothing->seal();
    current_ = std::move(*nothing);
    return put_in_force(entry_.slots.get(), current_->program_fd());
  }

  Result<void> prepare_generation() {
    if (same_policy_) return {};  // only interfaces change
    auto connected = dir_.pin_ports(entry_);
    if (connected) connected = connect_dynamic_sets();
    if (connected) connected = prepare_limits();
    if (!connected) return connected;
    auto next =
        Generation::create(*program_, dir_.generation_path(number_), number_);
    if (!next) return std::unexpected(next.error());
    next_ = std::move(*next);
    auto announced = announce(*program_, number_);
    if (!announced) return announced;
    if (current_) return prepare_lease();
    for (xg_base_counter& counter : next_->base().subspan(XG_SLOT_RULE)) {
      counter.changed = number_;
    }
    next_->seal();  // nothing before it to fold
    return put_in_force(entry_.slots.get(), next_->program_fd());
  }

  Result<void> prepare_lease() {
    if (request_.confirm_ns == 0) return {};
    LeaseTerms terms{&*next_, &*current_, request_.confirm_ns, {}, {}};
    if (current_->number() > 0) {
      terms.added = interfaces_.added();
      terms.removed = interfaces_.removed();
    }
    auto lease = Lease::create(terms);
    if (!lease) return std::unexpected(lease.error());
    lease_ = std::move(*lease);
    return {};
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
    auto attached = interfaces_.attach_new(entry_, number_);
    if (!attached) return attached;
    return devices_.check(interfaces_.describe(), request_.mode);
  }

  // The one instant: before it the old policy judges, after it the new one. Of a
  // first policy it is the one in which all its links are adopted.
  Result<void> commit() {
    if (next_ && !current_) return dir_.adopt_first_links(number_);
    if (!next_) return {};
    auto carried = carry_limits({current_->image(), old_limits_},
                                {next_->image(), limits_});
    if (!carried) return carried;
    if (lease_) lease_->begin();
    return put_in_force(entry_.slots.get(),
                        lease_ ? lease_->program_fd() : next_->program_fd());
  }

  // What fails here is done by whoever comes next: the new policy is in force.
  Result<void> settle() {
    auto done = lease_ ? settle_under_lease() : settle_for_good();
    if (done && next_) done = dir_.forget_last_lease();
    if (!done) done.error().hint = "the new policy is in force all the same";
    return done;
  }

  // The generation before is kept for `rollback`, those before it are not.
  Result<void> settle_for_good() {
    const bool swapped = next_ && current_;
    auto done = swapped ? take_over(*current_, *next_) : Result<void>{};
    if (done) done = interfaces_.settle();
    if (!done || !swapped) return done;
    return dir_.remove_before(std::max(current_->number(), kFirst));
  }

  // The counts stay where they are, and interfaces as they are, until it is
  // known which generation remains.
  Result<void> settle_under_lease() {
    auto done =
        current_->number() == 0 ? dir_.adopt_links(number_) : Result<void>{};
    return done ? dir_.remove_before(current_->number()) : done;
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
    if (replaces_version_) {
      notes.push_back(
          "the program is that of another version of xdpgate; this "
          "one's takes its place, with its counts");
    }
    if (!damage_.empty()) {
      notes.push_back(damage_ + "; the policy is loaded anew");
    }
    if (!changed && request_.confirm_ns > 0) {
      notes.emplace_back("this policy is in force already; nothing waits to be "
                         "confirmed");
    }
    ApplyOutcome result{changed, number_, std::move(interfaces),
                        std::move(notes)};
    if (!changed) result.generation = current_->number();
    if (lease_) {
      result.lease =
          LeaseStatus{LeaseStatus::State::kPending, number_, current_->number(),
                      request_.confirm_ns, request_.confirm_ns};
    }
    return result;
  }

  const Image& image_;
  const ApplyRequest& request_;
  InstanceDir dir_;
  InterfacePlan interfaces_;
  Entry entry_;
  std::optional<Generation> current_, next_;
  std::optional<Lease> lease_;
  std::optional<Program> program_;
  LimitTable limits_, old_limits_;  // of the program, of current_
  std::uint64_t number_ = 0;        // of the generation that is to be in force
  DevicePlan devices_;
  std::string damage_;  // of the generation in force; empty: none
  bool same_policy_ = false;
  bool replaces_version_ = false;
  bool counts_ports_ = false;  // it runs on several interfaces
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
