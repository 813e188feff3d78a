// SPDX-License-Identifier: GPL-2.0-only
// The running filter: everything that the commands do to the kernel. State
// lives in pinned BPF objects under /sys/fs/bpf/xdpgate/NAME/ and nowhere
// else; docs/architecture.md, "The running filter", has the protocol and the
// argument why a kill at any instruction is harmless.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compile/image.h"
#include "policy/policy.h"

namespace xdpgate {

struct ApplyRequest {
  std::string instance;                 ///< Policy::name
  std::vector<std::string> interfaces;  ///< at least one; names in this netns
  Mode mode = Mode::kAuto;
  bool dry_run = false;  ///< load, fill and check, then undo
  /// How long to wait for confirm(), in ns; 0: it stays in force for good.
  std::uint64_t confirm_ns = 0;
  /// Behind libxdp's dispatcher with this priority, the least first; where the
  /// kernel refuses, alone. An interface that has a dispatcher already is
  /// joined in any case.
  std::optional<unsigned> priority = {};
  bool require_dispatcher = false;  ///< the kernel's refusal is an error
};

/// How one interface carries the filter.
struct InterfaceStatus {
  std::string name;  ///< "" where the interface is gone
  std::uint32_t ifindex = 0;
  std::string mode;  ///< "native", "generic", "detached"
  std::string why;   ///< why not native, or why detached; may be empty
  /// Behind libxdp's dispatcher, with this priority, beside these programs.
  std::optional<unsigned> priority = {};
  std::vector<std::string> beside = {};
  /// What came in by it, by verdict name, since it carries the filter and the
  /// instance runs on several; empty where that is not counted.
  std::map<std::string, xg_counter> verdicts = {};
  /// Why it is alone all the same, where it was to be there; else empty.
  std::string alone = {};
};

/// A policy that waits to be confirmed, or how the last one that did has ended.
struct LeaseStatus {
  enum class State { kPending, kExpired, kRolledBack };
  State state = State::kPending;
  std::uint64_t generation = 0;  ///< that waits, or did
  std::uint64_t before = 0;      ///< that comes back; 0: everything passes
  std::uint64_t length_ns = 0;   ///< how long it was to wait; 0: not at all
  std::uint64_t ns = 0;          ///< left, or since the end
};

struct ApplyOutcome {
  bool changed = false;  ///< false: this very policy was running already
  std::uint64_t generation = 0;
  std::vector<InterfaceStatus> interfaces;
  std::vector<std::string> notes;         ///< one line each, for standard error
  std::optional<LeaseStatus> lease = {};  ///< under which it is in force
};

struct InstanceStatus {
  std::string name;
  std::uint64_t generation = 0;
  std::uint64_t age_seconds = 0;  ///< since this generation was loaded
  std::string digest;             ///< of the policy, 32 hex digits
  std::uint32_t rule_count = 0;
  std::uint64_t image_bytes = 0;
  /// What another process has done to the image, in words; empty: nothing.
  std::string damage = {};
  std::vector<InterfaceStatus> interfaces;
  std::map<std::string, xg_counter> verdicts;  ///< totals, by verdict name
  std::vector<std::string> notes;  ///< what the user should know, one line each
  std::optional<LeaseStatus> lease = {};
  /// What `rollback` returns to; it takes as much memory as it did in force.
  struct Before {
    std::uint64_t generation = 0;
    std::uint64_t image_bytes = 0;
  };
  std::optional<Before> before = {};
};

struct RuleStats {
  std::string name;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t changed = 0;  ///< generation in which the rule last changed
  std::optional<xg_counter> over = {};  ///< of these, beyond its limit
};

/// What a rule with a limit has counted within it. Both counts were read while
/// packets came in, so it may be short by some.
[[nodiscard]] xg_counter within(const RuleStats& rule);

struct InstanceStats {
  std::string instance;
  std::uint64_t generation = 0;
  std::vector<RuleStats> rules;  ///< in policy order
  xg_counter default_action{};
  xg_counter ban_full{};  ///< packets whose source its set had no room for
  std::map<std::string, xg_counter> malformed;  ///< every cause, by name
  std::map<std::string, xg_counter> verdicts;   ///< every verdict, by name
  /// "answered", "withheld": what became of rejected packets that may be
  /// answered.
  std::map<std::string, xg_counter> reject;
  /// "logged", "lost" (the ring was full), "capped" (beyond the rate).
  std::map<std::string, xg_counter> capture;
  std::optional<LeaseStatus> lease = {};
};

/// Status and counters of one instant.
struct InstanceReport {
  InstanceStatus status;
  InstanceStats stats;
};

/// One instance, or why it cannot be read.
struct InstanceReading {
  std::string name;
  Result<InstanceReport> report;
};

/// Puts `image` in force for the instance: loads, fills and checks it, then
/// attaches (new interfaces), swaps (running instance) and detaches
/// (interfaces no longer asked for). All or nothing.
[[nodiscard]] Result<ApplyOutcome> apply(const Image& image,
                                         const ApplyRequest& request);

/// What confirm() or rollback() has done.
struct LeaseOutcome {
  std::string instance;
  std::uint64_t generation = 0;  ///< in force now; 0: none, see `detached`
  bool detached = false;  ///< there was no policy before: the filter is off
};

/// Keeps the policy that waits to be confirmed. `instance` may be empty where
/// only one waits, or only one runs. Error: none waits, or it is too late, in
/// the words of what happened.
[[nodiscard]] Result<LeaseOutcome> confirm(const std::string& instance);

/// Returns to the policy before the one that waits to be confirmed, or before
/// the last apply; as for confirm(). Counts and dynamic sets are kept, the
/// interfaces stay. Error: there is none.
[[nodiscard]] Result<LeaseOutcome> rollback(const std::string& instance);

/// The lease that users of `instance` (empty: the only one) should know of.
[[nodiscard]] Result<std::optional<LeaseStatus>> lease_status(
    const std::string& instance);

/// Takes the filter off `interfaces` (all of an instance's when empty) of
/// every instance, or of `instance` alone where it is not empty. An instance
/// that is left with no interface is removed, with all that it has pinned.
/// Returns "INSTANCE IFACE" lines of what was detached.
[[nodiscard]] Result<std::vector<std::string>> detach(
    const std::string& instance, const std::vector<std::string>& interfaces);

/// Every instance of this host, sorted by name.
[[nodiscard]] Result<std::vector<InstanceStatus>> status();

/// Counters of one instance; `instance` may be empty where only one runs.
[[nodiscard]] Result<InstanceStats> stats(const std::string& instance);

/// All of every instance, sorted by name; one that cannot be read does not
/// hide the others.
[[nodiscard]] Result<std::vector<InstanceReading>> reports();

/// The interfaces of this network namespace that an instance runs on, or did
/// before they were made anew; none where it does not run.
[[nodiscard]] Result<std::vector<std::string>> running_interfaces(
    const std::string& instance);

/// What reattach_missing() found and did.
struct Reattachment {
  std::vector<InterfaceStatus> attached;  ///< carry the filter again
  std::vector<InterfaceStatus> missing;   ///< still do not; `why` says why
  /// Interfaces that the policy's rules name and that are not, by index, those
  /// it was compiled for: it has to be applied again.
  std::vector<std::string> renumbered;
};

/// Puts the filter of a running instance back on the interfaces of this network
/// namespace that it ran on, that went and that are here again under their
/// name. In the mode that was asked for at first. What one of them refuses does
/// not keep it from the others. Takes the lock only where there is something to
/// do, so that it may be called as often as one likes. Error: no such instance,
/// or its state cannot be read or written.
[[nodiscard]] Result<Reattachment> reattach_missing(
    const std::string& instance);

/// The running policy's source text.
[[nodiscard]] Result<std::string> running_source(const std::string& instance);

}  // namespace xdpgate
