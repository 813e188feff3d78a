// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_context.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/check.h"

namespace xdpgate {
namespace {

// The keys of a short list are worth repeating in a hint.
constexpr std::size_t kMaxListedKeys = 8;

constexpr std::string_view kBlankMissing = "a blank must follow the `:`";
// A hostile map may have millions.
constexpr std::size_t kMaxKeysLookedAt = 64;

// What people write who come from another filter.
constexpr Synonym kVerdictSynonyms[] = {
    {"accept", "pass"},   {"allow", "pass"}, {"permit", "pass"},
    {"deny", "drop"},     {"block", "drop"}, {"discard", "drop"},
    {"driver", "native"}, {"drv", "native"}, {"skb", "generic"},
    {"inet", "ipv4"},     {"inet6", "ipv6"}, {"yes", "true"},
    {"no", "false"},
};

// `src:10.0.0.1` and, in braces, `tcp_flags: syn/syn,ack` end up as a key.
std::string_view slip_hint(Context& context, const Node& map,
                           std::size_t entry) {
  if (context.file().value(map, entry).kind != NodeKind::kNull) return {};
  std::string_view word = context.text(context.file().key(map, entry));
  if (word.find(':') != std::string_view::npos) return kBlankMissing;
  if (!map.in_flow || entry == 0) return {};
  return "a value with a comma in it must be quoted inside braces";
}

std::string unknown_key_hint(std::string_view word, const KeyWords& keys) {
  if (word == "<<") return "merge keys are not supported";
  std::string hint = keys.hint ? keys.hint(word) : std::string();
  if (hint.empty()) hint = nearest_hint(word, keys.known);
  if (!hint.empty() || keys.known.size() > kMaxListedKeys) return hint;
  if (keys.known.size() == 1) {
    return fmt::format("only {} can stand here", in_quotes(keys.known[0]));
  }
  return fmt::format("the keys of {} are {}", keys.where,
                     quoted_words(keys.known));
}

void refuse_key(Context& context, const Node& map, std::size_t entry,
                const KeyWords& keys) {
  const Node& key = context.file().key(map, entry);
  std::string_view word = context.text(key);
  if (key.kind != NodeKind::kScalar) {
    context.error(key, fmt::format("a key of {} is a word, not {}", keys.where,
                                   kind_text(key.kind)));
  } else if (std::ranges::find(keys.later, word) != keys.later.end()) {
    context.error(key, unsupported(word));
  } else {
    std::string hint(slip_hint(context, map, entry));
    if (hint.empty()) hint = unknown_key_hint(word, keys);
    context.error(
        key, fmt::format("unknown key {} in {}", in_quotes(word), keys.where),
        hint);
  }
}

// A list that is asked for its scalars.
struct ListUse {
  Context& context;
  std::string_view what;
  bool in_match;  // where `{not: ...}` has a meaning
};

void refuse_item(const ListUse& use, const Node& node, bool in_list) {
  std::string what = in_quotes(use.what);
  if (node.kind == NodeKind::kList) {
    use.context.error(
        node, fmt::format("the list of {} is empty", what),
        use.in_match ? "leave the key out to match everything" : "");
  } else if (node.kind == NodeKind::kNull) {
    use.context.error(node, fmt::format("{}{} has no value",
                                        in_list ? "an item of " : "", what));
  } else {
    use.context.error(
        node, fmt::format("an item of {} is a single value, not a map", what),
        use.in_match ? "`{not: ...}` goes around the whole value" : "");
  }
}

// Adds the scalars of `node` to `items`.
void add_items(const ListUse& use, const Node& node, bool in_list,
               Items& items) {
  if (node.kind == NodeKind::kScalar) {
    items.nodes.push_back(&node);
    return;
  }
  if (node.kind != NodeKind::kList || node.size == 0) {
    items.sound = false;
    return refuse_item(use, node, in_list);
  }
  for (const Node& item : use.context.file().items(node)) {
    if (use.context.full()) break;
    add_items(use, item, true, items);
  }
}

}  // namespace

void Context::error(const Node& at, std::string message, std::string hint) {
  if (full()) return;
  diagnostics_.error(file_.path(), at.at, std::move(message), std::move(hint));
  if (++errors_ < kMaxPolicyErrors) return;
  diagnostics_.error(file_.path(), at.at,
                     fmt::format("these were {} errors; the rest of the file "
                                 "is not checked",
                                 kMaxPolicyErrors));
}

bool Context::full() const { return errors_ >= kMaxPolicyErrors; }

bool Context::may_look_at(std::size_t words) {
  if (words > words_left_) return false;
  words_left_ -= words;
  return true;
}

void Context::warning(const Node& at, std::string kind, std::string message,
                      std::string hint) {
  Diagnostic warning;
  warning.severity = Severity::kWarning;
  warning.file = file_.path();
  warning.at = at.at;
  warning.kind = std::move(kind);
  warning.message = std::move(message);
  warning.hint = std::move(hint);
  diagnostics_.add(std::move(warning));
}

std::string_view kind_text(NodeKind kind) {
  switch (kind) {
    case NodeKind::kNull:
      return "nothing";
    case NodeKind::kScalar:
      return "a single value";
    case NodeKind::kList:
      return "a list";
    case NodeKind::kMap:
      return "a map";
  }
  return "";
}

std::string unsupported(std::string_view word) {
  return fmt::format("{} is not supported by this version of xdpgate",
                     in_quotes(word));
}

std::vector<Field> read_fields(Context& context, const Node& map,
                               const KeyWords& keys) {
  std::vector<Field> fields(keys.known.size());
  const RuleFile& file = context.file();
  for (std::size_t i = 0; i < file.entries(map); ++i) {
    const Node& key = file.key(map, i);
    auto known = std::ranges::find(keys.known, file.text(key));
    if (key.kind != NodeKind::kScalar || known == keys.known.end()) {
      refuse_key(context, map, i, keys);
      continue;
    }
    Field& field = fields[static_cast<std::size_t>(known - keys.known.begin())];
    if (field) {
      context.error(key, fmt::format("{} is given twice; first at line {}",
                                     in_quotes(*known), field.key->at.line));
      continue;
    }
    field = {&key, &file.value(map, i)};
  }
  return fields;
}

void report_missing(Context& context, const Node& map, const KeyWords& keys,
                    std::string_view key, std::string hint) {
  const RuleFile& file = context.file();
  const std::size_t entries = std::min(file.entries(map), kMaxKeysLookedAt);
  for (std::size_t i = 0; i < entries; ++i) {
    std::string_view word = file.text(file.key(map, i));
    bool known = std::ranges::find(keys.known, word) != keys.known.end();
    if (!known && nearest_word(word, keys.known) == key) return;
  }
  context.error(map, fmt::format("{} has no {}", keys.where, in_quotes(key)),
                std::move(hint));
}

bool expect_map(Context& context, const Node& node, std::string_view what) {
  if (node.kind == NodeKind::kMap) return true;
  bool has_colon = context.text(node).find(':') != std::string_view::npos;
  context.error(node,
                fmt::format("{} is a map, not {}", what, kind_text(node.kind)),
                std::string(has_colon ? kBlankMissing : ""));
  return false;
}

std::optional<std::string_view> read_word(Context& context, const Node& node,
                                          std::string_view what) {
  if (node.kind == NodeKind::kScalar) return context.text(node);
  if (node.kind == NodeKind::kNull) {
    context.error(node, fmt::format("{} has no value", in_quotes(what)));
  } else {
    context.error(node, fmt::format("{} takes a single value, not {}",
                                    in_quotes(what), kind_text(node.kind)));
  }
  return std::nullopt;
}

std::optional<std::size_t> read_choice(
    Context& context, const Node& node, std::string_view what,
    std::span<const std::string_view> words) {
  auto word = read_word(context, node, what);
  if (!word) return std::nullopt;
  auto found = std::ranges::find(words, *word);
  if (found != words.end()) {
    return static_cast<std::size_t>(found - words.begin());
  }
  std::string hint = synonym_hint(*word, kVerdictSynonyms, words);
  if (hint.empty()) hint = nearest_hint(*word, words);
  if (hint.empty()) hint = fmt::format("one of {}", quoted_words(words));
  context.error(
      node,
      fmt::format("{} is not a value of {}", in_quotes(*word), in_quotes(what)),
      hint);
  return std::nullopt;
}

Items read_items(Context& context, const Node& node, std::string_view what) {
  Items items;
  add_items({context, what, false}, node, false, items);
  return items;
}

std::optional<std::vector<std::size_t>> read_choices(
    Context& context, const Items& items, std::string_view what,
    std::span<const std::string_view> words) {
  std::vector<std::size_t> choices;
  bool sound = items.sound;
  for (const Node* item : items.nodes) {
    auto choice = read_choice(context, *item, what, words);
    if (choice) choices.push_back(*choice);
    sound &= choice.has_value();
  }
  if (!sound) return std::nullopt;
  return choices;
}

std::string synonym_hint(std::string_view word,
                         std::span<const Synonym> synonyms,
                         std::span<const std::string_view> ours) {
  auto found = std::ranges::find(synonyms, word, &Synonym::word);
  if (found == synonyms.end()) return {};
  if (std::ranges::find(ours, found->ours) == ours.end()) return {};
  return fmt::format("write {}", in_quotes(found->ours));
}

std::optional<Value> read_value(Context& context, const Node& node,
                                std::string_view what) {
  Value value;
  const Node* inner = &node;
  if (node.kind == NodeKind::kMap) {
    static constexpr std::string_view kKeys[] = {"not"};
    if (node.size == 0) {
      context.error(node, fmt::format("{} has no value", in_quotes(what)));
      return std::nullopt;
    }
    auto fields = read_fields(context, node, {in_quotes(what), kKeys});
    if (!fields[0]) return std::nullopt;
    value.negated = true;
    inner = fields[0].value;
    if (inner->kind == NodeKind::kMap) {
      context.error(*inner, "`not` stands once around a value");
      return std::nullopt;
    }
  }
  add_items({context, what, true}, *inner, false, value.items);
  if (value.items.nodes.empty()) return std::nullopt;
  return value;
}

}  // namespace xdpgate
