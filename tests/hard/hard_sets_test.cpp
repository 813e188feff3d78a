// SPDX-License-Identifier: GPL-2.0-only
// The hard sets of bench/hard: each compiles, and evaluator, native engine and
// kernel agree on packets of its rules and on others.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>
#include <utility>

#include "bench/hard/hard_set.h"
#include "bpf/kernel_engine.h"
#include "compile/compile.h"
#include "engine/engine.h"
#include "packet/trace.h"
#include "policy/evaluate.h"
#include "policy/load.h"
#include "tests/support/privilege.h"

namespace xdpgate::hard {

void PrintTo(const HardSetKind& kind, std::ostream* out) { *out << kind.name; }

namespace {

constexpr std::size_t kPackets = 400;

// The set as files, which go with the object.
class Files {
 public:
  explicit Files(const HardSet& set) {
    std::filesystem::create_directories(dir_);
    write("policy.yaml", set.policy);
    for (const auto& [name, text] : set.files) write(name, text);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() { std::filesystem::remove_all(dir_); }

  [[nodiscard]] std::string policy() const { return dir_ / "policy.yaml"; }

 private:
  void write(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }
  const std::filesystem::path dir_ =
      std::filesystem::temp_directory_path() /
      fmt::format("xdpgate-hard-{}", ::getpid());
};

class HardSets : public testing::TestWithParam<HardSetKind> {
 protected:
  void SetUp() override {
    Dice dice(1);
    const Files files(GetParam().make(dice));
    Diagnostics diagnostics;
    policy_ = load_policy(files.policy(), diagnostics);
    ASSERT_TRUE(policy_) << diagnostics.sorted().at(0).text();
    auto image = compile(*policy_, {[this](const std::string& name) {
                           return pseudo_ifindex(*policy_, name);
                         }});
    ASSERT_TRUE(image) << image.error().line();
    image_ = std::move(*image);
  }

  // Whether `engine` judges a trace as the evaluator does.
  void compare(Engine& engine) {
    const DecidingRule evaluator = [this](auto frame, const auto& interface) {
      return evaluate(*policy_, dissect(frame, interface)).decision.rule;
    };
    const Trace trace =
        make_trace(*policy_, evaluator, {.packets = kPackets, .seed = 2});
    EXPECT_EQ(trace.hits, kPackets / 2) << trace.shortfall;
    EXPECT_EQ(trace.misses, kPackets / 2) << trace.shortfall;
    for (const TraceFrame& frame : trace.frames) {
      const auto decision = engine.judge(frame.bytes, 0);
      ASSERT_TRUE(decision) << decision.error().line();
      ASSERT_EQ(decision->rule, frame.rule);
    }
  }

  std::optional<Policy> policy_;
  Image image_;
};

TEST_P(HardSets, NativeAgrees) {
  compare(*make_native_engine(std::move(image_)));
}

TEST_P(HardSets, KernelAgrees) {
  XG_NEED_BPF();
  auto engine = make_kernel_engine(image_);
  ASSERT_TRUE(engine) << engine.error().line();
  compare(**engine);
}

std::string name_of(const testing::TestParamInfo<HardSetKind>& kind) {
  std::string name = kind.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Rules, HardSets, testing::ValuesIn(rule_kinds()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Addresses, HardSets,
                         testing::ValuesIn(address_kinds()), name_of);

}  // namespace
}  // namespace xdpgate::hard
