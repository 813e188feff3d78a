// SPDX-License-Identifier: GPL-2.0-only
#include "cli/load_image.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <vector>

#include "base/say.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "compile/compile.h"
#include "explain/test_run.h"
#include "policy/load.h"

namespace xdpgate {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string colour_of(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "\033[31m";
    case Severity::kWarning:
      return "\033[33m";
    case Severity::kNote:
      return "\033[36m";
  }
  return "";
}

// Nothing where `diagnostics` have errors.
Result<std::optional<Policy>> load_policy(const std::string& path,
                                          Progress& progress,
                                          Diagnostics& diagnostics) {
  auto text = read_policy(path);
  if (!text) {
    text.error().hint = "POLICY is a file, or - for standard input";
    return failure(text.error());
  }
  progress.stage("checking " + path);
  std::vector<PolicyTest> tests;
  auto policy = parse_policy(*text, path, diagnostics, &tests);
  check_test_packets(tests, path, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return policy;
}

// What was loaded, or the exit code once the reader has been told.
template <class T>
std::expected<T, ExitCode> loaded_or_said(Result<std::optional<T>> loaded,
                                          const Diagnostics& diagnostics) {
  if (!loaded) {
    refuse(loaded.error());
    return std::unexpected(kSystem);
  }
  print_diagnostics(diagnostics);
  if (!*loaded) return std::unexpected(kRejected);
  return std::move(**loaded);
}

}  // namespace

Result<std::optional<Compiled>> load_image(const std::string& path,
                                           const IfindexOf& ifindex_of,
                                           Diagnostics& diagnostics) {
  const auto start = Clock::now();
  Progress progress("reading " + path);
  auto loaded = load_policy(path, progress, diagnostics);
  if (!loaded) return failure(loaded.error());
  auto& policy = *loaded;
  if (!policy) return std::nullopt;
  progress.stage(
      fmt::format("compiling {} rules", grouped(policy->rules.size())));
  auto image = compile(*policy, {[&](const std::string& name) {
    return ifindex_of(*policy, name);
  }});
  if (!image) {
    diagnostics.error(path, {}, image.error().line());
    return std::nullopt;
  }
  return Compiled{std::move(*policy), std::move(*image), seconds_since(start)};
}

std::expected<Compiled, ExitCode> load_image_or_say(
    const std::string& path, const IfindexOf& ifindex_of) {
  Diagnostics diagnostics;
  auto loaded = load_image(path, ifindex_of, diagnostics);
  return loaded_or_said(std::move(loaded), diagnostics);
}

std::expected<Policy, ExitCode> load_policy_or_say(const std::string& path) {
  Diagnostics diagnostics;
  auto loaded = [&] {
    Progress progress("reading " + path);
    return load_policy(path, progress, diagnostics);
  }();
  return loaded_or_said(std::move(loaded), diagnostics);
}

void print_diagnostics(const Diagnostics& diagnostics) {
  const bool colour = has_colour(stderr);
  for (const Diagnostic& diagnostic : diagnostics.sorted()) {
    std::string text = diagnostic.text();
    if (colour) {
      const std::string word =
          std::string(severity_name(diagnostic.severity)) + ":";
      const auto at = text.find(word, diagnostic.file.size());
      text.replace(at, word.size(),
                   colour_of(diagnostic.severity) + word + "\033[0m");
    }
    say("{}\n", text);
  }
}

}  // namespace xdpgate
