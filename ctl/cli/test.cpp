// SPDX-License-Identifier: GPL-2.0-only
// xdpgate test: does the policy do what its `tests` section says?
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>

#include "base/text_file.h"
#include "cli/command.h"
#include "cli/explain_report.h"
#include "cli/json.h"
#include "cli/load_image.h"
#include "cli/terminal.h"
#include "compile/compile.h"
#include "explain/junit.h"
#include "explain/test_run.h"

namespace xdpgate {
namespace {

constexpr std::size_t kNamesShown = 20;

struct TestOptions {
  std::string policy;
  std::string junit;
  bool json = false;
};

struct Finding {
  std::vector<TestRecord> records;
  std::vector<std::string> unreached;  ///< names of rules

  [[nodiscard]] std::size_t failed() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        records, [](const TestRecord& r) { return !r.result.passed(); }));
  }
};

std::string indented(const std::string& text) {
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    result += "    " + text.substr(at, end - at);
    at = end;
  }
  return result;
}

std::string failure_text(const std::string& path, const TestRecord& record) {
  std::string text;
  const Position& at = record.test->at;
  for (const std::string& failure : record.result.failures) {
    text += fmt::format("{}:{}:{}: failed: {}: {}\n", path, at.line, at.column,
                        test_name(*record.test), failure);
  }
  return text + indented(record.result.excerpt);
}

std::string unreached_text(const std::vector<std::string>& names) {
  if (names.empty()) return "every rule was reached\n";
  const std::size_t shown = std::min(names.size(), kNamesShown);
  const std::span first(names.begin(), shown);
  std::string text =
      fmt::format("no test reaches {}", fmt::join(first, ", "));
  if (shown < names.size()) {
    text += fmt::format(" and {} more", names.size() - shown);
  }
  return text + "\n";
}

std::string in_words(const std::string& path, const Finding& finding) {
  std::string text;
  for (const TestRecord& record : finding.records) {
    if (!record.result.passed()) text += failure_text(path, record);
  }
  if (finding.records.empty()) return path + ": no tests\n";
  const std::size_t all = finding.records.size();
  text += fmt::format("{}: {} {}, {} failed\n", path, grouped(all),
                      all == 1 ? "test" : "tests", grouped(finding.failed()));
  return text + unreached_text(finding.unreached);
}

Json record_json(const std::string& path, const TestRecord& record) {
  const PolicyTest& test = *record.test;
  return {{"file", path},
          {"line", test.at.line},
          {"column", test.at.column},
          {"name", test_name(test)},
          {"passed", record.result.passed()},
          {"packets", record.result.packets},
          {"failures", record.result.failures},
          {"excerpt", record.result.excerpt}};
}

Json as_json(const std::string& path, const Finding& finding) {
  Json tests = Json::array();
  for (const TestRecord& record : finding.records) {
    tests.push_back(record_json(path, record));
  }
  return {{"tests", tests},
          {"passed", finding.records.size() - finding.failed()},
          {"failed", finding.failed()},
          {"unreached", finding.unreached}};
}

Finding run_all(const Policy& policy, TestRun& run) {
  Finding finding;
  for (const PolicyTest& test : policy.tests) {
    finding.records.push_back({&test, run.run(test)});
  }
  for (const std::uint32_t rule : run.unreached()) {
    finding.unreached.push_back(policy.rules[rule].name);
  }
  return finding;
}

int report_bug(const Compiled& compiled, const Disagreement& found) {
  return report_disagreement(compiled.policy, compiled.image, found.explanation,
                             answers_text(compiled.policy, found.explanation));
}

int test(const TestOptions& options) {
  auto compiled = load_image_or_say(options.policy, pseudo_ifindex);
  if (!compiled) return compiled.error();
  const std::string folder =
      std::filesystem::path(options.policy).parent_path().string();
  TestRun run(compiled->policy, compiled->image, folder);
  const Finding finding = run_all(compiled->policy, run);
  if (options.json) {
    write_json(as_json(options.policy, finding));
  } else {
    write_out(in_words(options.policy, finding));
  }
  if (!options.junit.empty()) {
    auto written = write_text_file(
        options.junit,
        junit_xml(compiled->policy.name, options.policy, finding.records));
    if (!written) return refuse(written.error());
  }
  if (run.disagreement()) return report_bug(*compiled, *run.disagreement());
  return finding.failed() == 0 ? kDone : kRejected;
}

}  // namespace

void add_test(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* command = app.add_subcommand(
      "test", "Run a policy's own tests; name failures and untested rules");
  command->footer(
      "Runs the `tests` section of POLICY (docs/policy.md, \"Tests\"). Needs "
      "no privilege.\nExit code 1 where a test failed.\n\nExample: xdpgate test "
      "rules/blocklist.yaml");
  command->add_option("POLICY", options->policy, "policy file; - for stdin")
      ->required();
  command
      ->add_option("--junit", options->junit,
                   "write the results as JUnit XML, for CI systems")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "one JSON object");
  command->callback(
      [options, &outcome] { outcome.exit_code = test(*options); });
}

}  // namespace xdpgate
