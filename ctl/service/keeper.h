// SPDX-License-Identifier: GPL-2.0-only
// Keeps what runs as the policy files say: applies them, tries again what could
// not be done, puts the filter back on interfaces that return. It acts on what
// changes, not on what others do: a policy applied by hand stays, and shows as
// drift, until its file changes or all are applied again.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "service/event_log.h"
#include "service/policy_folder.h"

namespace xdpgate {

class Keeper {
 public:
  /// `log` must outlive the keeper.
  Keeper(std::string folder, const EventLog& log)
      : folder_(std::move(folder)), log_(log) {}

  /// Reads what is new or has changed and applies it; tries again what waits.
  /// A broken file leaves the policy that is in force.
  void follow_files();
  /// Reads and applies everything again.
  void start_over();
  /// Puts running filters back on interfaces that went and returned; applies
  /// again where another interface has the name of one that was filtered.
  void renew_interfaces();
  /// Removes expired elements from the dynamic sets of all filters.
  void collect();
  /// Takes the filters of all files off.
  void detach_all();

  /// What the files ask for.
  [[nodiscard]] std::vector<Intent> intents() const {
    return folder_.intents();
  }
  /// Folders whose changes matter: of policies, and of set files.
  [[nodiscard]] std::set<std::string> folders() const;
  /// "2 policies in force; 1 broken: edge.yaml".
  [[nodiscard]] std::string summary() const;

 private:
  using Clock = std::chrono::steady_clock;

  // A policy that is to be applied, or to be applied again.
  struct Task {
    bool due = true;
    // Interfaces that were there the last time, with their indexes.
    std::map<std::string, std::uint32_t> tried_on = {};
    Clock::time_point next_try = {};  // after a failure
    bool in_force = false;
  };

  void take_file(const std::string& path);
  void say_findings(const PolicyFile& file);
  void forget_file(const std::string& path);
  void work_on_all();
  // Whether it has put the policy in force.
  bool work_on(const PolicyFile& file, Task& task);
  void put_in_force(const PolicyFile& file,
                    const std::vector<std::string>& interfaces, bool all,
                    Task& task);
  void notice_lost_pins();
  void notice_other_interfaces(const PolicyFile& file, Task& task);
  [[nodiscard]] bool lacks_interfaces(const PolicyFile& file,
                                      const std::vector<std::string>& wanted,
                                      const std::vector<std::string>& here);
  void renew_interfaces_of(const std::string& filter);
  void collect_in(const std::string& filter);
  // Says `event` unless it is the last that was said of `subject`.
  void say_once(const std::string& subject, const Event& event);

  PolicyFolder folder_;
  const EventLog& log_;
  std::map<std::string, Task> tasks_;           // by path
  std::map<std::string, std::string> said_;     // by subject
  std::map<std::string, std::string> filters_;  // last known, by path
  std::uint64_t pins_ = 0;  // inode of their directory; 0: not known yet
  Clock::time_point let_go_ = {};  // when all links of lost pins are gone
};

}  // namespace xdpgate
