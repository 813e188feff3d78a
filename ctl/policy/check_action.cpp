// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_action.h"

#include <fmt/format.h>

#include "policy/check_interface.h"
#include "policy/check_number.h"
#include "policy/grammar.h"

namespace xdpgate {
namespace {

constexpr std::string_view kRedirect = "redirect";
constexpr std::string_view kActionKeys[] = {kRedirect};
constexpr std::string_view kLogKeys[] = {"every"};
constexpr NumberField kEvery = {"a number of packets", 0xffffffff};
constexpr const char* kRedirectForm = "write `redirect: eth1`";

std::optional<RuleAction> read_target(Context& context, const Node& node) {
  auto word = read_word(context, node, kRedirect);
  if (!word) return std::nullopt;
  auto name = parse_interface_name(*word);
  if (!name) {
    context.error(node, name.error());
    return std::nullopt;
  }
  return RuleAction{Action::kRedirect, std::move(*name), node.at};
}

// action: {redirect: eth1}
std::optional<RuleAction> read_action_map(Context& context, const Node& map) {
  auto fields = read_fields(context, map, {"`action`", kActionKeys});
  if (fields[0]) return read_target(context, *fields[0].value);
  report_missing(context, map, {"`action`", kActionKeys}, kRedirect,
                 "the other actions are single words: `action: drop`");
  return std::nullopt;
}

// Written as one scalar: `redirect eth1`, "redirect: eth1".
bool is_redirect_in_one(std::string_view word) {
  return word.starts_with(kRedirect) && word.size() > kRedirect.size() &&
         (word[kRedirect.size()] == ' ' || word[kRedirect.size()] == ':');
}

std::optional<RuleAction> read_action_word(Context& context, const Node& node) {
  if (is_redirect_in_one(context.text(node))) {
    context.error(node,
                  "the interface of `redirect` is a value of its own",
                  kRedirectForm);
    return std::nullopt;
  }
  auto choice = read_choice(context, node, "action", kActionWords);
  if (!choice) return std::nullopt;
  if (kActionWords[*choice] == kRedirect) {
    context.error(node, "`redirect` does not say where to", kRedirectForm);
    return std::nullopt;
  }
  return RuleAction{static_cast<Action>(*choice)};
}

}  // namespace

std::span<const std::string_view> log_keys() { return kLogKeys; }

std::optional<RuleAction> read_action(Context& context, const Field& action,
                                      const Field& redirect) {
  if (redirect) {
    auto target = read_target(context, *redirect.value);
    if (!action || context.text(*action.value) == kRedirect) return target;
    context.error(*redirect.key,
                  "`redirect` is an action, and the rule has one already",
                  "leave out `action`");
    return std::nullopt;
  }
  if (!action) return std::nullopt;
  if (action.value->kind == NodeKind::kMap) {
    return read_action_map(context, *action.value);
  }
  return read_action_word(context, *action.value);
}

std::optional<std::uint32_t> read_log(Context& context, const Node& node) {
  if (node.kind == NodeKind::kScalar) {
    context.error(node, "`log` takes a map", "`log: {every: 1000}`");
    return std::nullopt;
  }
  if (!expect_map(context, node, "`log`")) return std::nullopt;
  const auto fields = read_fields(context, node, {"`log`", kLogKeys});
  if (!fields[0]) return 1;
  auto word = read_word(context, *fields[0].value, "every");
  if (!word) return std::nullopt;
  auto number = parse_number(*word, kEvery);
  if (!number) {
    context.error(*fields[0].value, number.error());
  } else if (*number == 0) {
    context.error(*fields[0].value, "one packet in 0 cannot be logged",
                  "`every: 1` logs every packet");
  } else {
    return *number;
  }
  return std::nullopt;
}

}  // namespace xdpgate
