// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/random_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/dice.h"
#include "policy/load.h"
#include "tests/support/policy_words.h"

namespace xdpgate::test {
namespace {

// More sets than a word of the key has bits.
constexpr std::size_t kManySets = 40;

// What the rules of a policy have in common.
enum class Shape {
  kMixed,   // any keys
  kAlike,   // keys that no cut tells apart: long leaves
  kSets,    // many named sets
  kNarrow,  // hundreds of exact rules: several trees
};

const Words kAlikeKeys = {"payload", "src_mac", "dst_mac"};
const Words kSetKeys = {"src", "dst"};
const Words kNarrowKeys = {"src", "dst", "dst_port", "src_port", "protocol"};

std::string set_name(std::size_t number) { return fmt::format("s{}", number); }

bool uses(const RandomRule& rule, const std::string& key) {
  return std::ranges::find(rule.keys, key, &KeyUse::key) != rule.keys.end();
}

std::string reference(std::size_t set) {
  return fmt::format("\"@{}\"", set_name(set));
}

std::string list_text(const Words& words) {
  return fmt::format("[{}]", fmt::join(words, ", "));
}

// One policy after the other out of one seed.
class Writer {
 public:
  explicit Writer(std::uint64_t seed)
      : dice_(seed), shape_(shape()), counts_(dice_.one_in(2)) {}

  RandomPolicy policy() {
    RandomPolicy policy{head(), {}};
    const std::uint64_t count = rule_count();
    for (std::uint64_t i = 0; i < count; ++i) {
      policy.rules.push_back(sound_rule(i));
    }
    return policy;
  }

 private:
  Shape shape() {
    if (dice_.one_in(12)) return Shape::kAlike;
    if (dice_.one_in(12)) return Shape::kSets;
    return dice_.one_in(40) ? Shape::kNarrow : Shape::kMixed;
  }

  std::uint64_t rule_count() {
    switch (shape_) {
      case Shape::kAlike:
        return dice_.between(18, 60);
      case Shape::kSets:
        return dice_.between(40, 80);
      case Shape::kNarrow:
        return dice_.between(300, 700);
      case Shape::kMixed:
        break;
    }
    if (dice_.one_in(30)) return dice_.between(50, 200);
    return dice_.one_in(3) ? dice_.between(6, 40) : dice_.between(1, 5);
  }

  std::string head() {
    return fmt::format(
        "version: 1\nname: random\ninterfaces: [i0, i1, i2]\n"
        "default: {}\nmalformed: {}\n{}rules:\n",
        dice_.pick({"pass", "drop"}),
        dice_.pick({"pass", "drop", "match", "match"}), sets());
  }

  [[nodiscard]] std::size_t set_count() const {
    return shape_ == Shape::kSets ? kManySets : 3;
  }

  std::string sets() {
    std::string text =
        "sets:\n  web: {type: port, elements: [80, 443, 8000-8099]}\n";
    for (std::size_t i = 0; i < set_count(); ++i) {
      // One of each family, so that no set makes a rule contradict itself.
      text += fmt::format(
          "  {}: {{type: address, elements: [192.0.2.77, "
          "\"2001:db8::77\", {}]}}\n",
          set_name(i), fmt::join(some(words_of("src").words, 6), ", "));
    }
    return text;
  }

  // Dice make rules that contradict themselves (ports of ICMP), which the
  // checker refuses; those are thrown again.
  RandomRule sound_rule(std::uint64_t number) {
    for (;;) {
      RandomRule made = rule(number);
      Diagnostics diagnostics;
      if (parse_policy(alone(made), "rule", diagnostics)) return made;
    }
  }

  // A policy of this one rule.
  [[nodiscard]] std::string alone(const RandomRule& rule) const {
    std::string text =
        "version: 1\nname: alone\nsets:\n  web: {type: port, elements: [80]}\n";
    for (std::size_t i = 0; i < set_count(); ++i) {
      if (rule.text.find(reference(i)) == std::string::npos) continue;
      text += fmt::format(
          "  {}: {{type: address, elements: [192.0.2.77, "
          "\"2001:db8::77\"]}}\n",
          set_name(i));
    }
    return text + "rules:\n" + rule.text;
  }

  RandomRule rule(std::uint64_t number) {
    RandomRule made;
    // Most rules of a long policy are narrow: else the first ones decide all.
    const std::uint64_t count = dice_.between(dice_.one_in(8) ? 0 : 1, 4);
    for (std::uint64_t i = 0; i < count; ++i) {
      const KeyWords& words = next_key();
      if (uses(made, words.key)) continue;
      made.keys.push_back(use(words));
    }
    std::string match;
    for (const KeyUse& use : made.keys) {
      match += match.empty() ? "" : ", ";
      match +=
          fmt::format(fmt::runtime(use.negated ? "{}: {{not: {}}}" : "{}: {}"),
                      use.key, use.value);
    }
    made.text = fmt::format("  - {{name: r{}, match: {{{}}}, action: {}}}\n",
                            number, match, action());
    return made;
  }

  const char* action() {
    if (counts_ && !dice_.one_in(10)) return "count";
    return dice_.pick({"pass", "drop", "drop", "count", "reject",
                       "{redirect: i1}"});
  }

  const KeyWords& next_key() {
    if (shape_ == Shape::kAlike) return words_of(dice_.pick(kAlikeKeys));
    if (shape_ == Shape::kNarrow && !dice_.one_in(20)) {
      return words_of(dice_.pick(kNarrowKeys));
    }
    if (shape_ == Shape::kSets && dice_.one_in(2)) {
      return words_of(dice_.pick(kSetKeys));
    }
    const std::size_t among =
        dice_.one_in(2) ? kCommonKeys : key_words().size();
    return key_words()[dice_.below(among)];
  }

  KeyUse use(const KeyWords& words) {
    const bool negated = words.style != Style::kOne && dice_.one_in(6);
    return {words.key, value(words), negated};
  }

  std::string value(const KeyWords& words) {
    switch (words.style) {
      case Style::kAddress:
        return addresses(words.words);
      case Style::kFlags:
        if (dice_.one_in(3)) return dice_.pick(flag_lists());
        break;
      case Style::kOne:
      case Style::kOneOrNot:
        return dice_.pick(words.words);
      case Style::kList:
        break;
    }
    return dice_.one_in(2) ? dice_.pick(words.words)
                           : list_text(some(words.words, 5));
  }

  std::string addresses(const Words& words) {
    if (shape_ == Shape::kNarrow) return dice_.pick(words);
    if (shape_ == Shape::kSets && !dice_.one_in(4)) return some_set();
    Words list = some(words, dice_.one_in(3) ? 12 : 2);
    if (dice_.one_in(3)) list.push_back(some_set());
    return list_text(list);
  }

  std::string some_set() { return reference(dice_.below(set_count())); }

  Words some(const Words& from, std::uint64_t most) {
    Words result(dice_.between(1, most));
    for (std::string& word : result) word = dice_.pick(from);
    return result;
  }

  Dice dice_;
  Shape shape_;
  bool counts_;  // nearly all rules count, so that packets meet them all
};

}  // namespace

std::string RandomPolicy::text() const {
  std::string text = head;
  for (const RandomRule& rule : rules) text += rule.text;
  return text;
}

RandomPolicy random_policy(std::uint64_t seed) { return Writer(seed).policy(); }

}  // namespace xdpgate::test
