// SPDX-License-Identifier: GPL-2.0-only
#include "metrics/families.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace xdpgate::test {
namespace {

InstanceReport report_of(const std::string& name) {
  InstanceReport report;
  report.status.name = name;
  report.status.generation = 3;
  report.status.digest = "aa";
  report.status.interfaces = {{"eth0", 2, "native", ""},
                              {"eth1", 0, "detached", "it is gone"}};
  report.stats.instance = name;
  report.stats.rules = {{"ssh", 5, 300, 1}};
  return report;
}

// The value of "NAME{label=value,...}"; -1: there is none.
double value_of(const std::vector<prometheus::MetricFamily>& families,
                const std::string& wanted) {
  for (const auto& family : families) {
    for (const auto& metric : family.metric) {
      std::string labels;
      for (const auto& label : metric.label) {
        labels += fmt::format("{}{}={}", labels.empty() ? "" : ",", label.name,
                              label.value);
      }
      if (fmt::format("{}{{{}}}", family.name, labels) != wanted) continue;
      return family.type == prometheus::MetricType::Counter
                 ? metric.counter.value
                 : metric.gauge.value;
    }
  }
  return -1;
}

TEST(MetricFamilies, SayWhatRuns) {
  MetricFamilies families(10);
  MetricsSample sample;
  sample.filters = {{"edge", report_of("edge"), {{"banned", 100, 0, 7}}}};
  const auto all = families.of(sample);
  EXPECT_EQ(value_of(all, "xdpgate_filter_up{filter=edge}"), 1);
  EXPECT_EQ(value_of(all, "xdpgate_generation{filter=edge}"), 3);
  EXPECT_EQ(value_of(all, "xdpgate_policy_info{filter=edge,digest=aa}"), 1);
  EXPECT_EQ(value_of(all, "xdpgate_rule_bytes_total{filter=edge,rule=ssh}"),
            300);
  EXPECT_EQ(value_of(all, "xdpgate_set_elements{filter=edge,set=banned}"), 7);
  EXPECT_EQ(
      value_of(all, "xdpgate_set_capacity_elements{filter=edge,set=banned}"),
      100);
  EXPECT_EQ(
      value_of(all, "xdpgate_interface_attached{filter=edge,interface=eth0}"),
      1);
  EXPECT_EQ(
      value_of(all, "xdpgate_interface_attached{filter=edge,interface=eth1}"),
      0);
  EXPECT_EQ(value_of(all, "xdpgate_drift{filter=edge,what=interfaces}"), 1);
  EXPECT_EQ(value_of(all, "xdpgate_drift{filter=edge,what=policy}"), -1)
      << "no file says what is meant to run";
}

TEST(MetricFamilies, SayWhatCameInByEachOfSeveralInterfaces) {
  MetricFamilies families(10);
  MetricsSample sample;
  InstanceReport report = report_of("edge");
  report.status.interfaces[0].verdicts = {{"drop", {7, 700}}};
  sample.filters = {{"edge", report, {}}};
  const auto several = families.of(sample);
  EXPECT_EQ(value_of(several,
                     "xdpgate_interface_verdict_packets_total{filter=edge,"
                     "interface=eth0,verdict=drop}"),
            7);
  EXPECT_EQ(value_of(several,
                     "xdpgate_interface_verdict_bytes_total{filter=edge,"
                     "interface=eth0,verdict=drop}"),
            700);
  sample.filters[0].report->status.interfaces.pop_back();
  EXPECT_EQ(value_of(families.of(sample),
                     "xdpgate_interface_verdict_packets_total{filter=edge,"
                     "interface=eth0,verdict=drop}"),
            -1)
      << "an only interface's are the filter's";
}

TEST(MetricFamilies, SayWhatWaitsAndWhatIsDamaged) {
  MetricFamilies families(10);
  MetricsSample sample;
  sample.filters = {{"edge", report_of("edge"), {}}};
  const auto sound = families.of(sample);
  EXPECT_EQ(value_of(sound, "xdpgate_image_intact{filter=edge}"), 1);
  EXPECT_EQ(value_of(sound, "xdpgate_lease_pending{filter=edge}"), 0);
  InstanceStatus& status = sample.filters[0].report->status;
  status.damage = "another map";
  status.lease = {LeaseStatus::State::kPending, 3, 2, 10'000'000'000,
                  2'500'000'000};
  const auto waiting = families.of(sample);
  EXPECT_EQ(value_of(waiting, "xdpgate_image_intact{filter=edge}"), 0);
  EXPECT_EQ(value_of(waiting, "xdpgate_lease_pending{filter=edge}"), 1);
  EXPECT_EQ(value_of(waiting, "xdpgate_lease_remaining_seconds{filter=edge}"),
            2.5);
  status.lease->state = LeaseStatus::State::kExpired;
  EXPECT_EQ(value_of(families.of(sample), "xdpgate_lease_pending{filter=edge}"),
            0);
}

struct DriftCase {
  const char* name;
  bool runs;
  std::optional<std::string> digest;  // of the file
  std::vector<std::string> interfaces;
  int policy_drift, interface_drift, valid;
};

TEST(MetricFamilies, HoldTheFileAgainstWhatRuns) {
  const DriftCase cases[] = {
      {"as meant", true, "aa", {"eth0"}, 0, 0, 1},
      {"another policy", true, "bb", {"eth0"}, 1, 0, 1},
      {"one interface more", true, "aa", {"eth0", "eth9"}, 0, 1, 1},
      {"a broken file", true, std::nullopt, {}, 1, 0, 0},
      {"not running", false, "aa", {"eth0"}, 1, 1, 1},
  };
  for (const DriftCase& c : cases) {
    SCOPED_TRACE(c.name);
    MetricFamilies families(10);
    MetricsSample sample;
    sample.intents = {{"edge", c.digest, c.interfaces}};
    if (c.runs) {
      sample.filters = {{"edge", report_of("edge"), {}}};
      sample.filters[0].report->status.interfaces.pop_back();
    }
    const auto all = families.of(sample);
    EXPECT_EQ(value_of(all, "xdpgate_filter_up{filter=edge}"), c.runs);
    EXPECT_EQ(value_of(all, "xdpgate_drift{filter=edge,what=policy}"),
              c.policy_drift);
    EXPECT_EQ(value_of(all, "xdpgate_drift{filter=edge,what=interfaces}"),
              c.interface_drift);
    EXPECT_EQ(value_of(all, "xdpgate_policy_file_valid{filter=edge}"), c.valid);
  }
}

TEST(MetricFamilies, AFilterThatCannotBeReadIsDown) {
  MetricFamilies families(10);
  MetricsSample sample;
  sample.filters = {{"edge", std::nullopt, {}}};
  sample.read_errors = 4;
  const auto all = families.of(sample);
  EXPECT_EQ(value_of(all, "xdpgate_filter_up{filter=edge}"), 0);
  EXPECT_EQ(value_of(all, "xdpgate_read_errors_total{}"), 4);
}

TEST(MetricFamilies, AHundredThousandRulesMakeAThousandSeries) {
  MetricFamilies families(1000);
  MetricsSample sample;
  sample.filters = {{"edge", report_of("edge"), {}}};
  auto& rules = sample.filters[0].report->stats.rules;
  for (int i = 0; i < 100'000; ++i) {
    rules.push_back({fmt::format("r{}", i), 1, 60, 1});
  }
  std::size_t series = 0;
  for (const auto& family : families.of(sample)) {
    if (family.name == "xdpgate_rule_packets_total") {
      series = family.metric.size();
    }
  }
  EXPECT_EQ(series, 1001u);
}

}  // namespace
}  // namespace xdpgate::test
