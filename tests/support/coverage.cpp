// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/coverage.h"

#include <fmt/format.h>

#include <cctype>

#include "policy/decision.h"
#include "tests/support/key_parts.h"

namespace xdpgate::test {
namespace {

// The kinds of value to be met of a key, plain and negated.
struct Expected {
  std::vector<std::string> keys;
  std::vector<std::string> kinds;
  bool negated = true;
};

const std::vector<Expected> kExpected = {
    {{"src", "dst"}, {"list", "set", "range", "v4", "v6", "mixed"}},
    {{"src_port", "dst_port", "port"}, {"one", "list", "set", "range", "name"}},
    {{"protocol", "ethertype", "icmp_type"}, {"one", "list", "range", "name"}},
    {{"icmp_code", "dscp", "ecn"}, {"one", "list", "range", "name"}},
    {{"ttl", "length"}, {"one", "list", "range"}},
    {{"vlan", "inner_vlan"}, {"one", "list", "range", "none", "any"}},
    {{"src_mac", "dst_mac"}, {"one", "list", "masked"}},
    {{"interface", "tcp_flags", "fragment"}, {"one", "list"}},
    {{"family"}, {"one"}},
    {{"ip_options"}, {"one"}, false},
    {{"payload"}, {"at ether", "at ip", "at l4", "at data", "masked"}},
};

const char* malformed_word(MalformedAction action) {
  switch (action) {
    case MalformedAction::kPass:
      return "pass";
    case MalformedAction::kDrop:
      return "drop";
    case MalformedAction::kMatch:
      return "match";
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

bool digit_at(const std::string& text, std::size_t at) {
  return at < text.size() &&
         std::isxdigit(static_cast<unsigned char>(text[at]));
}

// "80-90", but not "echo-request".
bool has_range(const KeyUse& use) {
  if (use.key == "src" || use.key == "dst") return has(use.value, "-");
  for (auto at = use.value.find('-'); at != use.value.npos;
       at = use.value.find('-', at + 1)) {
    if (std::isdigit(static_cast<unsigned char>(use.value[at - 1])) &&
        digit_at(use.value, at + 1)) {
      return true;
    }
  }
  return false;
}

// Items that begin with a letter.
bool has_name(const std::string& value) {
  for (std::size_t at = 0; at < value.size(); ++at) {
    const bool first = at == 0 || value[at - 1] == '[' || value[at - 1] == ' ';
    if (first && std::isalpha(static_cast<unsigned char>(value[at]))) {
      return true;
    }
  }
  return false;
}

void add_address_kinds(const std::string& value, std::set<std::string>& kinds) {
  const bool v4 = has(value, ".");
  const bool v6 = has(value, "::");
  if (v4) kinds.insert("v4");
  if (v6) kinds.insert("v6");
  if (v4 && v6) kinds.insert("mixed");
}

std::set<std::string> kinds_of(const KeyUse& use) {
  std::set<std::string> kinds = {use.value.starts_with("[") ? "list" : "one"};
  if (has(use.value, "@")) kinds.insert("set");
  if (has_range(use)) kinds.insert("range");
  if (has_name(use.value)) kinds.insert("name");
  if (use.key == "src" || use.key == "dst") add_address_kinds(use.value, kinds);
  if (has(use.key, "_mac") && has(use.value, "/")) kinds.insert("masked");
  for (const char* word : {"none", "any"}) {
    if (has(use.key, "vlan") && has(use.value, word)) kinds.insert(word);
  }
  if (use.key != "payload") return kinds;
  for (const char* base : {"at ether", "at ip", "at l4", "at data"}) {
    const std::string text = std::string(base).insert(2, ":");
    if (has(use.value, text)) kinds.insert(base);
  }
  if (has(use.value, "mask")) kinds.insert("masked");
  return kinds;
}

std::string title(const std::string& key, bool negated,
                  const std::string& kind) {
  return fmt::format("{}{} {}", key, negated ? " not" : "", kind);
}

constexpr std::uint32_t kFeatures[] = {
    XG_HAS_SRC_SETS, XG_HAS_DST_SETS, XG_HAS_SRC_CODES,
    XG_HAS_DST_CODES, XG_HAS_COUNT,   XG_HAS_TESTS,
    XG_HAS_PAYLOAD,  XG_HAS_LONG,     XG_HAS_MACS};

std::string feature_text(std::uint32_t bit, bool on) {
  return fmt::format("feature {:#x} {}", bit, on ? "on" : "off");
}

// The events to be met, beside the keys.
std::set<std::string> expected_events() {
  std::set<std::string> events = {"default pass",
                                  "default drop",
                                  "rule pass",
                                  "rule drop",
                                  "count, then rule",
                                  "count, then default",
                                  "two counts",
                                  "leaf beyond the inline records",
                                  "more than 32 sets",
                                  "several trees",
                                  "frame in several buffers",
                                  "empty frame",
                                  "Ethernet padding",
                                  "four tags",
                                  "fragment first",
                                  "fragment later",
                                  "jumbo malformed",
                                  "decided IPv4",
                                  "decided IPv6",
                                  "decided other"};
  for (int number = 1; number < XG_CLASSES; ++number) {
    for (const char* action : {"pass", "drop", "match"}) {
      events.insert(fmt::format("malformed {}: {}", action,
                                class_name(static_cast<xg_class>(number))));
    }
  }
  for (std::uint32_t bit : kFeatures) {
    events.insert(feature_text(bit, false));
    events.insert(feature_text(bit, true));
  }
  return events;
}

// What a driver, and BPF_PROG_TEST_RUN, put into the first buffer at most.
constexpr std::size_t kFirstBuffer = 3'520;

}  // namespace

void Coverage::start(const RandomPolicy& random, const Policy& policy,
                     const xg_header& header) {
  policy_ = &policy;
  rules_.assign(policy.rules.size(), {});
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    for (const KeyUse& use : random.rules[i].keys) {
      rules_[i].push_back(key_of(use, policy.rules[i].match));
    }
  }
  for (std::uint32_t bit : kFeatures) {
    seen_.insert(feature_text(bit, (header.features & bit) != 0));
  }
  if (header.leaf_max > XG_LEAF_INLINE) {
    seen_.insert("leaf beyond the inline records");
  }
  if (header.row_words > 1) seen_.insert("more than 32 sets");
  for (std::uint32_t groups : header.group_count) {
    if (groups > 1) seen_.insert("several trees");
  }
}

void Coverage::note(const Packet& packet, const Evaluation& evaluation) {
  note_frame(packet);
  note_outcome(packet, evaluation);
  if (packet.packet_class != XG_CLASS_OK &&
      policy_->malformed != MalformedAction::kMatch) {
    return;
  }
  const auto reached = evaluation.decision.rule ? *evaluation.decision.rule + 1
                                                : policy_->rules.size();
  for (std::uint32_t rule = 0; rule < reached; ++rule) note_rule(rule, packet);
}

Coverage::Key Coverage::key_of(const KeyUse& use, const Match& match) {
  Key key{only(match, use.key), without(match, use.key), {}};
  for (const std::string& kind : kinds_of(use)) {
    key.kinds.push_back(&decided_[title(use.key, use.negated, kind)]);
  }
  return key;
}

// A key decides where all other keys of the rule hold.
void Coverage::note_rule(std::uint32_t rule, const Packet& packet) {
  for (const Key& key : rules_[rule]) {
    if (!matches(*policy_, key.others, packet)) continue;
    const bool holds = matches(*policy_, key.alone, packet);
    for (Outcomes* kind : key.kinds) ++(*kind)[holds];
  }
}

void Coverage::note_outcome(const Packet& packet,
                            const Evaluation& evaluation) {
  const Decision& decision = evaluation.decision;
  if (packet.packet_class != XG_CLASS_OK) {
    seen_.insert(fmt::format("malformed {}: {}",
                             malformed_word(policy_->malformed),
                             class_name(packet.packet_class)));
    if (policy_->malformed != MalformedAction::kMatch) return;
  }
  seen_.insert(fmt::format("{} {}", decision.rule ? "rule" : "default",
                           verdict_name(decision.verdict)));
  if (decision.rule) {
    seen_.insert(fmt::format("decided {}", !packet.src ? "other"
                                           : packet.src->family == Family::kIpv4
                                               ? "IPv4"
                                               : "IPv6"));
  }
  if (evaluation.counted.size() > 1) seen_.insert("two counts");
  if (evaluation.counted.empty()) return;
  seen_.insert(decision.rule ? "count, then rule" : "count, then default");
}

void Coverage::note_frame(const Packet& packet) {
  const std::size_t size = packet.bytes.size();
  const bool sound = packet.packet_class == XG_CLASS_OK;
  if (size == 0) seen_.insert("empty frame");
  if (sound && packet.end < size) seen_.insert("Ethernet padding");
  if (size > kFirstBuffer) {
    seen_.insert(sound ? "frame in several buffers" : "jumbo malformed");
  }
  if (sound && packet.ip_at == 14u + 4 * XG_MAX_TAGS) seen_.insert("four tags");
  if (packet.fragment == Fragment::kFirst) seen_.insert("fragment first");
  if (packet.fragment == Fragment::kLater) seen_.insert("fragment later");
}

std::vector<std::string> Coverage::missing() const {
  std::vector<std::string> lines;
  auto ask = [&](const std::string& name) {
    const auto found = decided_.find(name);
    for (int way : {0, 1}) {
      if (found != decided_.end() && found->second[way] > 0) continue;
      lines.push_back(
          fmt::format("{} {}", name, way ? "never matched" : "never missed"));
    }
  };
  std::set<std::string> keys(all_keys().begin(), all_keys().end());
  for (const Expected& expected : kExpected) {
    for (const std::string& key : expected.keys) {
      keys.erase(key);
      for (const std::string& kind : expected.kinds) {
        ask(title(key, false, kind));
        if (expected.negated) ask(title(key, true, kind));
      }
    }
  }
  for (const std::string& key : keys) lines.push_back(key + " is not expected");
  for (const std::string& event : expected_events()) {
    if (!seen_.contains(event)) lines.push_back(event + " never met");
  }
  return lines;
}

}  // namespace xdpgate::test
