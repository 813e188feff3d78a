// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_sets.h"

#include <fmt/format.h>
#include <xdpgate/abi.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "policy/check_number.h"
#include "policy/duration.h"
#include "policy/grammar.h"
#include "policy/set_file.h"

namespace xdpgate {
namespace {

enum SetKey { kType, kElements, kFile, kDynamic, kSize, kTimeout };
constexpr std::string_view kSetKeys[] = {"type",    "elements", "file",
                                         "dynamic", "size",     "timeout"};
constexpr NumberField kSizeField = {"a size", XG_SET_MAX};
constexpr std::uint32_t kDefaultSize = 65536;
constexpr std::size_t kMaxNameBytes = 63;
// So many names are worth repeating in a hint.
constexpr std::size_t kMaxListedSets = 8;

constexpr KeyWords kSetWords = {"the set", kSetKeys};

// Elements of either type; the one of the set's type is filled.
struct Elements {
  AddressElements addresses;
  PortElements ports;
};

bool is_set_name(std::string_view name) {
  return is_word(name, "_.:-", kMaxNameBytes);
}

Complaint nested_set(std::string_view text) {
  return {
      fmt::format("{} is a set; a set holds no other sets", in_quotes(text)),
      "list both sets in the rule"};
}

void read_elements(Context& context, const Node& list, SetType type,
                   Elements& elements) {
  if (list.kind == NodeKind::kNull ||
      (list.kind == NodeKind::kList && list.size == 0)) {
    return;  // a set may be empty
  }
  auto items = read_items(context, list, "elements");
  for (const Node* item : items.nodes) {
    if (context.full()) return;
    std::string_view text = context.text(*item);
    if (is_reference(text)) {
      context.error(*item, nested_set(text));
    } else if (type == SetType::kAddress) {
      auto range = parse_address_range(text);
      if (range) elements.addresses.add(*range);
      if (!range) context.error(*item, range.error());
    } else {
      auto range = parse_number_range(text, kPortField);
      if (range) elements.ports.push_back(*range);
      if (!range) context.error(*item, range.error());
    }
  }
}

// Relative to the folder of the policy.
std::string path_from(const std::string& policy, std::string_view path) {
  auto folder = std::filesystem::path(policy).parent_path();
  return (folder / std::filesystem::path(path)).string();
}

void read_file(Context& context, const ReadText& read_text, const Node& value,
               SetType type, Elements& elements) {
  auto word = read_word(context, value, "file");
  if (!word) return;
  if (word->empty() || *word == "-") {
    context.error(value, "`file` is the path of a set file");
    return;
  }
  std::string path = path_from(context.file().path(), *word);
  auto text = read_text(path);
  if (!text) {
    context.error(value, fmt::format("cannot {}", text.error().line()));
  } else if (type == SetType::kAddress) {
    read_address_file(*text, path, context.diagnostics(), elements.addresses);
  } else {
    read_port_file(*text, path, context.diagnostics(), elements.ports);
  }
}

bool is_dynamic(Context& context, const Field& field) {
  if (!field) return false;
  auto word = read_choice(context, *field.value, "dynamic", kBooleanWords);
  return word && *word == 1;
}

std::uint32_t read_size(Context& context, const Field& field) {
  if (!field) return kDefaultSize;
  auto word = read_word(context, *field.value, "size");
  if (!word) return 0;
  auto size = parse_number(*word, kSizeField);
  if (size && *size == 0) {
    size = complaint("a set of size 0 holds nothing",
                     "`size` is the most elements that the set may have");
  }
  if (!size) context.error(*field.value, size.error());
  return size.value_or(0);
}

std::uint64_t read_timeout(Context& context, const Field& field) {
  if (!field) return 0;
  auto word = read_word(context, *field.value, "timeout");
  if (!word) return 0;
  auto timeout = parse_duration(*word);
  if (!timeout) context.error(*field.value, timeout.error());
  return timeout.value_or(0);
}

// What a dynamic set's keys say, its type aside.
DynamicSettings read_dynamic(Context& context,
                             const std::vector<Field>& fields) {
  for (SetKey key : {kElements, kFile}) {
    if (!fields[key]) continue;
    context.error(*fields[key].key,
                  fmt::format("a dynamic set has no `{}`", kSetKeys[key]),
                  "`xdpgate set load` fills it; list a set of fixed elements "
                  "beside it in the rule");
  }
  return {0, read_size(context, fields[kSize]),
          read_timeout(context, fields[kTimeout])};
}

void refuse_dynamic_keys(Context& context, const std::vector<Field>& fields) {
  for (SetKey key : {kSize, kTimeout}) {
    if (!fields[key]) continue;
    context.error(
        *fields[key].key,
        fmt::format("`{}` belongs to a dynamic set", kSetKeys[key]),
        "add `dynamic: true`");
  }
}

std::optional<SetType> read_type(Context& context, const Field& field,
                                 const Node& map) {
  if (!field) {
    report_missing(context, map, kSetWords, "type",
                   "`type: address` or `type: port`");
    return std::nullopt;
  }
  auto type = read_choice(context, *field.value, "type", kSetTypeWords);
  if (!type) return std::nullopt;
  return static_cast<SetType>(*type);
}

}  // namespace

std::span<const std::string_view> set_keys() { return kSetKeys; }

void SetTable::read(Context& context, const ReadText& read_text,
                    const Node& sets) {
  if (sets.kind == NodeKind::kNull) return;
  if (!expect_map(context, sets, "`sets`")) return;
  const RuleFile& file = context.file();
  for (std::size_t i = 0; i < file.entries(sets); ++i) {
    if (context.full()) return;
    const Node& key = file.key(sets, i);
    auto name = read_word(context, key, "a set's name");
    if (!name) continue;
    if (!is_set_name(*name)) {
      context.error(key, fmt::format("{} is not a set name", in_quotes(*name)),
                    "1-63 letters, digits and _ . : -");
      continue;
    }
    auto [first, fresh] = by_name_.emplace(*name, sets_.size());
    if (!fresh) {
      context.error(
          key,
          fmt::format("the set {} is defined twice; first at line {}",
                      in_quotes(*name), sets_[first->second].key->at.line));
      continue;
    }
    sets_.emplace_back().name = *name;
    sets_.back().key = &key;
    read_set(context, read_text, file.value(sets, i));
  }
}

void SetTable::read_set(Context& context, const ReadText& read_text,
                        const Node& value) {
  if (!expect_map(context, value, "a set")) return;
  auto fields = read_fields(context, value, {"a set", kSetKeys});
  auto type = read_type(context, fields[kType], value);
  if (is_dynamic(context, fields[kDynamic])) {
    return read_dynamic_set(context, fields, type);
  }
  refuse_dynamic_keys(context, fields);
  if (!fields[kElements] && !fields[kFile]) {
    report_missing(context, value, kSetWords, "elements",
                   "`elements: [...]` or `file: PATH`");
  }
  if (!type) return;
  Elements elements;
  if (fields[kElements]) {
    read_elements(context, *fields[kElements].value, *type, elements);
  }
  if (fields[kFile]) {
    reads_files_ = true;
    read_file(context, read_text, *fields[kFile].value, *type, elements);
  }
  SetDefinition& set = sets_.back();
  set.typed = true;
  set.type = *type;
  if (*type == SetType::kPort) {
    set.ports = NumberSet(std::move(elements.ports));
    return;
  }
  set.address = static_cast<std::uint32_t>(addresses_.size());
  addresses_.push_back({std::string(set.name), elements.addresses.take(), {}});
}

void SetTable::read_dynamic_set(Context& context,
                                const std::vector<Field>& fields,
                                std::optional<SetType> type) {
  DynamicSettings settings = read_dynamic(context, fields);
  if (!type) return;
  if (*type == SetType::kPort) {
    context.error(*fields[kType].value, "a dynamic set holds addresses",
                  "`type: address`");
    return;
  }
  if (dynamic_count_ == XG_MAX_SETS) {
    context.error(*fields[kDynamic].key,
                  fmt::format("there are more than {} dynamic sets",
                              XG_MAX_SETS));
    return;
  }
  settings.number = dynamic_count_++;
  SetDefinition& set = sets_.back();
  set.typed = true;
  set.type = *type;
  set.address = static_cast<std::uint32_t>(addresses_.size());
  addresses_.push_back({std::string(set.name), {}, settings});
}

std::string SetTable::hint_for_name(Context& context,
                                    std::string_view name) const {
  if (sets_.empty()) return "the policy defines no `sets`";
  if (!context.may_look_at(sets_.size())) return {};
  std::vector<std::string_view> names;
  for (const SetDefinition& set : sets_) names.push_back(set.name);
  std::string hint = nearest_hint(name, names);
  if (!hint.empty() || names.size() > kMaxListedSets) return hint;
  return "the sets are " + quoted_words(names);
}

SetDefinition* SetTable::find(Context& context, const Node& node,
                              std::string_view name) {
  auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    if (context.full()) return nullptr;
    context.error(node, fmt::format("no set is called {}", in_quotes(name)),
                  hint_for_name(context, name));
    return nullptr;
  }
  SetDefinition& set = sets_[found->second];
  set.used = true;
  return set.typed ? &set : nullptr;
}

