// SPDX-License-Identifier: GPL-2.0-only
#include "doctor/examine.h"

#include <net/if.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "bpf/instance.h"
#include "doctor/host.h"

namespace xdpgate {
namespace {

void append(Findings more, Findings& findings) {
  std::ranges::move(more, std::back_inserter(findings));
}

// Loopback only where it is named: nobody filters on it.
std::vector<std::string> interfaces_that_are_up() {
  std::vector<std::string> names;
  struct if_nameindex* all = ::if_nameindex();
  for (auto* at = all; at && at->if_index != 0; ++at) {
    const auto link = link_info(at->if_index);
    if (link && link->up && !link->loopback) names.push_back(link->name);
  }
  ::if_freenameindex(all);
  return names;
}

// An interface that an instance was put on and that does not carry it.
Finding lost(const InstanceStatus& instance, const InterfaceStatus& interface) {
  return {
      interface.name,  "instance",
      Level::kWarning, "instance `" + instance.name + "` does not filter on it",
      interface.why,   "xdpgate apply POLICY"};
}

Finding damaged(const InstanceStatus& instance) {
  return {"host",
          "image",
          Level::kWarning,
          "the image of instance `" + instance.name + "` is damaged",
          instance.damage + "; packets may be judged by something else",
          "xdpgate apply POLICY"};
}

Finding unreadable(const Error& error) {
  std::string cause = error.object + ": " + error.cause;
  if (!error.hint.empty()) cause += "; " + error.hint;
  return {"host",           "instances",
          Level::kWarning,  "the running instances cannot be read",
          std::move(cause), "xdpgate status"};
}

class Examiner {
 public:
  Examiner(const ExamineRequest& request)
      : request_(request),
        host_(look_at_host()),
        findings_(findings_of(host_)) {}

  Findings run() {
    if (host_.state) state_ = host_.state->directory;
    if (host_.root && !state_.empty()) look_at_instances();
    std::vector<std::string> names = request_.interfaces;
    if (names.empty()) names = in_use_or_up();
    for (const std::string& name : names) look_at(name);
    return std::move(findings_);
  }

 private:
  void look_at_instances() {
    auto instances = status();
    if (instances) {
      instances_ = std::move(*instances);
      for (const InstanceStatus& instance : instances_) {
        if (!instance.damage.empty()) findings_.push_back(damaged(instance));
      }
    } else {
      findings_.push_back(unreadable(instances.error()));
    }
  }

  std::vector<std::string> in_use_or_up() const {
    auto names = interfaces_that_are_up();
    for (const InstanceStatus& instance : instances_) {
      for (const InterfaceStatus& interface : instance.interfaces) {
        names.push_back(interface.name);
      }
    }
    std::ranges::sort(names);
    const auto twice = std::ranges::unique(names);
    names.erase(twice.begin(), twice.end());
    std::erase(names, "");
    return names;
  }

  void look_at(const std::string& name) {
    const auto facts = look_at_interface(name, state_, request_.how);
    if (facts) append(findings_of(*facts, request_.how.mode), findings_);
    const bool told = append_lost(name);
    if (facts || told) return;
    findings_.push_back({name, "link", Level::kError, "no such interface here",
                         "other network namespaces have others",
                         "ip -brief link"});
  }

  bool append_lost(const std::string& name) {
    bool any = false;
    for (const InstanceStatus& instance : instances_) {
      for (const InterfaceStatus& interface : instance.interfaces) {
        if (interface.name != name || interface.mode != "detached") continue;
        findings_.push_back(lost(instance, interface));
        any = true;
      }
    }
    return any;
  }

  const ExamineRequest& request_;
  HostFacts host_;
  Findings findings_;
  std::string state_;  // directory of the instances; empty: none
  std::vector<InstanceStatus> instances_;
};

}  // namespace

Findings examine(const ExamineRequest& request) {
  return Examiner(request).run();
}

}  // namespace xdpgate
