// SPDX-License-Identifier: GPL-2.0-only
// A policy in the making: what the importers of other tools' rules write, and
// what they had to leave out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rulefile/quote.h"

namespace xdpgate {

/// A key of a match and its value, as YAML: {"dst_port", "[80, 443]"}.
using DraftKey = std::pair<std::string, std::string>;

struct DraftRule {
  std::string name;  ///< made unique by Draft::add()
  std::vector<DraftKey> keys;
  std::string action;   ///< "pass"
  std::string comment;  ///< one line; may be empty
  std::string where{};  ///< as in LeftOut; empty: the name says it

  /// What the key is, if it is there.
  [[nodiscard]] const std::string* value(std::string_view key) const;
  /// Adds a key; false where the rule has it with another value.
  [[nodiscard]] bool ask(const std::string& key, const std::string& value);
};

struct DraftSet {
  std::string name;
  std::string type;  ///< "address", "port"
  std::vector<std::string> elements;
};

/// A statement that the policy language cannot say, or not the same.
struct LeftOut {
  std::string where;      ///< "line 12", "inet filter input, handle 9"
  std::string statement;  ///< as it stands there, shortened
  std::string why;
};

/// A line of the policy file that a draft is written as, and what of the draft
/// begins there.
struct DraftPlace {
  enum class Part : std::uint8_t { kHead, kSet, kRule };
  int line = 0;  ///< 1-based
  Part part = Part::kHead;
  std::size_t index = 0;  ///< among the sets, or the rules
};

struct Draft {
  std::string name = "imported";
  std::string origin;  ///< a line about where it comes from
  std::string default_action = "pass";
  std::string malformed = "drop";
  std::vector<std::string> interfaces;
  std::vector<DraftSet> sets;
  std::vector<DraftRule> rules;
  std::vector<LeftOut> left_out;
  /// Where the other tool reads packets otherwise; for the policy's head.
  std::vector<std::string> remarks;

  void add(DraftRule rule);  ///< with another name where it is taken
  /// Adds a set, with another name where it is taken; returns that name.
  std::string add_set(DraftSet set);
  /// Adds an interface, once; false: it is not the name of one.
  [[nodiscard]] bool add_interface(const std::string& interface);
  void leave_out(std::string where, std::string statement, std::string why);
  /// Whether it holds more than makes sense of so many statements: chains that
  /// jump to chains, each written where it is jumped to, may grow without end.
  [[nodiscard]] bool full() const;
  std::size_t statements = 0;  ///< of the other tool's

  /// Leaves out rules and sets that check refuses: no packet has all that they
  /// ask for (nft takes them), or they name what the language has no word for.
  void leave_out_refused();

  /// The policy file. What was left out stands in it as comments.
  [[nodiscard]] std::string yaml() const;
  /// The same; fills `places` in the order of their lines.
  [[nodiscard]] std::string yaml(std::vector<DraftPlace>& places) const;

 private:
  std::unordered_map<std::string, int> names_;  ///< the last number given
};

/// A word as a rule or set name: other characters become `-`.
[[nodiscard]] std::string as_name(std::string_view word);
/// The same as the name of a policy, see is_instance_name().
[[nodiscard]] std::string as_instance_name(std::string_view word);

/// Of a draft that is full.
inline constexpr const char* kTooMany =
    "chains that are written where they are jumped to make too many rules";

/// The remark on IPv6 extension headers that Linux does not walk.
inline constexpr const char* kExtensionRemark =
    "Behind IPv6 AH, mobility, HIP and shim6 headers that tool may see no "
    "protocol; this policy does.";

/// The remark on frames with several VLAN tags, where frames are seen whole.
inline constexpr const char* kTagRemark =
    "Behind two VLAN tags or one of 0x9100 that tool sees no IP; this policy "
    "does.";

/// The remark on chains at `input`.
inline constexpr const char* kInputRemark =
    "That chain sees packets for this host only; this policy also sees those "
    "that pass through.";

/// The remark on fragments, where they are not put together first.
inline constexpr const char* kFragmentRemark =
    "Of later fragments that tool may take the first bytes for ports; they "
    "have none here.";

/// A word that may be of any bytes as a YAML scalar: bare where nothing in it
/// means anything to YAML, else in double quotes.
[[nodiscard]] std::string yaml_word(std::string_view word);
/// "x" or "[x, y]", of values that are YAML already.
[[nodiscard]] std::string yaml_list(const std::vector<std::string>& items);
/// "{not: VALUE}".
[[nodiscard]] std::string yaml_not(const std::string& value);

}  // namespace xdpgate
