// SPDX-License-Identifier: GPL-2.0-only
// The schema has a form for every key that the reader takes, and no other key.
// tests/scripts/schema_test.py has a validator's opinion of policies.
#include "schema/policy_schema.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

#include "policy/check_match.h"
#include "policy/grammar.h"

namespace xdpgate::test {
namespace {

using Json = nlohmann::ordered_json;

void expect_forms(const Json& map, std::span<const std::string_view> keys) {
  const Json& properties = map.at("properties");
  EXPECT_EQ(properties.size(), keys.size());
  EXPECT_EQ(map.at("additionalProperties"), false);
  for (const std::string_view key : keys) {
    ASSERT_TRUE(properties.contains(key)) << key;
    EXPECT_TRUE(properties[std::string(key)].contains("description"))
        << key << " has no row in ctl/schema/policy_schema.cpp";
  }
}

TEST(KeysOfTheLanguage, HaveForms) {
  const Json schema = policy_schema();
  const Json& top = schema.at("properties");
  const Json& rule = top["rules"]["anyOf"][0]["items"];
  const Json& test = top["tests"]["anyOf"][0]["items"];
  const Json& set =
      top["sets"]["anyOf"][0]["patternProperties"].front();
  expect_forms(schema, policy_keys());
  expect_forms(rule, rule_keys());
  expect_forms(rule["properties"]["limit"], limit_keys());
  expect_forms(rule["properties"]["ban"], ban_keys());
  expect_forms(rule["properties"]["log"], log_keys());
  expect_forms(set, set_keys());
  expect_forms(test, test_keys());
}

TEST(KeysOfTheLanguage, OfAMatchAreThoseOfTheTable) {
  const Json match = policy_schema()["properties"]["rules"]["anyOf"][0]["items"]
                                    ["properties"]["match"]["anyOf"][0];
  ASSERT_EQ(match["properties"].size(), match_keys().size());
  for (const MatchKey& key : match_keys()) {
    const Json& form = match["properties"].at(std::string(key.name));
    EXPECT_EQ(form["anyOf"].size(), 2u) << key.name;
    EXPECT_NE(std::string(form["description"]).find(key.values),
              std::string::npos);
  }
}

}  // namespace
}  // namespace xdpgate::test
