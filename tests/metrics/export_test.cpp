// SPDX-License-Identifier: GPL-2.0-only
// xdpgate export, scraped by the real Prometheus where that is needed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "tests/support/child.h"
#include "tests/support/eventually.h"
#include "tests/support/http.h"
#include "tests/support/markdown_table.h"
#include "tests/support/running.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

// `xdpgate export` on a port of its own choice.
class Export {
 public:
  explicit Export(std::vector<std::string> more = {})
      : child_(Child::start(tool_argv(words(std::move(more))))) {
    port_ = eventually([&] { return announced_port(); }).value_or(0);
    EXPECT_NE(port_, 0) << child_.err();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string scrape() const {
    const HttpAnswer answer = http_get(port_, "/metrics");
    EXPECT_EQ(answer.status, 200);
    return answer.body;
  }
  Finished end(int signal) {
    child_.signal(signal);
    auto done = child_.wait(Milliseconds(30'000));
    EXPECT_TRUE(done) << "it goes on";
    return done.value_or(Finished{});
  }

 private:
  static std::vector<std::string> words(std::vector<std::string> more) {
    std::vector<std::string> all = {"export", "--listen", "127.0.0.1:0"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  [[nodiscard]] std::optional<std::uint16_t> announced_port() const {
    static const std::regex kAddress("127\\.0\\.0\\.1:([0-9]+)/metrics");
    const std::string said = child_.err();
    std::smatch match;
    if (!std::regex_search(said, match, kAddress)) return std::nullopt;
    return static_cast<std::uint16_t>(std::stoi(match[1]));
  }

  Child child_;
  std::uint16_t port_ = 0;
};

// The value of a series in Prometheus' text format; -1: it is not there.
double value_in(const std::string& text, const std::string& series) {
  const auto at = ("\n" + text).find("\n" + series + " ");
  if (at == std::string::npos) return -1;
  return std::stod(text.substr(at + series.size() + 1));
}

std::string of_rule(const std::string& metric, const std::string& rule) {
  return fmt::format("{}{{filter=\"{}\",rule=\"{}\"}}", metric, instance_name(),
                     rule);
}

// The names behind "# TYPE" that are ours.
std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> names;
  static const std::regex kType("# TYPE (xdpgate_[a-z_]+) ");
  for (std::sregex_iterator it(text.begin(), text.end(), kType), end; it != end;
       ++it) {
    names.insert((*it)[1]);
  }
  return names;
}

// A policy that makes use of every metric.
std::string full_policy() {
  return fmt::format(
      "version: 1\nname: {}\ninterfaces: [v1, v3]\n"
      "sets: {{banned: {{type: address, dynamic: true, size: 8}}}}\nrules:\n"
      "  - {{name: low, match: {{protocol: udp, dst_port: 1}}, action: drop}}\n"
      "  - {{name: slow, match: {{protocol: udp, dst_port: 2, src: "
      "\"@banned\"}}, limit: {{rate: 1/s}}, action: pass}}\n",
      instance_name());
}

class ExportTest : public SystemTest {
 protected:
  // `export --once` beside a folder with the policy that runs.
  std::string full_scrape() {
    add_veth("v2", "v3");
    std::filesystem::create_directory(scratch() / "policies");
    const auto path = write_file("policies/full.yaml", full_policy());
    EXPECT_EQ(tool({"apply", path}).exit_code, 0);
    const Finished once = tool(
        {"export", "--once", "--policies", (scratch() / "policies").string()});
    EXPECT_EQ(once.exit_code, 0) << once.err;
    return once.out;
  }
};

TEST_F(ExportTest, PrintsWhatPromtoolHasNothingToSayAbout) {
  const std::string path = write_file("scrape", full_scrape());
  const Finished check = run({"sh", "-c", "promtool check metrics <" + path});
  EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
  EXPECT_EQ(check.out + check.err, "");
}

TEST_F(ExportTest, EveryMetricIsDocumented) {
  std::set<std::string> documented;
  for (const TableRow& row : table_rows("docs/operations.md", "")) {
    if (row[0].starts_with("xdpgate_")) documented.insert(row[0]);
  }
  // A row for packets stands for their bytes, too.
  std::set<std::string> exported;
  for (const std::string& name : names_in(full_scrape())) {
    if (!name.ends_with("_bytes_total")) exported.insert(name);
  }
  EXPECT_EQ(exported, documented);
}

TEST_F(ExportTest, DashboardAndAlertsAskForWhatThereIs) {
  const std::set<std::string> exported = names_in(full_scrape());
  static const std::regex kName("xdpgate_[a-z_]+");
  for (const char* file : {"packaging/grafana-dashboard.json",
                           "packaging/prometheus-alerts.yml"}) {
    const std::string text = read_source(file);
    for (std::sregex_iterator it(text.begin(), text.end(), kName), end;
         it != end; ++it) {
      EXPECT_TRUE(exported.contains(it->str())) << file << ": " << it->str();
    }
  }
  EXPECT_TRUE(Json::parse(read_source("packaging/grafana-dashboard.json"))
                  .contains("panels"));
}

TEST_F(ExportTest, AlertsFireWhenTheyShould) {
  const Finished check = run(
      {"promtool", "test", "rules", XG_SOURCE_DIR "/tests/metrics/alerts.yml"});
  EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
}

TEST_F(ExportTest, JsonSaysTheSame) {
  full_scrape();
  const Finished json = tool({"export", "--json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  bool found = false;
  for (const Json& family : Json::parse(json.out)) {
    if (family["name"] != "xdpgate_rule_packets_total") continue;
    found = true;
    EXPECT_EQ(family["type"], "counter");
    EXPECT_EQ(family["metrics"][0]["labels"]["rule"], "low");
    EXPECT_EQ(family["metrics"][0]["value"], 0);
  }
  EXPECT_TRUE(found);
}

TEST_F(ExportTest, ServesEvenWhereNothingRunsAndEndsCleanly) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Export server;
    EXPECT_THAT(server.scrape(), HasSubstr("xdpgate_build_info{version="));
    EXPECT_EQ(http_get(server.port(), "/").status, 404);
    EXPECT_EQ(http_get(server.port(), "/etc/passwd").status, 404);
    EXPECT_EQ(server.end(signal).exit_code, 0);
  }
}

TEST_F(ExportTest, CountsNeverFallThroughSwapsAndRulesThatGo) {
  put_on_v1(image_of(
      policy_text({port_rule("a", 1, "drop"), port_rule("b", 2, "drop")})));
  const Export server({"--max-rules", "1"});
  send("v0", udp_to(1), 5);
  send("v0", udp_to(2), 3);
  ASSERT_EQ(counts_after(8).judged(), 8u);
  const std::string metric = "xdpgate_rule_packets_total";
  std::string text = server.scrape();
  EXPECT_EQ(value_in(text, of_rule(metric, "a")), 5);
  EXPECT_EQ(value_in(text, of_rule(metric, "b")), -1);
  EXPECT_EQ(value_in(text, of_rule(metric, "(other)")), 0);
  put_on_v1(image_of(
      policy_text({port_rule("c", 3, "drop"), port_rule("b", 2, "pass"),
                   port_rule("a", 1, "drop")})));
  send("v0", udp_to(2), 4);
  send("v0", udp_to(3), 1);
  ASSERT_EQ(counts_after(13).judged(), 13u);
  text = server.scrape();
  EXPECT_EQ(value_in(text, of_rule(metric, "a")), 5);
  EXPECT_EQ(value_in(text, of_rule(metric, "(other)")), 5);
  EXPECT_EQ(value_in(text, fmt::format("xdpgate_generation{{filter=\"{}\"}}",
                                       instance_name())),
            2);
  // `b` goes; what it has counted stays in what it was counted in.
  put_on_v1(image_of(
      policy_text({port_rule("c", 3, "drop"), port_rule("a", 1, "drop")})));
  EXPECT_EQ(value_in(server.scrape(), of_rule(metric, "(other)")), 5);
}

TEST_F(ExportTest, AFilterThatCannotBeReadIsDownAndHidesNoOther) {
  put_on_v1(image_of(policy_text({port_rule("a", 1, "drop")})));
  add_veth("w0", "w1");
  const std::string other = instance_name() + "-2";
  const auto path = write_file(
      "other.yaml", "version: 1\nname: " + other + "\ninterfaces: [w1]\n");
  ASSERT_EQ(tool({"apply", path}).exit_code, 0);
  ASSERT_TRUE(std::filesystem::remove(pins_of(other) + "/gen-1/base"));
  const Finished once = tool({"export", "--once"});
  EXPECT_EQ(once.exit_code, 0) << once.err;
  const auto up = [&](const std::string& filter) {
    return value_in(once.out,
                    fmt::format("xdpgate_filter_up{{filter=\"{}\"}}", filter));
  };
  EXPECT_EQ(up(instance_name()), 1);
  EXPECT_EQ(up(other), 0);
  EXPECT_EQ(value_in(once.out, "xdpgate_read_errors_total"), 1);
}

TEST_F(ExportTest, AnInterfaceThatGoesIsDrift) {
  put_on_v1(image_of(policy_text({port_rule("a", 1, "drop")})));
  const std::string drift = fmt::format(
      "xdpgate_drift{{filter=\"{}\",what=\"interfaces\"}}", instance_name());
  const Export server;
  EXPECT_EQ(value_in(server.scrape(), drift), 0);
  ip({"link", "del", "v1"});
  EXPECT_EQ(value_in(server.scrape(), drift), 1);
  ASSERT_TRUE(detach(instance_name(), {}));
  EXPECT_EQ(value_in(server.scrape(), drift), -1);
}

TEST_F(ExportTest, ATakenPortAndAForeignAddressAreRefused) {
  const Fd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(here);
  ASSERT_EQ(::bind(taken.get(), reinterpret_cast<sockaddr*>(&here), size), 0);
  ASSERT_EQ(::listen(taken.get(), 1), 0);
  ::getsockname(taken.get(), reinterpret_cast<sockaddr*>(&here), &size);
  const std::string address = fmt::format("127.0.0.1:{}", ntohs(here.sin_port));
  const Finished second = tool({"export", "--listen", address});
  EXPECT_EQ(second.exit_code, 3);
  EXPECT_EQ(second.out, "");
  EXPECT_THAT(second.err,
              testing::StartsWith(fmt::format(
                  "xdpgate: listen on {}: Address already in use; ", address)));
  const Finished foreign = tool({"export", "--listen", "192.0.2.1:10470"});
  EXPECT_EQ(foreign.exit_code, 3);
  EXPECT_THAT(foreign.err, HasSubstr("192.0.2.1:10470: Cannot assign"));
  const Finished ipv6 = tool({"export", "--listen", "[::1]:10470"});
  EXPECT_EQ(ipv6.exit_code, 3);
  EXPECT_THAT(ipv6.err, HasSubstr("listen on an IPv4 address"));
  const Finished folder = tool({"export", "--policies", "/nowhere"});
  EXPECT_EQ(folder.exit_code, 2);
  EXPECT_THAT(folder.err, HasSubstr("`/nowhere` is no folder"));
  for (const char* wrong : {"localhost:1", "127.0.0.1", "127.0.0.1:99999"}) {
    const Finished usage = tool({"export", "--listen", wrong});
    EXPECT_EQ(usage.exit_code, 2) << wrong;
    EXPECT_THAT(usage.err, HasSubstr("--listen")) << wrong;
  }
}

// Debian's Prometheus, scraping one exporter four times a second.
class Prometheus {
 public:
  explicit Prometheus(std::uint16_t target)
      : child_(Child::start(
            {"prometheus", "--config.file=" + config(target),
             "--storage.tsdb.path=" + (scratch() / "tsdb").string(),
             fmt::format("--web.listen-address=127.0.0.1:{}", kPort),
             "--log.level=warn"})) {}

  // The first value of a query; none yet where the answer is empty.
  [[nodiscard]] std::optional<double> ask(const std::string& query) const {
    const HttpAnswer answer =
        http_get(kPort, "/api/v1/query?query=" + url_encoded(query));
    if (answer.status != 200) return std::nullopt;
    const Json result = Json::parse(answer.body)["data"]["result"];
    if (result.empty()) return std::nullopt;
    return std::stod(result[0]["value"][1].get<std::string>());
  }
  // Whether it takes a query at all.
  [[nodiscard]] bool accepts(const std::string& query) const {
    return http_get(kPort, "/api/v1/query?query=" + url_encoded(query))
               .status == 200;
  }
  // Whether it comes to `value` in time.
  [[nodiscard]] bool comes_to(const std::string& query, double value) const {
    return eventually([&] { return ask(query) == value; });
  }
  [[nodiscard]] std::string err() const { return child_.err(); }

 private:
  static constexpr std::uint16_t kPort = 9090;  // of this namespace

  static std::string config(std::uint16_t target) {
    return write_file(
        "prometheus.yml",
        fmt::format("scrape_configs:\n- job_name: xdpgate\n"
                    "  scrape_interval: 250ms\n  scrape_timeout: 250ms\n"
                    "  static_configs: [{{targets: ['127.0.0.1:{}']}}]\n"
                    "rule_files: ['{}/packaging/prometheus-alerts.yml']\n",
                    target, XG_SOURCE_DIR));
  }

  Child child_;
};

// The dashboard's queries, with Grafana's variables filled in.
std::vector<std::string> dashboard_queries() {
  std::vector<std::string> queries;
  const Json dashboard =
      Json::parse(read_source("packaging/grafana-dashboard.json"));
  for (const Json& panel : dashboard["panels"]) {
    for (const Json& target : panel["targets"]) {
      std::string query = target["expr"];
      query = std::regex_replace(query, std::regex("\\$filter"), ".*");
      query = std::regex_replace(query, std::regex("\\$__rate_interval"), "1m");
      queries.push_back(query);
    }
  }
  return queries;
}

TEST_F(ExportTest, PrometheusScrapesItThroughSwaps) {
  put_on_v1(image_of(policy_text({port_rule("a", 1, "drop")})));
  const Export server;
  const Prometheus prometheus(server.port());
  const std::string packets = of_rule("xdpgate_rule_packets_total", "a");
  ASSERT_TRUE(prometheus.comes_to(packets, 0)) << prometheus.err();
  for (int swap = 1; swap <= 3; ++swap) {
    send("v0", udp_to(1), 10);
    ASSERT_EQ(counts_after(10u * swap).judged(), 10u * swap);
    put_on_v1(
        image_of(policy_text({port_rule(fmt::format("new-{}", swap), 2, "pass"),
                              port_rule("a", 1, "drop")})));
  }
  EXPECT_TRUE(prometheus.comes_to(packets, 30)) << prometheus.err();
  EXPECT_TRUE(prometheus.comes_to("xdpgate_generation", 4));
  EXPECT_EQ(prometheus.ask(fmt::format("resets({}[1h])", packets)), 0);
  EXPECT_TRUE(prometheus.comes_to("up", 1));
  const std::vector<std::string> queries = dashboard_queries();
  EXPECT_GT(queries.size(), 10u);
  for (const std::string& query : queries) {
    EXPECT_TRUE(prometheus.accepts(query)) << query;
  }
  EXPECT_FALSE(prometheus.accepts("rate(up)"));
}

}  // namespace
}  // namespace xdpgate::test
