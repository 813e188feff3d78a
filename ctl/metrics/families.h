// SPDX-License-Identifier: GPL-2.0-only
// What runs, as Prometheus metrics. Pure: no I/O but the values that go in.
#pragma once

#include <prometheus/metric_family.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bpf/instance.h"
#include "bpf/running_sets.h"
#include "metrics/intent.h"
#include "metrics/rule_series.h"

namespace xdpgate {

/// One instance, or that it cannot be read.
struct FilterSample {
  std::string name;
  std::optional<InstanceReport> report;
  std::vector<SetStatus> sets;
};

/// All that one scrape sees.
struct MetricsSample {
  std::vector<FilterSample> filters;
  std::vector<Intent> intents;
  double read_s = 0;              ///< reading all of it
  std::uint64_t read_errors = 0;  ///< so far
};

/// Sample after sample to metrics; keeps what makes counters monotonic.
class MetricFamilies {
 public:
  /// At most `most_rules` rules of a filter have series of their own.
  explicit MetricFamilies(std::size_t most_rules) : most_rules_(most_rules) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> of(
      const MetricsSample& sample);

 private:
  RuleSeriesChoice& rules_of(const std::string& filter);

  std::size_t most_rules_;
  std::map<std::string, RuleSeriesChoice> rules_;  // by filter
};

}  // namespace xdpgate
