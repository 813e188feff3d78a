// SPDX-License-Identifier: GPL-2.0-only
// The label of an instance is `filter`: Prometheus itself calls every target's
// address `instance`. Names and labels are in docs/operations.md.
#include "metrics/families.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace xdpgate {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Families in order of first mention; all values of one must be together.
class Collection {
 public:
  void gauge(const std::string& name, const char* help, Labels labels,
             double value) {
    add(name, help, MetricType::Gauge, std::move(labels)).gauge.value = value;
  }
  void info(const std::string& name, const char* help, Labels labels) {
    gauge(name, help, std::move(labels), 1);
  }
  void counter(const std::string& name, const char* help, Labels labels,
               std::uint64_t value) {
    add(name, help, MetricType::Counter, std::move(labels)).counter.value =
        static_cast<double>(value);
  }
  // NAME_packets_total and NAME_bytes_total.
  void counts(const std::string& name, const char* packets, const char* bytes,
              const Labels& labels, const xg_counter& value) {
    counter(name + "_packets_total", packets, labels, value.packets);
    counter(name + "_bytes_total", bytes, labels, value.bytes);
  }

  std::vector<MetricFamily> take() { return std::move(families_); }

 private:
  ClientMetric& add(const std::string& name, const char* help, MetricType type,
                    Labels labels) {
    const auto [at, is_new] = index_.try_emplace(name, families_.size());
    if (is_new) families_.push_back({name, help, type, {}});
    auto& metrics = families_[at->second].metric;
    metrics.emplace_back().label = std::move(labels);
    return metrics.back();
  }

  std::vector<MetricFamily> families_;
  std::map<std::string, std::size_t> index_;
};

Labels with(const Labels& labels, const char* name, std::string value) {
  Labels result = labels;
  result.push_back({name, std::move(value)});
  return result;
}

// Nothing is left of a lease that has ended.
void add_lease(const std::optional<LeaseStatus>& lease, const Labels& filter,
               Collection& to) {
  const bool pending = lease && lease->state == LeaseStatus::State::kPending;
  to.gauge("xdpgate_lease_pending",
           "Whether the policy in force waits to be confirmed.", filter,
           pending);
  to.gauge("xdpgate_lease_remaining_seconds",
           "Until the policy before comes back; 0: none will.", filter,
           pending ? static_cast<double>(lease->ns) / 1e9 : 0);
}

void add_status(const InstanceStatus& status, const Labels& filter,
                Collection& to) {
  to.info("xdpgate_policy_info", "Digest of the policy in force.",
          with(filter, "digest", status.digest));
  to.gauge("xdpgate_generation",
           "Policies that have been in force, this one included.", filter,
           static_cast<double>(status.generation));
  to.gauge("xdpgate_generation_age_seconds",
           "Since the policy in force was loaded.", filter,
           static_cast<double>(status.age_seconds));
  to.gauge("xdpgate_rules", "Rules of the policy in force.", filter,
           status.rule_count);
  to.gauge("xdpgate_image_bytes", "Size of the compiled policy.", filter,
           static_cast<double>(status.image_bytes));
  to.gauge("xdpgate_image_intact",
           "Whether the compiled policy in the kernel is as it was loaded.",
           filter, status.damage.empty());
  add_lease(status.lease, filter, to);
  for (const auto& [verdict, counter] : status.verdicts) {
    to.counts("xdpgate_verdict", "Packets by what became of them.",
              "Bytes of packets by what became of them.",
              with(filter, "verdict", verdict), counter);
  }
}

void add_rules(const std::vector<RuleSeries>& rules, const Labels& filter,
               Collection& to) {
  for (const RuleSeries& series : rules) {
    const Labels rule = with(filter, "rule", series.rule);
    to.counts("xdpgate_rule", "Packets that a rule decided or counted.",
              "Bytes of packets that a rule decided or counted.", rule,
              series.all);
    for (const auto& [state, counter] :
         {std::pair("within", series.within), {"over", series.over}}) {
      if (!counter) continue;
      to.counts("xdpgate_limit", "Packets within and over a rule's limit.",
                "Bytes of packets within and over a rule's limit.",
                with(rule, "state", state), *counter);
    }
  }
}

// By name, under one label.
void add_by_name(const char* name, const char* packets, const char* bytes,
                 const char* label,
                 const std::map<std::string, xg_counter>& counters,
                 const Labels& filter, Collection& to) {
  for (const auto& [value, counter] : counters) {
    to.counts(name, packets, bytes, with(filter, label, value), counter);
  }
}

void add_stats(const InstanceStats& stats, const Labels& filter,
               Collection& to) {
  to.counts("xdpgate_default", "Packets that no rule decided.",
            "Bytes of packets that no rule decided.", filter,
            stats.default_action);
  add_by_name("xdpgate_malformed", "Malformed packets by cause.",
              "Bytes of malformed packets by cause.", "cause", stats.malformed,
              filter, to);
  add_by_name("xdpgate_reject", "Rejected packets: answered, or withheld.",
              "Bytes of rejected packets: answered, or withheld.", "outcome",
              stats.reject, filter, to);
  add_by_name(
      "xdpgate_capture",
      "Packets for `xdpgate capture`: logged, lost, or capped.",
      "Bytes of packets for `xdpgate capture`: logged, lost, or capped.",
      "outcome", stats.capture, filter, to);
  to.counts("xdpgate_ban_full", "Packets whose source its set had no room for.",
            "Bytes of packets whose source its set had no room for.", filter,
            stats.ban_full);
}

