// SPDX-License-Identifier: GPL-2.0-only
// Builds the tree of a RuleFile from the YAML library's events, within the
// limits of read.h. Throws Refusal.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rulefile/guarded_input.h"
#include "rulefile/rule_file.h"

namespace xdpgate {

/// Where `mark` is in `source`. The library counts lines and columns from 0,
/// and forgets the column at the end of the file.
[[nodiscard]] Position position_of(const YAML::Mark& mark,
                                   std::string_view source);

class TreeBuilder : public YAML::EventHandler {
 public:
  /// Events are made from `source`, read through `input`.
  TreeBuilder(std::string_view source, GuardedInput& input)
      : source_(source), input_(input) {}

  /// The tree, once the last event is in; the builder is empty then.
  [[nodiscard]] RuleFile take(std::string path, std::string source);
  /// The innermost list or map that has no end yet; null: none.
  [[nodiscard]] const Node* open() const;
  /// Where the last event was.
  [[nodiscard]] Position last() const { return last_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::size_t children;  // where its children start in pending_
    std::size_t values;    // values_ before it
  };
  struct Anchored {
    Node node;
    std::size_t values;  // in it, itself included
  };

  Position begin_event(const YAML::Mark& mark);
  void count(Position at, std::size_t values);
  void start(const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor, NodeKind kind,
             YAML::EmitterStyle::value style);
  void end();
  void keep(YAML::anchor_t anchor, const Node& node, std::size_t values);
  [[nodiscard]] Position place_of_null(const YAML::Mark& mark) const;
  [[nodiscard]] Position dash_before(const YAML::Mark& mark) const;

  std::string_view source_;
  GuardedInput& input_;
  std::vector<Node> nodes_;    // children of finished lists and maps
  std::vector<Node> pending_;  // children of the open ones, and the root
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::string text_;
  std::size_t values_ = 0;
  int documents_ = 0;
  Position last_;
};

}  // namespace xdpgate
