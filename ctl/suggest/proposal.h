// SPDX-License-Identifier: GPL-2.0-only
// Services -> the text of a policy that passes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "suggest/service.h"

namespace xdpgate {

struct ProposalOptions {
  std::string name = "proposal";  ///< of the instance
  /// Most rules, at least 16. Beyond them services are put together that have
  /// less in common, the least busy first.
  std::size_t max_rules = 100;
  /// A rule lists so many hosts and prefixes a side at most; of a service with
  /// more talkers it asks for none.
  std::size_t max_talkers = 16;
  /// Two and more IPv4 talkers of one network of this length stand there as
  /// that network; 32: hosts stay hosts, unless they fill a prefix.
  unsigned prefix4 = 32;
  unsigned prefix6 = 128;  ///< the same for IPv6
};

/// A capture that the proposal is made of, for its `tests`.
struct Evidence {
  std::string capture;  ///< its path, as the policy will name it
  std::uint64_t passed = 0;     ///< its well-formed frames
  std::uint64_t malformed = 0;  ///< its others
};

/// Services put together until they fit `options`, the busiest first: those
/// of a kind with the same talkers always.
[[nodiscard]] std::vector<Service> summed_up(std::vector<Service> services,
                                             const ProposalOptions& options);

/// The policy. It passes every well-formed packet of `traffic` and drops what
/// is not of its kinds.
[[nodiscard]] std::string proposal(const SeenTraffic& traffic,
                                   const std::vector<Evidence>& evidence,
                                   const ProposalOptions& options);

}  // namespace xdpgate
