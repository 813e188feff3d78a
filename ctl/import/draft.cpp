// SPDX-License-Identifier: GPL-2.0-only
#include "import/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace xdpgate {
namespace {

constexpr std::size_t kMaxName = 63;
constexpr std::size_t kMostItems = 250'000;  // rules and what is left out

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

std::string rule_text(const DraftRule& rule) {
  std::string keys;
  for (const auto& [key, value] : rule.keys) {
    keys += fmt::format("{}{}: {}", keys.empty() ? "" : ", ", key, value);
  }
  std::string text = fmt::format("  - name: {}\n", rule.name);
  if (!rule.comment.empty()) {
    text = fmt::format("  # {}\n", one_line(rule.comment)) + text;
  }
  if (!keys.empty()) text += fmt::format("    match: {{{}}}\n", keys);
  return text + fmt::format("    action: {}\n", rule.action);
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

void Draft::leave_out(std::string where, std::string statement,
                      std::string why) {
  constexpr std::size_t kMost = 120;
  if (statement.size() > kMost) statement = statement.substr(0, kMost) + "...";
  left_out.push_back(
      {std::move(where), one_line(statement), std::move(why)});
}

bool Draft::full() const {
  return rules.size() + left_out.size() >= kMostItems;
}

std::string Draft::yaml() const {
  std::string text = fmt::format("# {}\n", one_line(origin));
  for (const std::string& remark : remarks) {
    text += fmt::format("# {}\n", one_line(remark));
  }
  for (const LeftOut& item : left_out) {
    text += one_line(fmt::format("# Left out, {}: {}: {}", item.where,
                                 item.statement, item.why));
    text += '\n';
  }
  text += fmt::format("version: 1\nname: {}\ndefault: {}\nmalformed: {}\n",
                      name, default_action, malformed);
  if (!interfaces.empty()) {
    text += fmt::format("interfaces: [{}]\n", fmt::join(interfaces, ", "));
  }
  if (!sets.empty()) text += "sets:\n";
  for (const DraftSet& set : sets) {
    text += fmt::format("  {}: {{type: {}, elements: [{}]}}\n", set.name,
                        set.type, fmt::join(set.elements, ", "));
  }
  text += rules.empty() ? "rules: []\n" : "rules:\n";
  for (const DraftRule& rule : rules) text += rule_text(rule);
  return text;
}

std::string as_name(std::string_view word) {
  std::string name(word.substr(0, kMaxName));
  for (char& c : name) {
    if (!is_name_character(c)) c = '-';
  }
  return name.empty() ? "rule" : name;
}

std::string yaml_list(const std::vector<std::string>& items) {
  if (items.size() == 1) return items[0];
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string yaml_not(const std::string& value) {
  return "{not: " + value + "}";
}

}  // namespace xdpgate
