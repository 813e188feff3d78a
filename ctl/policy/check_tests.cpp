// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/check_number.h"
#include "policy/check_rules.h"
#include "policy/duration.h"
#include "policy/grammar.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

enum TestKey {
  kName,
  kPacket,
  kPcap,
  kInterface,
  kRepeat,
  kEvery,
  kSets,
  kExpect,
  kRule,
  kRules
};
constexpr std::string_view kTestKeys[] = {
    "name",  "packet", "pcap",   "interface", "repeat",
    "every", "sets",   "expect", "rule",      "rules"};
static_assert(std::size(kVerdictWords) == XG_VERDICTS);
constexpr NumberField kCount = {"a number of packets", 0xffffffff};

std::optional<std::uint32_t> read_count(Context& context, const Node& node,
                                        std::string_view what) {
  auto word = read_word(context, node, what);
  if (!word) return std::nullopt;
  auto count = parse_number(*word, kCount);
  if (count) return *count;
  context.error(node, count.error());
  return std::nullopt;
}

// {drop: 12, pass: 3}
void read_verdicts(Context& context, const Node& map, PolicyTest& test) {
  const auto fields = read_fields(context, map, {"`expect`", kVerdictWords});
  for (std::size_t verdict = 0; verdict < fields.size(); ++verdict) {
    if (!fields[verdict]) continue;
    const auto count =
        read_count(context, *fields[verdict].value, kVerdictWords[verdict]);
    if (count) test.verdicts[static_cast<xg_verdict>(verdict)] = *count;
  }
}

void read_expect(Context& context, const Node& node, const Field& expect,
                 PolicyTest& test) {
  if (!expect) {
    return report_missing(context, node, {"the test", kTestKeys}, "expect",
                          "`expect: pass` or `expect: drop`");
  }
  const bool is_one = !test.packet.empty() && test.repeat == 1;
  if (!is_one && expect.value->kind == NodeKind::kMap) {
    return read_verdicts(context, *expect.value, test);
  }
  const auto verdict = read_choice(context, *expect.value, "expect", kVerdictWords);
  if (verdict) test.verdict = static_cast<xg_verdict>(*verdict);
}

// Whether a rule has the name that `node` says; an error where none has.
bool is_rule(Context& context, const Node& node, std::string_view name,
             const RuleNames& names) {
  if (names.contains(name)) return true;
  std::string hint;
  if (context.may_look_at(names.size())) {
    std::vector<std::string_view> known;
    for (const auto& [rule, at] : names) known.push_back(rule);
    std::ranges::sort(known);  // of equally near ones always the same
    hint = nearest_hint(name, known);
  }
  context.error(node, fmt::format("no rule is called {}", in_quotes(name)),
                hint);
  return false;
}

void read_rule_name(Context& context, const Node& node, const RuleNames& names,
                    PolicyTest& test) {
  if (node.kind == NodeKind::kNull) {
    test.rule = "";  // the default decides
    return;
  }
  auto word = read_word(context, node, "rule");
  if (word && is_rule(context, node, *word, names)) test.rule = *word;
}

// {ssh: 3, seen: 12}
void read_rule_counts(Context& context, const Node& map, const RuleNames& names,
                      PolicyTest& test) {
  if (!expect_map(context, map, "`rules` of a test")) return;
  const RuleFile& file = context.file();
  for (std::size_t i = 0; i < file.entries(map); ++i) {
    if (context.full()) return;
    const Node& key = file.key(map, i);
    auto name = read_word(context, key, "a rule's name");
    if (!name || !is_rule(context, key, *name, names)) continue;
    auto count = read_count(context, file.value(map, i), *name);
    if (!count) continue;
    if (!test.rules.emplace(*name, *count).second) {
      context.error(key, fmt::format("{} is given twice", in_quotes(*name)));
    }
  }
}

// The text behind a key; empty where it is not there or wrong.
std::string read_text(Context& context, const Field& field,
                      std::string_view key) {
  if (!field) return {};
  return std::string(
      read_word(context, *field.value, key).value_or(std::string_view()));
}

void read_repeat(Context& context, const Field& repeat, PolicyTest& test) {
  if (!repeat) return;
  const auto count = read_count(context, *repeat.value, "repeat");
  if (count) test.repeat = std::max<std::uint32_t>(*count, 1);
  if (count == 0u) context.error(*repeat.value, "`repeat` is at least 1");
}