void add_sets(const std::vector<SetStatus>& sets, const Labels& filter,
              Collection& to) {
  for (const SetStatus& set : sets) {
    const Labels labels = with(filter, "set", set.name);
    to.gauge("xdpgate_set_elements", "Living elements of a dynamic set.",
             labels, static_cast<double>(set.elements));
    to.gauge("xdpgate_set_capacity_elements", "Most elements of a dynamic set.",
             labels, set.size);
  }
}

// What came in by each of several; an only one's are the filter's.
void add_interface_verdicts(const std::vector<InterfaceStatus>& interfaces,
                            const Labels& filter, Collection& to) {
  if (interfaces.size() < 2) return;
  for (const InterfaceStatus& interface : interfaces) {
    if (interface.name.empty()) continue;
    add_by_name("xdpgate_interface_verdict",
                "Packets of an interface by what became of them.",
                "Bytes of packets of an interface by what became of them.",
                "verdict", interface.verdicts,
                with(filter, "interface", interface.name), to);
  }
}

bool carries(const InterfaceStatus& interface) {
  return interface.mode != "detached";
}

// Interfaces that the filter is on, or was, and those that the file asks for.
// Returns whether one of them lacks it.
bool add_interfaces(const std::vector<InterfaceStatus>& interfaces,
                    const Intent* intent, const Labels& filter,
                    Collection& to) {
  std::map<std::string, bool> attached;
  if (intent) {
    for (const std::string& name : intent->interfaces) attached[name] = false;
  }
  for (const InterfaceStatus& interface : interfaces) {
    attached[interface.name] = carries(interface);
    if (!carries(interface)) continue;
    to.info("xdpgate_interface_info", "How an interface carries the filter.",
            with(with(filter, "interface", interface.name), "mode",
                 interface.mode));
  }
  bool lacking = false;
  for (const auto& [name, on] : attached) {
    lacking = lacking || !on;
    to.gauge("xdpgate_interface_attached",
             "Whether an interface that is to be filtered is.",
             with(filter, "interface", name), on);
  }
  return lacking;
}

void add_drift(bool drifts, const char* what, const Labels& filter,
               Collection& to) {
  to.gauge("xdpgate_drift",
           "Whether what is enforced differs from what is intended.",
           with(filter, "what", what), drifts);
}

// The file against what runs; `running` may be null.
void add_intent(const Intent& intent, const InstanceReport* running,
                const Labels& filter, Collection& to) {
  to.gauge("xdpgate_policy_file_valid",
           "Whether the filter's policy file can be applied.", filter,
           intent.digest.has_value());
  if (intent.digest) {
    to.info("xdpgate_policy_file_info", "Digest of the filter's policy file.",
            with(filter, "digest", *intent.digest));
  }
  add_drift(!running || intent.digest != running->status.digest, "policy",
            filter, to);
}

// What may run, what runs and what is meant to, of one filter.
struct Filter {
  std::string name;
  const FilterSample* sample = nullptr;
  const Intent* intent = nullptr;

  [[nodiscard]] const InstanceReport* report() const {
    return sample && sample->report ? &*sample->report : nullptr;
  }
};

std::vector<Filter> filters_of(const MetricsSample& sample) {
  std::map<std::string, Filter> by_name;
  for (const Intent& intent : sample.intents) {
    by_name[intent.filter].intent = &intent;
  }
  for (const FilterSample& filter : sample.filters) {
    by_name[filter.name].sample = &filter;
  }
  std::vector<Filter> result;
  for (auto& [name, filter] : by_name) {
    result.push_back({name, filter.sample, filter.intent});
  }
  return result;
}

void add_process(const MetricsSample& sample, Collection& to) {
  to.info(
      "xdpgate_build_info", "The version that exports these metrics.",
      {{"version", XDPGATE_VERSION}, {"abi", std::to_string(XG_ABI_VERSION)}});
  to.gauge("xdpgate_read_duration_seconds",
           "Reading the running filters for this scrape.", {}, sample.read_s);
  to.counter("xdpgate_read_errors_total",
             "Times that a running filter could not be read.", {},
             sample.read_errors);
}

// What is known of a filter whether it runs or not.
void add_state(const Filter& filter, const Labels& labels, Collection& to) {
  const InstanceReport* report = filter.report();
  to.gauge("xdpgate_filter_up", "Whether a filter runs and can be read.",
           labels, report != nullptr);
  const bool lacking = add_interfaces(
      report ? report->status.interfaces : std::vector<InterfaceStatus>{},
      filter.intent, labels, to);
  add_drift(lacking, "interfaces", labels, to);
  if (filter.intent) add_intent(*filter.intent, report, labels, to);
}

}  // namespace

RuleSeriesChoice& MetricFamilies::rules_of(const std::string& filter) {
  return rules_.try_emplace(filter, most_rules_).first->second;
}

std::vector<MetricFamily> MetricFamilies::of(const MetricsSample& sample) {
  Collection to;
  add_process(sample, to);
  for (const Filter& filter : filters_of(sample)) {
    const Labels labels = {{"filter", filter.name}};
    add_state(filter, labels, to);
    const InstanceReport* report = filter.report();
    if (!report) continue;
    add_status(report->status, labels, to);
    add_interface_verdicts(report->status.interfaces, labels, to);
    add_sets(filter.sample->sets, labels, to);
    add_rules(rules_of(filter.name).next(report->stats.rules), labels, to);
    add_stats(report->stats, labels, to);
  }
  return to.take();
}

}  // namespace xdpgate
