// SPDX-License-Identifier: GPL-2.0-only
// Promise 8: a policy that no image holds is refused whole; the error names
// the first rule that does not fit and the limit it meets.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compile/compile.h"
#include "policy/load.h"

namespace xdpgate::test {
namespace {

Policy policy_of(const std::string& rules) {
  Diagnostics diagnostics;
  auto policy = parse_policy("version: 1\nname: p\nrules:\n" + rules,
                             "p.yaml", diagnostics);
  EXPECT_TRUE(policy);
  return policy.value_or(Policy{});
}

std::string many_rules(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += fmt::format(
        "  - {{name: r{}, match: {{src: 10.{}.{}.0/24, dst_port: {}}}, "
        "action: drop}}\n",
        i, i / 256, i % 256, i + 1);
  }
  return text;
}

CompileOptions at_most(std::size_t bytes) {
  return {[](const std::string&) { return 0u; }, bytes};
}

// What compile() says of the policy; empty where it fits.
std::string refusal(const Policy& policy, std::size_t bytes) {
  const auto image = compile(policy, at_most(bytes));
  return image ? "" : image.error().line();
}

TEST(Limit, TheFirstRuleThatDoesNotFitIsNamed) {
  const Policy policy = policy_of(many_rules(500));
  const std::size_t whole =
      compile(policy, at_most(1 << 29))->header().size;
  EXPECT_EQ(refusal(policy, whole), "");
  for (std::size_t room : {whole - 64, whole * 3 / 4, whole / 2}) {
    SCOPED_TRACE(room);
    const std::string said = refusal(policy, room);
    // By trying them all: the shortest beginning that does not fit.
    Policy part = policy;
    part.rules.clear();
    std::size_t size = 0;
    for (const Rule& rule : policy.rules) {
      part.rules.push_back(rule);
      const auto image = compile(part, at_most(1 << 29));
      size = image->header().size;
      if (size > room) break;
    }
    EXPECT_EQ(said, fmt::format("compile rule `{}`: is the first that does "
                                "not fit: the image takes {} bytes, at most "
                                "{} fit; split the policy over several "
                                "instances",
                                part.rules.back().name, size, room));
  }
}

TEST(Limit, APolicyWhoseTextAloneIsTooLongIsNamedItself) {
  std::string text = "  - {name: a, action: drop}\n#";  // hard to pack
  for (std::uint32_t i = 0, x = 1; i < 10'000; ++i, x = x * 69069 + 1) {
    text += static_cast<char>('!' + (x >> 16) % 90);
  }
  const Policy policy = policy_of(text);
  EXPECT_TRUE(refusal(policy, 4096).starts_with(
      "compile the policy: the image takes "))
      << refusal(policy, 4096);
}

}  // namespace
}  // namespace xdpgate::test
