// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "policy/check_action.h"
#include "policy/check_limit.h"
#include "policy/check_match.h"
#include "policy/grammar.h"

namespace xdpgate {
namespace {

enum RuleKey { kName, kMatch, kAction, kRedirect, kLog, kLimit, kOver, kBan };
constexpr std::string_view kRuleKeys[] = {"name", "match", "action", "redirect",
                                          "log",  "limit", "over",   "ban"};
constexpr std::size_t kMaxNameBytes = 63;

std::string hint_for_key(std::string_view word) {
  auto keys = match_keys();
  if (std::ranges::find(keys, word, &MatchKey::name) == keys.end()) return {};
  return fmt::format(
      "{} belongs under `match`; is it indented like this "
      "rule's own keys?",
      in_quotes(word));
}

constexpr KeyWords kRuleWords = {"a rule", kRuleKeys, {}, hint_for_key};
constexpr KeyWords kThisRule = {"the rule", kRuleKeys};

std::optional<RuleAction> read_rule_action(Context& context, const Node& rule,
                                           const Field& action,
                                           const Field& redirect) {
  if (!action && !redirect) {
    report_missing(context, rule, kThisRule, "action",
                   "`action: pass`, `drop`, `reject` or `count`");
  }
  return read_action(context, action, redirect);
}

std::optional<std::string_view> read_name(Context& context, const Node& rule,
                                          const Field& field,
                                          RuleNames& names) {
  if (!field) {
    report_missing(context, rule, kThisRule, "name",
                   "its counters belong to the name");
    return std::nullopt;
  }
  auto name = read_word(context, *field.value, "name");
  if (!name) return std::nullopt;
  if (!is_word(*name, "_.:-", kMaxNameBytes)) {
    context.error(*field.value,
                  fmt::format("{} is not a rule name", in_quotes(*name)),
                  "1-63 letters, digits and _ . : -");
    return std::nullopt;
  }
  auto [first, fresh] = names.emplace(*name, field.value);
  if (!fresh) {
    context.error(
        *field.value,
        fmt::format("the rule name {} is used twice; first at line {}",
                    in_quotes(*name), first->second->at.line));
    return std::nullopt;
  }
  return name;
}

std::optional<Rule> read_rule(Context& context, SetTable& sets,
                              const Node& node, RuleNames& names) {
  if (!expect_map(context, node, "a rule")) return std::nullopt;
  auto fields = read_fields(context, node, kRuleWords);
  auto name = read_name(context, node, fields[kName], names);
  auto action =
      read_rule_action(context, node, fields[kAction], fields[kRedirect]);
  Match match;
  if (fields[kMatch]) {
    match = read_match(context, sets, *fields[kMatch].value);
  }
  std::optional<std::uint32_t> log_every;
  if (fields[kLog]) log_every = read_log(context, *fields[kLog].value);
  auto limit = read_limit(context, fields[kLimit], fields[kOver]);
  auto ban = read_ban(context, sets, fields[kBan]);
  if (!name || !action) return std::nullopt;
  std::optional<Rule> rule(std::in_place, std::string(*name), std::move(match),
                           action->action);
  rule->redirect = std::move(action->interface);
  rule->redirect_at = action->at;
  rule->log_every = log_every;
  rule->limit = limit;
  rule->ban = ban;
  return rule;
}

}  // namespace

std::span<const std::string_view> rule_keys() { return kRuleKeys; }

std::vector<Rule> read_rules(Context& context, SetTable& sets, const Node& node,
                             RuleNames& names) {
  std::vector<Rule> rules;
  if (node.kind == NodeKind::kNull) return rules;
  if (node.kind != NodeKind::kList) {
    context.error(
        node, fmt::format("`rules` is a list, not {}", kind_text(node.kind)),
        "each rule starts with `- name: ...`");
    return rules;
  }
  rules.reserve(node.size);
  for (const Node& item : context.file().items(node)) {
    if (context.full()) break;
    auto rule = read_rule(context, sets, item, names);
    if (rule) rules.push_back(std::move(*rule));
  }
  return rules;
}

}  // namespace xdpgate
