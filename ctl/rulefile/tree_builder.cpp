// SPDX-License-Identifier: GPL-2.0-only
#include "rulefile/tree_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "rulefile/read.h"
#include "rulefile/refusal.h"

namespace xdpgate {
namespace {

// How far behind an empty list item its dash is looked for: a file may have
// millions of them in one line.
constexpr std::size_t kLookBackBytes = 256;

// "?" and "!" are the library's words for "no tag written".
void refuse_tag(Position at, const std::string& tag) {
  if (tag.empty() || tag == "?" || tag == "!") return;
  constexpr std::string_view kStandard = "tag:yaml.org,2002:";
  if (tag.starts_with(kStandard)) {
    throw Refusal{
        at, "YAML tags are not supported",
        fmt::format("leave `!!{}` out", tag.substr(kStandard.size()))};
  }
  throw Refusal{
      at, "YAML tags are not supported",
      fmt::format("leave {} out; negation is written `{{not: VALUE}}`",
                  in_quotes(tag))};
}

// Whether the quoted text that starts at `text` (behind an anchor, perhaps) has
// an end. The library takes the end of the file for one behind a line end.
bool is_closed(std::string_view text) {
  if (text.starts_with('&')) {
    text.remove_prefix(std::min(text.find_first_of(" \t\r\n"), text.size()));
    text.remove_prefix(std::min(text.find_first_of("\"'"), text.size()));
  }
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) return true;
  char quote = text[0];
  for (std::size_t i = 1; i < text.size(); ++i) {
    bool doubled = quote == '\'' && text.substr(i).starts_with("''");
    if (doubled || (quote == '"' && text[i] == '\\')) {
      ++i;
    } else if (text[i] == quote) {
      return true;
    }
  }
  return false;
}

}  // namespace

Position position_of(const YAML::Mark& mark, std::string_view source) {
  if (static_cast<std::size_t>(mark.pos) < source.size()) {
    return {mark.line + 1, mark.column + 1};
  }
  const std::size_t start = source.rfind('\n') + 1;  // npos + 1 is 0
  return {mark.line + 1, static_cast<int>(source.size() - start) + 1};
}

RuleFile TreeBuilder::take(std::string path, std::string source) {
  Node root = pending_.empty() ? Node{} : pending_.front();
  return RuleFile(std::move(path), std::move(source), root, std::move(nodes_),
                  std::move(text_));
}

const Node* TreeBuilder::open() const {
  return open_.empty() ? nullptr : &open_.back().node;
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (++documents_ < 2) return;
  throw Refusal{position_of(mark, source_),
                "a policy is one YAML document; a second one starts here",
                "leave out the `---`"};
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  begin_event(mark);
  Node node{.at = place_of_null(mark)};
  count(node.at, 1);
  keep(anchor, node, 1);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  Position at = begin_event(mark);
  auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    throw Refusal{
        at, "this alias stands inside the value that it stands for", {}};
  }
  Node node = found->second.node;
  node.at = at;
  count(at, found->second.values);
  keep(0, node, found->second.values);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag,
                           YAML::anchor_t anchor, const std::string& value) {
  Position at = begin_event(mark);
  refuse_tag(at, tag);
  auto offset = std::min(static_cast<std::size_t>(mark.pos), source_.size());
  if (tag == "!" && !is_closed(source_.substr(offset))) {
    throw Refusal{at, "this quoted text is never closed", {}};
  }
  count(at, 1);
  Node node{.at = at, .kind = NodeKind::kScalar};
  node.first = static_cast<std::uint32_t>(text_.size());
  node.size = static_cast<std::uint32_t>(value.size());
  text_ += value;
  keep(anchor, node, 1);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark,
                                  const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value style) {
  start(mark, tag, anchor, NodeKind::kList, style);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag,
                             YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style) {
  start(mark, tag, anchor, NodeKind::kMap, style);
}

