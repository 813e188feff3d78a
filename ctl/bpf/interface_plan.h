// SPDX-License-Identifier: GPL-2.0-only
// What an apply does to interfaces: finds those that are asked for, attaches
// the ones that are new, takes the filter off those no longer asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/entry.h"
#include "bpf/instance.h"
#include "bpf/instance_dir.h"

namespace xdpgate {

/// One apply's interfaces, step by step; under the lock. Whatever comes after
/// inspect() and before settle() can be taken back by undo().
class InterfacePlan {
 public:
  InterfacePlan(std::string state_directory, InstanceDir dir,
                const ApplyRequest& request)
      : state_(std::move(state_directory)),
        dir_(std::move(dir)),
        mode_(request.mode),
        priority_(request.priority),
        require_dispatcher_(request.require_dispatcher) {}

  /// Looks `names` up and compares them with what carries the instance;
  /// `entry` is the instance's, or empty. Error: one does not exist, carries
  /// another program, or is attached in a mode not asked for.
  [[nodiscard]] Result<void> inspect(const std::vector<std::string>& names,
                                     const Entry& entry);
  /// Whether every interface carries the filter, and no other does.
  [[nodiscard]] bool is_in_place() const;

  /// Attaches to the new interfaces and pins the links in `generation`.
  [[nodiscard]] Result<void> attach_new(const Entry& entry,
                                        std::uint64_t generation);
  /// Ifindexes that come, and go, with this apply; of those that are there.
  [[nodiscard]] std::vector<std::uint32_t> added() const;
  [[nodiscard]] std::vector<std::uint32_t> removed() const;
  /// Takes the new links off again.
  void undo();
  /// Adopts the new links and removes those of other interfaces.
  [[nodiscard]] Result<void> settle();

  /// How each interface that was asked for stands.
  [[nodiscard]] std::vector<InterfaceStatus> describe() const;
  /// What the user should know, one line each.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  // An interface that is asked for, and how it stands.
  struct Wanted {
    std::string name;
    std::uint32_t ifindex = 0;
    bool attached = false;  // carries this instance already
    std::string mode;       // where attached
    int refused = 0;        // errno of native mode's refusal
    Fd link;                // where new, and alone
    bool is_new = false;
    // Behind a dispatcher, or to be: it has one already, or we want one.
    std::optional<unsigned> priority = {};
    std::vector<std::string> beside = {};
    int alone = 0;          // errno of the dispatcher's refusal
  };

  Result<void> look_up(const std::vector<std::string>& names);
  Result<void> check_dispatcher() const;
  Result<void> check_carried(Wanted& interface, const Entry& entry,
                             std::uint32_t entry_id);
  bool looks_behind(Wanted& interface, const Entry& entry) const;
  Result<void> check_place(const Wanted& interface) const;
  Result<void> check_mode(const Wanted& interface) const;
  Result<void> sort_link(const PinnedLink& link);
  Result<void> attach_one(Wanted& interface, const Entry& entry);
  Result<void> attach_one_behind(Wanted& interface, const Entry& entry);

  std::string state_;
  InstanceDir dir_;
  Mode mode_;
  std::optional<unsigned> priority_;
  bool require_dispatcher_;
  std::vector<Wanted> wanted_;
  std::vector<PinnedLink> stale_;
  std::uint64_t generation_ = 0;  // that the new links are staged in
};

}  // namespace xdpgate
