// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_context.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/check.h"

namespace xdpgate {
namespace {

// The keys of a short list are worth repeating in a hint.
constexpr std::size_t kMaxListedKeys = 8;

std::string unknown_key_hint(std::string_view word, const KeyWords& keys,
                             bool lost_comma) {
  if (lost_comma) {
    return "a value with a comma in it must be quoted inside braces";
  }
  if (word == "<<") return "merge keys are not supported";
  std::string hint = nearest_hint(word, keys.known);
  if (!hint.empty() || keys.known.size() > kMaxListedKeys) return hint;
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
    bool lost_comma = map.in_flow && entry > 0 &&
                      context.file().value(map, entry).kind == NodeKind::kNull;
    context.error(
        key, fmt::format("unknown key {} in {}", in_quotes(word), keys.where),
        unknown_key_hint(word, keys, lost_comma));
  }
}

// Adds the scalars of `node` to `items`. Returns false after an error.
bool add_items(Context& context, const Node& node, std::string_view what,
               std::vector<const Node*>& items) {
  if (node.kind == NodeKind::kScalar) {
    items.push_back(&node);
    return true;
  }
  if (node.kind == NodeKind::kList && node.size > 0) {
    bool sound = true;
    for (const Node& item : context.file().items(node)) {
      if (context.full()) break;
      sound &= add_items(context, item, what, items);
    }
    return sound;
  }
  if (node.kind == NodeKind::kList) {
    context.error(node, fmt::format("the list of {} is empty", in_quotes(what)),
                  "leave the key out to match everything");
  } else if (node.kind == NodeKind::kNull) {
    context.error(node, fmt::format("{} has no value", in_quotes(what)));
  } else {
    context.error(
        node,
        fmt::format("an item of {} is a value, not a map", in_quotes(what)),
        "`{not: ...}` goes around the whole value");
  }
  return false;
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

std::string Context::nearest(std::string_view word,
                             std::span<const std::string_view> candidates) {
  if (candidates.size() > words_left_) return {};
  words_left_ -= candidates.size();
  return nearest_hint(word, candidates);
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

bool expect_map(Context& context, const Node& node, std::string_view what) {
  if (node.kind == NodeKind::kMap) return true;
  context.error(node,
                fmt::format("{} is a map, not {}", what, kind_text(node.kind)));
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
  std::string hint = nearest_hint(*word, words);
  if (hint.empty()) hint = fmt::format("one of {}", quoted_words(words));
  context.error(
      node,
      fmt::format("{} is not a value of {}", in_quotes(*word), in_quotes(what)),
      hint);
  return std::nullopt;
}

std::optional<std::vector<const Node*>> read_items(Context& context,
                                                   const Node& node,
                                                   std::string_view what) {
  std::vector<const Node*> items;
  if (!add_items(context, node, what, items)) return std::nullopt;
  return items;
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
  auto items = read_items(context, *inner, what);
  if (!items) return std::nullopt;
  value.items = std::move(*items);
  return value;
}

}  // namespace xdpgate
