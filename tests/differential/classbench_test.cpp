// SPDX-License-Identifier: GPL-2.0-only
// ClassBench's rule sets (bench/classbench), IPv4 and IPv6, and traces of
// packets that their rules decide and that none does: the engines agree on
// every packet.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "compile/compile.h"
#include "engine/native_decider.h"
#include "packet/trace.h"
#include "policy/load.h"
#include "tests/support/child.h"
#include "tests/support/privilege.h"
#include "tests/support/three_engines.h"

namespace xdpgate::test {
namespace {

struct FilterSet {
  const char* name;  // of a file in filters.tar.xz
  bool ipv6;
  std::size_t packets;  // fewer for more rules: the evaluator is slow
};

constexpr FilterSet kSets[] = {
    {"acl1_1000", false, 40'000}, {"acl1_1000", true, 40'000},
    {"fw1_1000", false, 40'000},  {"fw1_1000", true, 40'000},
    {"ipc1_1000", false, 40'000}, {"ipc1_1000", true, 40'000},
    {"acl1_10000", false, 4'000}, {"acl1_10000", true, 4'000},
    {"fw1_10000", false, 4'000},  {"fw1_10000", true, 4'000},
    {"ipc1_10000", false, 4'000}, {"ipc1_10000", true, 4'000},
    {"fw1_100000", true, 400},
};

std::string must_run(const std::vector<std::string>& argv) {
  Finished finished = run(argv);
  if (finished.exit_code == 0) return std::move(finished.out);
  throw std::runtime_error(argv[0] + ": " + finished.err);
}

// The policy that users get of a filter set.
std::string policy_text(const FilterSet& set) {
  std::string folder = testing::TempDir() + "xdpgate-classbench-XXXXXX";
  if (!::mkdtemp(folder.data())) throw std::runtime_error("mkdtemp");
  must_run({"tar", "-xJf", XG_SOURCE_DIR "/bench/classbench/filters.tar.xz",
            "-C", folder, set.name});
  std::vector<std::string> argv = {XG_CLASSBENCH, "policy",
                                   folder + "/" + set.name};
  if (set.ipv6) argv.emplace_back("--ipv6");
  std::string text = must_run(argv);
  std::filesystem::remove_all(folder);
  return text;
}

Policy policy_of(const FilterSet& set) {
  Diagnostics diagnostics;
  auto policy = parse_policy(policy_text(set), set.name, diagnostics);
  if (policy) return std::move(*policy);
  throw std::runtime_error(diagnostics.sorted().at(0).text());
}

Trace trace_of(const Policy& policy, std::size_t packets) {
  const CompileOptions options{
      [&](const std::string& name) { return pseudo_ifindex(policy, name); }};
  auto image = compile(policy, options);
  if (!image) throw std::runtime_error(image.error().line());
  return make_trace(policy, native_decider(policy, std::move(*image)),
                    {.packets = packets, .seed = 20'260'000});
}

class ClassBench : public testing::TestWithParam<FilterSet> {};

void judge_trace(const FilterSet& set, Kernel kernel) {
  const Policy policy = policy_of(set);
  const Trace trace = trace_of(policy, set.packets);
  ThreeEngines engines(policy, kernel);
  std::size_t decided = 0;
  for (const TraceFrame& frame : trace.frames) {
    ASSERT_EQ(engines.judge(frame.bytes, frame.interface), "");
    ASSERT_EQ(engines.last().decision.rule, frame.rule);
    decided += frame.rule.has_value();
  }
  EXPECT_EQ(engines.compare_counters(), "");
  EXPECT_EQ(trace.frames.size(), set.packets);
  EXPECT_GT(decided, set.packets / 3);
  fmt::print("{} rules, {} packets, {} decided by a rule\n",
             policy.rules.size(), trace.frames.size(), decided);
}

TEST_P(ClassBench, EvaluatorAndNativeAgree) {
  judge_trace(GetParam(), Kernel::kNone);
}

TEST_P(ClassBench, KernelAgreesToo) {
  XG_NEED_BPF();
  judge_trace(GetParam(), Kernel::kLoaded);
}

INSTANTIATE_TEST_SUITE_P(Set, ClassBench, testing::ValuesIn(kSets),
                         [](const auto& info) {
                           return fmt::format("{}_{}", info.param.name,
                                              info.param.ipv6 ? "v6" : "v4");
                         });

}  // namespace
}  // namespace xdpgate::test