void read_every(Context& context, const std::vector<Field>& fields,
                PolicyTest& test) {
  const Field& every = fields[kEvery];
  if (!every) return;
  if (!fields[kRepeat]) {
    context.error(*every.key, "`every` needs a `repeat`",
                  "it is the time from one packet to the next");
    return;
  }
  auto word = read_word(context, *every.value, "every");
  if (!word) return;
  auto time = parse_duration(*word);
  if (time && *time > kLongestDurationNs / test.repeat) {
    time = complaint("so many packets would take more than ten years");
  }
  if (!time) context.error(*every.value, time.error());
  test.every_ns = time.value_or(0);
}

// {banned: [192.0.2.7, 10.0.0.0/8]}
void read_elements(Context& context, SetTable& sets, const Node& map,
                   PolicyTest& test) {
  if (!expect_map(context, map, "`sets` of a test")) return;
  const RuleFile& file = context.file();
  for (std::size_t i = 0; i < file.entries(map); ++i) {
    if (context.full()) return;
    const Node& key = file.key(map, i);
    if (!read_word(context, key, "a set's name")) continue;
    const auto* set = sets.resolve_dynamic(
        context, key, "what others hold stands in the policy");
    if (!set) continue;
    const auto items = read_items(context, file.value(map, i), set->name);
    if (!parse_items(context, items, parse_address_range)) continue;
    for (const Node* item : items.nodes) {
      test.elements.push_back({set->address, std::string(context.text(*item))});
    }
  }
}

// The packet or the path: one that is not empty.
std::string read_subject_text(Context& context, const Field& field,
                              std::string_view key) {
  std::string text = read_text(context, field, key);
  const bool is_empty =
      field && field.value->kind == NodeKind::kScalar && text.empty();
  if (is_empty) {
    context.error(*field.value, fmt::format("{} is empty", in_quotes(key)));
  }
  return text;
}

void read_subject(Context& context, const Node& node,
                  const std::vector<Field>& fields, PolicyTest& test) {
  const Field& packet = fields[kPacket];
  const Field& pcap = fields[kPcap];
  if (packet && pcap) {
    context.error(*pcap.key, "a test has `packet` or `pcap`, not both");
  } else if (!packet && !pcap) {
    report_missing(context, node, {"the test", kTestKeys}, "packet",
                   "a test has `packet` or `pcap`");
  } else {
    test.subject_at = (packet ? packet : pcap).value->at;
  }
  test.packet = read_subject_text(context, packet, "packet");
  test.pcap = read_subject_text(context, pcap, "pcap");
  if (packet && fields[kInterface]) {
    context.error(*fields[kInterface].key, "`interface` is for `pcap`",
                  "a packet in words says `on eth0`");
  }
  if (pcap && fields[kRepeat]) {
    context.error(*fields[kRepeat].key, "`repeat` is for `packet`");
  }
}

PolicyTest read_test(Context& context, SetTable& sets, const Node& node,
                     const RuleNames& names) {
  PolicyTest test;
  test.at = node.at;
  if (!expect_map(context, node, "a test")) return test;
  auto fields = read_fields(context, node, {"a test", kTestKeys});
  read_subject(context, node, fields, test);
  test.name = read_text(context, fields[kName], "name");
  test.interface = read_text(context, fields[kInterface], "interface");
  read_repeat(context, fields[kRepeat], test);
  read_every(context, fields, test);
  if (fields[kSets]) read_elements(context, sets, *fields[kSets].value, test);
  read_expect(context, node, fields[kExpect], test);
  if (fields[kRule]) read_rule_name(context, *fields[kRule].value, names, test);
  if (fields[kRules]) {
    read_rule_counts(context, *fields[kRules].value, names, test);
  }
  return test;
}

}  // namespace

std::span<const std::string_view> test_keys() { return kTestKeys; }

std::vector<PolicyTest> read_tests(Context& context, SetTable& sets,
                                   const Node& node, const RuleNames& names) {
  std::vector<PolicyTest> tests;
  if (node.kind == NodeKind::kNull) return tests;
  if (node.kind != NodeKind::kList) {
    context.error(
        node, fmt::format("`tests` is a list, not {}", kind_text(node.kind)));
    return tests;
  }
  for (const Node& test : context.file().items(node)) {
    if (context.full()) break;
    tests.push_back(read_test(context, sets, test, names));
  }
  return tests;
}

}  // namespace xdpgate
