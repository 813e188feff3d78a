// SPDX-License-Identifier: GPL-2.0-only
// Samples in few words.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "top/sample.h"

namespace xdpgate::test {

/// Rules that pass, the default, and classes.
inline std::shared_ptr<const CountedNames> names(
    std::vector<std::string> rules,
    const std::vector<std::string>& classes = {}) {
  CountedNames counted;
  counted.rule_count = rules.size();
  counted.names = std::move(rules);
  counted.names.emplace_back("(default)");
  counted.actions.assign(counted.names.size(), "pass");
  for (const std::string& name : classes) {
    counted.names.push_back(name);
    counted.actions.emplace_back();
  }
  return std::make_shared<const CountedNames>(std::move(counted));
}

/// Packets of 100 bytes each, all of which passed.
inline Sample sample_of(double time_s,
                        std::shared_ptr<const CountedNames> counted,
                        const std::vector<std::uint64_t>& packets) {
  Sample sample;
  sample.time_s = time_s;
  sample.instance = "edge";
  sample.generation = 3;
  sample.interfaces = "eth0 (native)";
  sample.counted = std::move(counted);
  for (const std::uint64_t count : packets) {
    sample.counts.push_back({count, 100 * count});
    sample.verdicts["pass"].packets += count;
    sample.verdicts["pass"].bytes += 100 * count;
  }
  sample.over.resize(packets.size());
  return sample;
}

}  // namespace xdpgate::test
