// SPDX-License-Identifier: GPL-2.0-only
#include "metrics/exporter.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <exception>
#include <mutex>
#include <utility>

#include "metrics/families.h"

namespace xdpgate {

class MetricsSource : public prometheus::Collectable {
 public:
  MetricsSource(std::size_t most_rules, Intents intents)
      : intents_(std::move(intents)), families_(most_rules) {}

  // Must not throw: the server's thread would end the process.
  std::vector<prometheus::MetricFamily> Collect() const override {
    const std::scoped_lock lock(mutex_);
    try {
      return families_.of(sample());
    } catch (const std::exception&) {
      return {};
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  MetricsSample sample() const {
    const auto start = Clock::now();
    MetricsSample result;
    if (intents_) result.intents = intents_();
    add_filters(result);
    result.read_errors = errors_;
    result.read_s = std::chrono::duration<double>(Clock::now() - start).count();
    return result;
  }

  void add_filters(MetricsSample& to) const {
    auto all = reports();
    if (!all) {
      ++errors_;
      return;
    }
    for (InstanceReading& reading : *all) {
      to.filters.push_back(filter_sample(std::move(reading)));
    }
  }

  FilterSample filter_sample(InstanceReading reading) const {
    FilterSample result{reading.name, std::nullopt, {}};
    auto sets = running_sets(reading.name);
    if (!reading.report || !sets) {
      ++errors_;
      return result;
    }
    result.report = std::move(*reading.report);
    result.sets = std::move(*sets);
    return result;
  }

  Intents intents_;
  // Collect() is const in the library; scrapes come one at a time.
  mutable std::mutex mutex_;
  mutable MetricFamilies families_;
  mutable std::uint64_t errors_ = 0;
};

std::shared_ptr<MetricsSource> metrics_source(std::size_t most_rules,
                                              Intents intents) {
  return std::make_shared<MetricsSource>(most_rules, std::move(intents));
}

std::string metrics_text(const MetricsSource& source) {
  return prometheus::TextSerializer().Serialize(source.Collect());
}

nlohmann::ordered_json metrics_json(const MetricsSource& source) {
  using Json = nlohmann::ordered_json;
  Json all = Json::array();
  for (const prometheus::MetricFamily& family : source.Collect()) {
    const bool counter = family.type == prometheus::MetricType::Counter;
    Json metrics = Json::array();
    for (const prometheus::ClientMetric& metric : family.metric) {
      Json labels = Json::object();
      for (const auto& label : metric.label) labels[label.name] = label.value;
      metrics.push_back(
          {{"labels", labels},
           {"value", counter ? metric.counter.value : metric.gauge.value}});
    }
    all.push_back({{"name", family.name},
                   {"help", family.help},
                   {"type", counter ? "counter" : "gauge"},
                   {"metrics", metrics}});
  }
  return all;
}

namespace {

// Debian 12 builds the HTTP library (civetweb) for IPv4 alone.
Error server_error(const ListenAddress& listen, const char* what) {
  if (listen.address.family == Family::kIpv4) {
    return {"listen on", to_text(listen), what, ""};
  }
  return {"listen on", to_text(listen),
          "the HTTP library of this system has no IPv6",
          "listen on an IPv4 address"};
}

}  // namespace

MetricsServer::MetricsServer(MetricsServer&&) noexcept = default;
MetricsServer& MetricsServer::operator=(MetricsServer&&) noexcept = default;
MetricsServer::~MetricsServer() = default;

Result<MetricsServer> MetricsServer::start(
    const ListenAddress& listen, std::shared_ptr<MetricsSource> source) {
  // The library says only that it failed; this says why.
  auto free = can_listen(listen);
  if (!free) return std::unexpected(free.error());
  MetricsServer server;
  server.listen_ = listen;
  server.source_ = std::move(source);
  try {
    // Who connects and says nothing must not keep others waiting for long.
    server.server_ = std::make_unique<prometheus::Exposer>(
        std::vector<std::string>{"listening_ports", to_text(listen),
                                 "num_threads", "4", "request_timeout_ms",
                                 "2000"});
    server.server_->RegisterCollectable(server.source_);
    const std::vector<int> ports = server.server_->GetListeningPorts();
    if (!ports.empty()) {
      server.listen_.port = static_cast<std::uint16_t>(ports.front());
    }
  } catch (const std::exception& error) {
    return failure(server_error(listen, error.what()));
  }
  return server;
}

}  // namespace xdpgate
