// SPDX-License-Identifier: GPL-2.0-only
// Metrics over HTTP, read from the kernel at each scrape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "metrics/intent.h"
#include "metrics/listen_address.h"

namespace prometheus {
class Exposer;
}

namespace xdpgate {

/// Where metrics are served unless told otherwise. (The ports that Prometheus'
/// list gives to exporters, 9100 to 9999, are all taken.)
inline constexpr const char* kMetricsAddress = "127.0.0.1:10470";
/// How many rules of a filter have series of their own unless told otherwise.
inline constexpr std::uint32_t kMostRuleSeries = 1000;

/// Reads what runs, scrape by scrape. Safe to use from several threads.
class MetricsSource;

/// At most `most_rules` rules of a filter get series of their own.
[[nodiscard]] std::shared_ptr<MetricsSource> metrics_source(
    std::size_t most_rules, Intents intents);
/// One scrape in Prometheus' text format, version 0.0.4.
[[nodiscard]] std::string metrics_text(const MetricsSource& source);
/// One scrape: an array of `name`, `help`, `type`, `metrics` (array of
/// `labels`, `value`).
[[nodiscard]] nlohmann::ordered_json metrics_json(const MetricsSource& source);

/// Serves `/metrics` until destroyed.
class MetricsServer {
 public:
  /// Error: the address cannot be listened on.
  [[nodiscard]] static Result<MetricsServer> start(
      const ListenAddress& listen, std::shared_ptr<MetricsSource> source);
  MetricsServer(MetricsServer&&) noexcept;
  MetricsServer& operator=(MetricsServer&&) noexcept;
  ~MetricsServer();

  /// Where it listens: a port in the place of 0.
  [[nodiscard]] const ListenAddress& address() const { return listen_; }

 private:
  MetricsServer() = default;

  ListenAddress listen_;
  std::shared_ptr<MetricsSource> source_;
  std::unique_ptr<prometheus::Exposer> server_;
};

}  // namespace xdpgate
