// SPDX-License-Identifier: GPL-2.0-only
// What a packet is explained by: a policy file, or a running instance.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "compile/image.h"
#include "policy/policy.h"

namespace xdpgate {

struct Subject {
  Policy policy;
  /// Not empty: the policy cannot be had as it was when it was loaded, and
  /// `policy` has no more than the rules' names and the settings.
  std::string why_no_policy;
  Image image;
  // Of a running instance:
  bool is_running = false;
  std::string title;                    ///< "generation 3 of `edge`"
  std::string program_tag;              ///< of the program in force
  std::vector<std::string> interfaces;  ///< of this namespace, that carry it

  /// What the image knows an interface by; 0: it knows it not.
  [[nodiscard]] std::uint32_t ifindex(const std::string& interface) const;
};

/// The policy at `path`, compiled. Where there is none it has been said why.
[[nodiscard]] std::expected<Subject, ExitCode> policy_subject_or_say(
    const std::string& path);
/// The image of a running instance, read back from the kernel.
[[nodiscard]] Result<Subject> running_subject(const std::string& instance);
/// The same; where there is none it has been said why.
[[nodiscard]] std::expected<Subject, ExitCode> running_subject_or_say(
    const std::string& instance);

}  // namespace xdpgate