Position TreeBuilder::begin_event(const YAML::Mark& mark) {
  input_.event();
  last_ = position_of(mark, source_);
  return last_;
}

// Adds to the values of the file; an alias counts as all that it stands for,
// because whoever walks the tree walks that.
void TreeBuilder::count(Position at, std::size_t values) {
  values_ += values;
  if (values_ <= kMaxPolicyValues) return;
  throw Refusal{at,
                fmt::format("the file has more than {} values, aliases "
                            "written out",
                            kMaxPolicyValues),
                "put long address and port lists in set files"};
}

void TreeBuilder::start(const YAML::Mark& mark, const std::string& tag,
                        YAML::anchor_t anchor, NodeKind kind,
                        YAML::EmitterStyle::value style) {
  Position at = begin_event(mark);
  refuse_tag(at, tag);
  if (open_.size() >= kMaxPolicyDepth) {
    throw Refusal{at,
                  fmt::format("lists and maps are nested more than {} deep",
                              kMaxPolicyDepth),
                  {}};
  }
  Node node{.at = at, .kind = kind};
  node.in_flow = style == YAML::EmitterStyle::Flow;
  open_.push_back({node, anchor, pending_.size(), values_});
  count(at, 1);
}

void TreeBuilder::end() {
  Open open = open_.back();
  open_.pop_back();
  auto children = pending_.begin() + static_cast<std::ptrdiff_t>(open.children);
  open.node.first = static_cast<std::uint32_t>(nodes_.size());
  open.node.size = static_cast<std::uint32_t>(pending_.end() - children);
  nodes_.insert(nodes_.end(), children, pending_.end());
  pending_.erase(children, pending_.end());
  keep(open.anchor, open.node, values_ - open.values);
}

void TreeBuilder::keep(YAML::anchor_t anchor, const Node& node,
                       std::size_t values) {
  if (anchor != 0) anchors_[anchor] = {node, values};
  pending_.push_back(node);
}

// The library gives an empty value the place of what follows it.
Position TreeBuilder::place_of_null(const YAML::Mark& mark) const {
  auto at = std::min(static_cast<std::size_t>(mark.pos), source_.size());
  auto rest = source_.substr(at);
  bool is_word = rest.starts_with('~') || rest.starts_with("null") ||
                 rest.starts_with("Null") || rest.starts_with("NULL");
  if (open_.empty() || is_word) return position_of(mark, source_);
  const Open& parent = open_.back();
  if (parent.node.kind == NodeKind::kList) return dash_before(mark);
  bool is_value = (pending_.size() - parent.children) % 2 == 1;
  return is_value ? pending_.back().at : position_of(mark, source_);
}

// The dash (in brackets: the comma) of the empty list item that the library
// places at `mark`, which may be a line further down; `mark` where it is far.
Position TreeBuilder::dash_before(const YAML::Mark& mark) const {
  const auto at = std::min(static_cast<std::size_t>(mark.pos), source_.size());
  const std::size_t from = at > kLookBackBytes ? at - kLookBackBytes : 0;
  auto before = source_.substr(from, at - from);
  Position place = position_of(mark, source_);
  bool same_line = true;
  while (true) {
    const std::size_t newline = before.rfind('\n');
    const bool whole = newline != std::string_view::npos || from == 0;
    const std::size_t start =
        newline == std::string_view::npos ? 0 : newline + 1;
    auto line = before.substr(start);
    const std::size_t dash = line.substr(0, line.find('#')).find_last_of("-,[");
    if (dash != std::string_view::npos && (whole || same_line)) {
      const auto behind = static_cast<int>(line.size() - dash);
      return {place.line,
              same_line ? place.column - behind : static_cast<int>(dash) + 1};
    }
    if (newline == std::string_view::npos) return position_of(mark, source_);
    before = before.substr(0, newline);
    same_line = false;
    --place.line;
  }
}

}  // namespace xdpgate
