// SPDX-License-Identifier: GPL-2.0-only
#include "rulefile/syntax_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "base/text.h"

namespace xdpgate {
namespace {

struct Explanation {
  std::string_view library;  // the start of the library's message
  std::string_view message;
  std::string_view hint;
};

constexpr std::string_view kIndentation = "check the indentation of the line";

const Explanation kExplanations[] = {
    {YAML::ErrorMsg::END_OF_MAP, "expected `key: value` here", kIndentation},
    {YAML::ErrorMsg::END_OF_SEQ, "expected `- item` here", kIndentation},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "expected `,` or `}` here", ""},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "expected `,` or `]` here", ""},
    {YAML::ErrorMsg::FLOW_END, "this bracket does not close what is open", ""},
    {YAML::ErrorMsg::BLOCK_ENTRY, "a `- item` cannot stand here", kIndentation},
    {YAML::ErrorMsg::MAP_KEY, "a `? key` cannot stand here", kIndentation},
    {YAML::ErrorMsg::MAP_VALUE, "a `:` cannot stand here",
     "check the indentation; a value with `: ` in it must be quoted"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab stands in the indentation",
     "indent with spaces"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "the file ends inside a quoted text",
     "is a quote missing?"},
    {YAML::ErrorMsg::DOC_IN_SCALAR,
     "`---` or `...` stands inside a quoted text", "is a quote missing?"},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR,
     "this alias (`*`) names an anchor (`&`) that is not above it",
     "a value that starts with `*` must be quoted"},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, "a name must follow the `*`",
     "a value that starts with `*` must be quoted"},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "a name must follow the `&`",
     "a value that starts with `&` must be quoted"},
};

// An unclosed bracket is reported at itself; the library reports the end.
bool is_unclosed(const YAML::Exception& error, std::string_view source,
                 const Node* open) {
  if (!open || !open->in_flow) return false;
  bool in_flow = error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW ||
                 error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW;
  return in_flow && static_cast<std::size_t>(error.mark.pos) >= source.size();
}

// Tabs indent nothing in YAML; the library stumbles over what follows them.
std::optional<Refusal> find_tab(Position at, std::string_view before) {
  auto line = before.substr(before.rfind('\n') + 1);
  auto indentation = line.substr(0, line.find_first_not_of(" \t"));
  std::size_t tab = indentation.find('\t');
  if (tab == std::string_view::npos) return std::nullopt;
  return Refusal{{at.line, static_cast<int>(tab) + 1},
                 "a tab stands in the indentation",
                 "indent with spaces"};
}

std::string opened_at(const Node* open) {
  if (!open || !open->in_flow) return {};
  return fmt::format("this is inside the bracket at line {}, column {}",
                     open->at.line, open->at.column);
}

// The character at the error starts no value.
Refusal explain_character(Position at, std::string_view rest) {
  if (rest.starts_with('@')) {
    auto stop = std::ranges::find_if(rest, [](char c) {
      return std::string_view(" \t\r\n,]}#").find(c) != std::string_view::npos;
    });
    std::string_view name(rest.begin(), stop);
    if (name.ends_with(':')) name.remove_suffix(1);  // a key
    return {at, "a value that starts with `@` must be quoted",
            fmt::format("write \"{}\"", name.substr(0, 64))};
  }
  return {at, in_quotes(rest.substr(0, 1)) + " cannot start a value",
          "put the value in quotes"};
}

}  // namespace

Refusal explain_syntax_error(const YAML::Exception& error,
                             std::string_view source,
                             const TreeBuilder& builder) {
  const Node* open = builder.open();
  if (is_unclosed(error, source, open)) {
    return {open->at, "this bracket is never closed", {}};
  }
  bool placed = !error.mark.is_null() && error.mark.pos >= 0;
  Position at = placed ? position_of(error.mark, source) : builder.last();
  std::size_t offset = placed ? static_cast<std::size_t>(error.mark.pos) : 0;
  offset = std::min(offset, source.size());
  if (auto tab = find_tab(at, source.substr(0, offset))) return *tab;
  if (error.msg == YAML::ErrorMsg::UNKNOWN_TOKEN && placed) {
    return explain_character(at, source.substr(offset));
  }
  for (const Explanation& known : kExplanations) {
    if (error.msg != known.library) continue;
    std::string hint(known.hint);
    if (hint.empty()) hint = opened_at(open);
    return {at, std::string(known.message), hint};
  }
  if (error.msg.starts_with(YAML::ErrorMsg::INVALID_ESCAPE)) {
    return {{at.line, at.column - 2},  // the library is behind it
            "this escape does not exist",
            "write `\\\\` for a backslash, or use single quotes"};
  }
  return {at, "this is not YAML: " + error.msg, {}};
}

}  // namespace xdpgate
