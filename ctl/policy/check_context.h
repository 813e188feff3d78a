// SPDX-License-Identifier: GPL-2.0-only
// What every part of check() works with: the file, where errors go, and the
// shapes that all keys share: maps with known keys, words, lists, negation.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "base/text.h"
#include "rulefile/rule_file.h"

namespace xdpgate {

/// One run of check(): the file, and its errors up to kMaxPolicyErrors.
class Context {
 public:
  Context(const RuleFile& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  [[nodiscard]] const RuleFile& file() const { return file_; }
  [[nodiscard]] Diagnostics& diagnostics() { return diagnostics_; }
  [[nodiscard]] std::string_view text(const Node& node) const {
    return file_.text(node);
  }
  void error(const Node& at, std::string message, std::string hint = {});
  void error(const Node& at, const Complaint& complaint) {
    error(at, complaint.message, complaint.hint);
  }
  void warning(const Node& at, std::string kind, std::string message,
               std::string hint = {});
  /// Whether kMaxPolicyErrors were reported: what is still to check need not
  /// be, which bounds the work that a hostile file can make.
  [[nodiscard]] bool full() const;
  /// Whether a hint may look at so many words of the file itself. There may be
  /// too many to look at each time, so they come out of a budget.
  [[nodiscard]] bool may_look_at(std::size_t words);

 private:
  const RuleFile& file_;
  Diagnostics& diagnostics_;
  std::size_t errors_ = 0;
  std::size_t words_left_ = 1'000'000;
};

/// A key of a map and its value; both null where the map lacks it.
struct Field {
  const Node* key = nullptr;
  const Node* value = nullptr;
  explicit operator bool() const { return key != nullptr; }
};

/// The keys that a kind of map may have.
struct KeyWords {
  std::string_view where;  ///< "a rule"
  std::span<const std::string_view> known;
  /// Keys of the language that this version lacks.
  std::span<const std::string_view> later = {};
  /// What to write in place of a word that is none of them; may be empty.
  std::string (*hint)(std::string_view word) = nullptr;
};

/// "a list", "no value": for messages.
[[nodiscard]] std::string_view kind_text(NodeKind kind);

/// The message for what the language has and this version has not.
[[nodiscard]] std::string unsupported(std::string_view word);

/// Walks `map` once: the field of each known key, in the order of `keys`.
/// Unknown and repeated keys are errors.
[[nodiscard]] std::vector<Field> read_fields(Context& context, const Node& map,
                                             const KeyWords& keys);

/// Reports that `map`, which is `keys.where`, has no `key`; but not where a
/// word that was reported as unknown is most likely it.
void report_missing(Context& context, const Node& map, const KeyWords& keys,
                    std::string_view key, std::string hint);

/// Whether `node` is a map; an error that calls it `what` where not.
[[nodiscard]] bool expect_map(Context& context, const Node& node,
                              std::string_view what);

/// The text of the scalar `node`; an error that calls it `what` where it is
/// none.
[[nodiscard]] std::optional<std::string_view> read_word(Context& context,
                                                        const Node& node,
                                                        std::string_view what);

/// Which of `words` the scalar `node` is; an error where it is none of them.
[[nodiscard]] std::optional<std::size_t> read_choice(
    Context& context, const Node& node, std::string_view what,
    std::span<const std::string_view> words);

/// The scalars of a list.
struct Items {
  std::vector<const Node*> nodes;
  bool sound = true;  ///< false: some were no scalars, and are reported
};

/// The scalars of `node`, a scalar or a list (of lists): `x`, `[x, y]`.
[[nodiscard]] Items read_items(Context& context, const Node& node,
                               std::string_view what);

/// Which of `words` each of the items is; nothing where one of them is none.
[[nodiscard]] std::optional<std::vector<std::size_t>> read_choices(
    Context& context, const Items& items, std::string_view what,
    std::span<const std::string_view> words);

/// A word of another tool for one of this language's.
struct Synonym {
  std::string_view word;
  std::string_view ours;
};
/// "write `pass`" where `word` is another one for one of `ours`, else empty.
[[nodiscard]] std::string synonym_hint(std::string_view word,
                                       std::span<const Synonym> synonyms,
                                       std::span<const std::string_view> ours);

/// The value of a match key: one or more scalars, or `{not: ...}` of them.
struct Value {
  bool negated = false;
  Items items;  ///< at least one
};

/// Reads VALUE or `{not: VALUE}`; `what` is the key.
[[nodiscard]] std::optional<Value> read_value(Context& context,
                                              const Node& node,
                                              std::string_view what);

/// What `parse` makes of every item; nothing where one of them is wrong (each
/// is reported).
template <class Parse>
auto parse_items(Context& context, const Items& items, Parse parse) {
  using Item = typename decltype(parse(std::string_view()))::value_type;
  std::optional<std::vector<Item>> result(std::in_place);
  bool sound = items.sound;
  for (const Node* item : items.nodes) {
    if (context.full()) break;
    auto parsed = parse(context.text(*item));
    if (parsed) {
      result->push_back(std::move(*parsed));
    } else {
      context.error(*item, parsed.error());
      sound = false;
    }
  }
  if (!sound) result.reset();
  return result;
}

}  // namespace xdpgate