const SetDefinition* SetTable::resolve_dynamic(Context& context,
                                               const Node& node,
                                               std::string needed) {
  std::string_view name = context.text(node);
  if (is_reference(name)) name.remove_prefix(1);
  const SetDefinition* set = find(context, node, name);
  if (!set) return nullptr;
  const bool dynamic = set->type == SetType::kAddress &&
                       addresses_[set->address].dynamic.has_value();
  if (dynamic) return set;
  context.error(node, fmt::format("{} is not a dynamic set", in_quotes(name)),
                std::move(needed));
  return nullptr;
}

const SetDefinition* SetTable::resolve(Context& context, const Node& reference,
                                       SetType type) {
  const SetDefinition* found =
      find(context, reference, context.text(reference).substr(1));
  if (!found) return nullptr;
  const SetDefinition& set = *found;
  if (set.type == type) return &set;
  context.error(
      reference,
      fmt::format("{} is a set of type `{}`; this key takes sets of type `{}`",
                  in_quotes(context.text(reference)),
                  kSetTypeWords[static_cast<std::size_t>(set.type)],
                  kSetTypeWords[static_cast<std::size_t>(type)]));
  return nullptr;
}

void SetTable::warn_unused(Context& context) const {
  for (const SetDefinition& set : sets_) {
    if (set.used) continue;
    context.warning(
        *set.key, "unused-set",
        fmt::format("no rule uses the set {}", in_quotes(set.name)));
  }
}

}  // namespace xdpgate
