// SPDX-License-Identifier: GPL-2.0-only
#include "import/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "policy/check_interface.h"

namespace xdpgate {
namespace {

constexpr std::size_t kMaxName = 63;
// Rules and what is left out, a statement and in all; what few statements may
// come to in any case.
constexpr std::size_t kMostOfOne = 100, kMostItems = 250'000,
                      kFewItems = 10'000;

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("_.:-").contains(c);
}

// As a comment may stand in a policy: UTF-8 without control characters.
std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    const bool plain = size > 0 && static_cast<unsigned char>(text[0]) >= ' ' &&
                       text[0] != 0x7f;
    line += plain ? text.substr(0, size) : " ";
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return line;
}

// A rule's or set's name: of letters, digits and `_.:-`.
std::string name_text(const std::string& name) {
  const bool bare =
      !name.ends_with(':') && !std::string_view("-:").contains(name[0]);
  return bare ? name : yaml_quoted(name);
}

// Lines of a policy, and what begins at which.
class Lines {
 public:
  void add(const std::string& line) {
    text_ += line;
    text_ += '\n';
    ++count_;
  }
  // What is added next is of this place.
  void begin(DraftPlace::Part part, std::size_t index) {
    places_.push_back({count_ + 1, part, index});
  }

  std::string take(std::vector<DraftPlace>& places) {
    places = std::move(places_);
    return std::move(text_);
  }

 private:
  std::string text_;
  int count_ = 0;
  std::vector<DraftPlace> places_;
};

void add_rule(const DraftRule& rule, Lines& lines) {
  std::string keys;
  for (const auto& [key, value] : rule.keys) {
    keys += fmt::format("{}{}: {}", keys.empty() ? "" : ", ", key, value);
  }
  if (!rule.comment.empty()) {
    lines.add(fmt::format("  # {}", one_line(rule.comment)));
  }
  lines.add(fmt::format("  - name: {}", name_text(rule.name)));
  if (!keys.empty()) lines.add(fmt::format("    match: {{{}}}", keys));
  lines.add(fmt::format("    action: {}", rule.action));
}

}  // namespace

const std::string* DraftRule::value(std::string_view key) const {
  const auto found = std::ranges::find(keys, key, &DraftKey::first);
  return found == keys.end() ? nullptr : &found->second;
}

bool DraftRule::ask(const std::string& key, const std::string& value) {
  if (const std::string* before = this->value(key)) return *before == value;
  keys.emplace_back(key, value);
  return true;
}

void Draft::add(DraftRule rule) {
  rule.name = as_name(rule.name);
  if (!names_.emplace(rule.name, 1).second) {
    const std::string stem = rule.name.substr(0, kMaxName - 6);
    int& number = names_.emplace(stem, 1).first->second;
    do {
      rule.name = fmt::format("{}-{}", stem, ++number);
    } while (!names_.emplace(rule.name, 1).second);
  }
  rules.push_back(std::move(rule));
}

std::string Draft::add_set(DraftSet set) {
  set.name = as_name(set.name);
  const std::string stem = set.name.substr(0, kMaxName - 6);
  const auto taken = [&] {
    return std::ranges::find(sets, set.name, &DraftSet::name) != sets.end();
  };
  for (int number = 2; taken(); ++number) {
    set.name = fmt::format("{}-{}", stem, number);
  }
  sets.push_back(std::move(set));
  return sets.back().name;
}

bool Draft::add_interface(const std::string& interface) {
  if (!parse_interface_name(interface)) return false;
  if (std::ranges::find(interfaces, interface) == interfaces.end()) {
    interfaces.push_back(interface);
  }
  return true;
}

void Draft::leave_out(std::string where, std::string statement,
                      std::string why) {
  constexpr std::size_t kMost = 120;
  if (statement.size() > kMost) statement = statement.substr(0, kMost) + "...";
  left_out.push_back({std::move(where), one_line(statement), std::move(why)});
}

bool Draft::full() const {
  return rules.size() + left_out.size() >=
         std::clamp(statements * kMostOfOne, kFewItems, kMostItems);
}

std::string Draft::yaml() const {
  std::vector<DraftPlace> places;
  return yaml(places);
}

std::string Draft::yaml(std::vector<DraftPlace>& places) const {
  using enum DraftPlace::Part;
  Lines lines;
  lines.begin(kHead, 0);
  lines.add(fmt::format("# {}", one_line(origin)));
  for (const std::string& remark : remarks) {
    lines.add(fmt::format("# {}", one_line(remark)));
  }
  for (const LeftOut& item : left_out) {
    lines.add(one_line(fmt::format("# Left out, {}: {}: {}", item.where,
                                   item.statement, item.why)));
  }
  lines.add("version: 1");
  lines.add(fmt::format("name: {}", name_text(name)));
  lines.add(fmt::format("default: {}", default_action));
  lines.add(fmt::format("malformed: {}", malformed));
  if (!interfaces.empty()) {
    std::vector<std::string> words;
    for (const auto& interface : interfaces)
      words.push_back(yaml_word(interface));
    lines.add(fmt::format("interfaces: [{}]", fmt::join(words, ", ")));
  }
  if (!sets.empty()) lines.add("sets:");
  for (std::size_t i = 0; i < sets.size(); ++i) {
    lines.begin(kSet, i);
    lines.add(fmt::format("  {}: {{type: {}, elements: [{}]}}",
                          name_text(sets[i].name), sets[i].type,
                          fmt::join(sets[i].elements, ", ")));
  }
  if (rules.empty()) lines.begin(kHead, 0);
  lines.add(rules.empty() ? "rules: []" : "rules:");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    lines.begin(kRule, i);
    add_rule(rules[i], lines);
  }
  return lines.take(places);
}

std::string yaml_word(std::string_view word) {
  const auto alone = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("_./-").contains(c);
  };
  const bool bare =
      !word.empty() && word[0] != '-' && std::ranges::all_of(word, alone);
  return bare ? std::string(word) : yaml_quoted(word);
}

std::string as_name(std::string_view word) {
  std::string name(word.substr(0, kMaxName));
  for (char& c : name) {
    if (!is_name_character(c)) c = '-';
  }
  return name.empty() ? "rule" : name;
}

std::string as_instance_name(std::string_view word) {
  std::string name = as_name(word);
  std::ranges::replace(name, ':', '-');
  if (name[0] == '.') name[0] = '-';
  return name;
}

std::string yaml_list(const std::vector<std::string>& items) {
  if (items.size() == 1) return items[0];
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string yaml_not(const std::string& value) {
  return "{not: " + value + "}";
}

}  // namespace xdpgate
