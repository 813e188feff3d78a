// SPDX-License-Identifier: GPL-2.0-only
// What rules do beside their actions, as records of the image.
#include <gtest/gtest.h>

#include <cstring>

#include "compile/compile.h"
#include "compile/effect_table.h"

namespace xdpgate::test {
namespace {

Rule rule_of(const std::string& name, Action action) {
  return Rule{name, {}, action};
}

Rule logged(Rule rule, std::uint32_t every) {
  rule.log_every = every;
  return rule;
}

Rule redirected(const std::string& name, const std::string& interface) {
  Rule rule = rule_of(name, Action::kRedirect);
  rule.redirect = interface;
  return rule;
}

Policy policy_of(std::vector<Rule> rules) {
  Policy policy;
  policy.name = "p";
  policy.rules = std::move(rules);
  return policy;
}

Image image_of(const Policy& policy) {
  auto image = compile(policy, {[](const std::string&) { return 7u; }});
  EXPECT_TRUE(image) << image.error().line();
  return std::move(*image);
}

std::uint32_t word_of(const Image& image, std::uint32_t rule) {
  xg_rule record;
  std::memcpy(&record,
              image.bytes.data() + image.header().rules_off + rule * 4,
              sizeof(record));
  return record.word;
}

xg_effect effect_of(const Image& image, std::uint32_t rule) {
  const std::uint32_t number = word_of(image, rule) >> XG_RULE_EFFECT_SHIFT;
  EXPECT_LT(number, image.header().effect_count);
  xg_effect effect;
  std::memcpy(&effect,
              image.bytes.data() + image.header().effects_off +
                  number * sizeof(effect),
              sizeof(effect));
  return effect;
}

TEST(Effect, APolicyOfActionsHasNone) {
  const Image image = image_of(policy_of(
      {rule_of("a", Action::kPass), rule_of("b", Action::kDrop),
       rule_of("c", Action::kCount), rule_of("d", Action::kReject)}));
  EXPECT_EQ(image.header().features & XG_HAS_EFFECTS, 0u);
  EXPECT_EQ(image.header().effect_count, 0u);
  EXPECT_EQ(word_of(image, 0), std::uint32_t{XG_PASS});
  EXPECT_EQ(word_of(image, 1), std::uint32_t{XG_DROP});
  EXPECT_EQ(word_of(image, 2), XG_COUNT);
  EXPECT_EQ(word_of(image, 3), std::uint32_t{XG_REJECT});
}

TEST(Effect, RulesThatDoTheSameShareARecord) {
  const Image image = image_of(policy_of(
      {logged(rule_of("a", Action::kDrop), 10), rule_of("b", Action::kDrop),
       logged(rule_of("c", Action::kPass), 10),
       logged(rule_of("d", Action::kDrop), 20)}));
  EXPECT_NE(image.header().features & XG_HAS_EFFECTS, 0u);
  EXPECT_EQ(image.header().effect_count, 3u);  // record 0 is no rule's
  EXPECT_EQ(effect_of(image, 0).log_every, 10u);
  EXPECT_EQ(word_of(image, 1) >> XG_RULE_EFFECT_SHIFT, 0u);
  EXPECT_EQ(word_of(image, 2) >> XG_RULE_EFFECT_SHIFT,
            word_of(image, 0) >> XG_RULE_EFFECT_SHIFT);
  EXPECT_EQ(effect_of(image, 3).log_every, 20u);
  EXPECT_EQ(word_of(image, 3) & XG_RULE_ACTION_MASK, std::uint32_t{XG_DROP});
}

TEST(Effect, ARedirectNamesTheSlotOfItsInterface) {
  const Policy policy = policy_of({redirected("a", "eth1"),
                                   redirected("b", "eth2"),
                                   redirected("c", "eth1")});
  EXPECT_EQ(devices_of(policy), (std::vector<std::string>{"eth1", "eth2"}));
  const Image image = image_of(policy);
  EXPECT_EQ(effect_of(image, 0).redirect, 0u);
  EXPECT_EQ(effect_of(image, 1).redirect, 1u);
  EXPECT_EQ(effect_of(image, 2).redirect, 0u);
  EXPECT_EQ(word_of(image, 2) & XG_RULE_ACTION_MASK,
            std::uint32_t{XG_REDIRECT});
}

// What tells that a rule has changed since the last generation.
TEST(Effect, AChangedEffectChangesDigests) {
  const Rule plain = rule_of("a", Action::kDrop);
  const Rule variants[] = {plain, logged(plain, 1), logged(plain, 2),
                           redirected("a", "eth1"), redirected("a", "eth2"),
                           rule_of("a", Action::kReject)};
  for (const Rule& one : variants) {
    for (const Rule& other : variants) {
      const Image a = image_of(policy_of({one}));
      const Image b = image_of(policy_of({other}));
      const bool same = &one == &other;
      EXPECT_EQ(ImageView(a).rule_digest(0) == ImageView(b).rule_digest(0),
                same);
      EXPECT_EQ(ImageView(a).digest() == ImageView(b).digest(), same);
    }
  }
}

}  // namespace
}  // namespace xdpgate::test
