// SPDX-License-Identifier: GPL-2.0-only
#include "schema/policy_schema.h"

#include <xdpgate/abi.h>

#include <span>
#include <string>
#include <string_view>

#include "policy/grammar.h"
#include "policy/names.h"
#include "schema/forms.h"

namespace xdpgate {
namespace {

constexpr const char* kName = "^[A-Za-z0-9_.:-]{1,63}$";
constexpr const char* kDuration = "^([0-9]+(ms|s|m|h|d|w))+$|^none$";
constexpr std::uint64_t kMostPackets = 0xffffffff;

Json name_form() { return text_form(kName, true); }
Json text() { return text_form("", true); }
Json or_nothing(const Json& form) {
  return {{"anyOf", {form, {{"type", "null"}}}}};
}
Json list_of(const Json& item) {
  return or_nothing({{"type", "array"}, {"items", item}});
}

// A key of a map, what may stand there and what it is for.
struct Row {
  std::string_view key;
  Json (*form)();
  const char* about;
};

// The forms of `keys`, which the reader takes, out of `rows`. A key without a
// row may hold anything: KeysOfTheLanguage.HaveForms fails then.
Json properties_of(std::span<const std::string_view> keys,
                   std::span<const Row> rows) {
  Json properties = Json::object();
  for (const std::string_view key : keys) {
    Json form = Json::object();
    for (const Row& row : rows) {
      if (row.key != key) continue;
      form = row.form();
      form["description"] = row.about;
    }
    properties[std::string(key)] = form;
  }
  return properties;
}

Json match_map() {
  Json properties = Json::object();
  for (const MatchKey& key : match_keys()) {
    Json form = match_form(key.form);
    form["description"] =
        std::string(key.field) + ": " + std::string(key.values);
    properties[std::string(key.name)] = form;
  }
  return or_nothing(map_form(properties, {}));
}

Json action() {
  return {{"anyOf",
           {words_form(kActionWords),
            map_form({{"redirect", name_form()}}, {"redirect"})}}};
}

constexpr Row kLimitRows[] = {
    {"rate", text, "packets or bytes, as in 2000/s and 100Mbit/s"},
    {"burst", text, "what may come at once"},
    {"per", [] { return list_form(text()); },
     "what has a limit of its own: rule, src, dst, or their prefixes"},
    {"size", [] { return number_form(1, XG_LIMIT_KEYS_MAX); },
     "how many of those are told apart"},
};

Json limit_map() {
  return map_form(properties_of(limit_keys(), kLimitRows), {"rate"});
}

constexpr Row kBanRows[] = {
    {"set", text, "the dynamic set"},
    {"for", [] { return text_form(kDuration, true); },
     "how long; default: the set's timeout"},
};

Json ban_map() {
  return map_form(properties_of(ban_keys(), kBanRows), {"set"});
}

constexpr Row kLogRows[] = {
    {"every", [] { return number_form(1, kMostPackets); },
     "one packet in so many"},
};

Json log_map() {
  return map_form(properties_of(log_keys(), kLogRows), {});
}

constexpr Row kRuleRows[] = {
    {"name", name_form, "unique; the rule's counters belong to it"},
    {"match", match_map, "all keys must hold; empty: every packet"},
    {"action", action, "what becomes of a packet that matches"},
    {"redirect", name_form, "the interface that it leaves by"},
    {"limit", limit_map, "how many packets the rule takes"},
    {"over", [] { return words_form(kOverWords); }, "what becomes of those beyond"},
    {"ban", ban_map, "puts the source of those beyond into a dynamic set"},
    {"log", log_map, "copies packets to `xdpgate capture`"},
};

Json rule_map() {
  return map_form(properties_of(rule_keys(), kRuleRows), {"name"});
}

Json elements() {
  return or_nothing({{"anyOf",
                      {list_form(address_form(false)),
                       list_form(port_form(false)),
                       {{"type", "array"}, {"maxItems", 0}}}}});
}

constexpr Row kSetRows[] = {
    {"type", [] { return words_form(kSetTypeWords); }, "addresses or ports"},
    {"elements", elements, "prefixes, ranges, single ones"},
    {"file", text, "a set file, relative to the policy"},
    {"dynamic", [] { return words_form(kBooleanWords); },
     "elements come and go while the filter runs"},
    {"size", [] { return number_form(1, XG_SET_MAX); },
     "most elements of a dynamic set"},
    {"timeout", [] { return text_form(kDuration, true); },
     "how long an element stays in a dynamic set"},
};

Json sets_map() {
  const Json set = map_form(properties_of(set_keys(), kSetRows), {"type"});
  return or_nothing({{"type", "object"},
                     {"patternProperties", {{kName, set}}},
                     {"additionalProperties", false}});
}

Json counts() { return number_form(0, kMostPackets); }

Json expect() {
  Json verdicts = Json::object();
  for (const std::string_view verdict : kVerdictWords) {
    verdicts[std::string(verdict)] = counts();
  }
  return {{"anyOf", {words_form(kVerdictWords), map_form(verdicts, {})}}};
}

Json rule_counts() {
  return {{"type", "object"},
          {"patternProperties", {{kName, counts()}}},
          {"additionalProperties", false}};
}

Json test_sets() {
  return {{"type", "object"},
          {"patternProperties", {{kName, list_form(address_form(false))}}},
          {"additionalProperties", false}};
}

constexpr Row kTestRows[] = {
    {"name", text, "what the test is called in reports"},
    {"packet", text, "one packet, in words"},
    {"pcap", text, "a capture, relative to the policy"},
    {"interface", name_form, "that the capture's packets come in by"},
    {"repeat", [] { return number_form(1, kMostPackets); },
     "how often the packet comes"},
    {"every", [] { return text_form(kDuration, true); },
     "the time from one of them to the next"},
    {"sets", test_sets, "what dynamic sets hold at first"},
    {"expect", expect, "what becomes of every packet, or of how many"},
    {"rule", [] { return or_nothing(name_form()); },
     "the rule that decides; null: none does"},
    {"rules", rule_counts, "how many packets each of these rules counts"},
};

Json test_map() {
  Json form = map_form(properties_of(test_keys(), kTestRows), {"expect"});
  form["oneOf"] = {{{"required", {"packet"}}}, {{"required", {"pcap"}}}};
  return form;
}

constexpr Row kPolicyRows[] = {
    {"version", [] { return Json{{"enum", {1, "1"}}}; },
     "of the policy language"},
    {"name", name_form, "the instance; default: the file's name"},
    {"interfaces", [] { return or_nothing(list_form(name_form())); },
     "where the filter is attached"},
    {"bridge", [] { return or_nothing(list_form(name_form())); },
     "two interfaces that pass packets on to each other"},
    {"mode", [] { return words_form(kModeWords); }, "in the driver or behind it"},
    {"default", [] { return words_form(kDefaultWords); },
     "packets that no rule decides"},
    {"malformed", [] { return words_form(kMalformedWords); },
     "packets that contradict themselves"},
    {"sets", sets_map, "named lists of addresses or ports"},
    {"rules", [] { return list_of(rule_map()); }, "the first match decides"},
    {"tests", [] { return list_of(test_map()); }, "run by `xdpgate test`"},
};

}  // namespace

nlohmann::ordered_json policy_schema() {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"title", "xdpgate policy"}};
  schema.update(
      map_form(properties_of(policy_keys(), kPolicyRows), {"version"}));
  return schema;
}

}  // namespace xdpgate
