// SPDX-License-Identifier: GPL-2.0-only
// What `top` knows of an instance at one moment.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace xdpgate {

/// What counts, the same for all samples of a generation: the rules in policy
/// order, the default, and the classes of malformed packets.
struct CountedNames {
  std::vector<std::string> names;
  std::vector<std::string> actions;  ///< of each, "drop"; of classes: empty
  std::size_t rule_count = 0;        ///< the first of them
  bool has_limits = false;           ///< some rule has one
};

struct Sample {
  double time_s = 0;  ///< by a clock that never goes back
  std::string instance;
  std::uint64_t generation = 0;
  std::string interfaces;  ///< "eth0 (native), eth1 (generic)"
  std::shared_ptr<const CountedNames> counted;
  std::vector<xg_counter> counts;  ///< one for each name
  std::vector<xg_counter> over;    ///< of these, beyond the limit
  std::map<std::string, xg_counter> verdicts;
};

}  // namespace xdpgate
