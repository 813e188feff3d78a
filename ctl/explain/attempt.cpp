// SPDX-License-Identifier: GPL-2.0-only
#include "explain/attempt.h"

#include <fmt/format.h>

#include <algorithm>

#include "explain/key_parts.h"
#include "explain/packet_fields.h"
#include "policy/describe.h"
#include "policy/evaluate.h"
#include "policy/names.h"

namespace xdpgate {
namespace {

constexpr std::size_t kLongestValue = 60;  // characters

Attempt attempt(const Policy& policy, std::uint32_t rule, const Packet& packet,
                const FilterState* state) {
  Attempt result{.rule = rule};
  for (const KeyPart& part : key_parts(policy.rules[rule].match)) {
    ++result.asked;
    if (matches(policy, part.alone, packet, state)) {
      ++result.held;
    } else if (result.failed.empty()) {
      result.failed = part.key;
    }
  }
  return result;
}

// What a rule that matched does: its limit and its ban change `state`.
void carry_out(const Policy& policy, const Packet& packet, FilterState& state,
               Attempt& attempt) {
  Evaluation step;
  attempt.action = action_of(policy, attempt.rule, packet, &state, step);
  attempt.is_over = !step.over.empty();
}

// Nearer ones first; of equally near ones the earlier rule.
bool is_nearer(const Attempt& one, const Attempt& other) {
  if (one.matched() != other.matched()) return one.matched();
  if (one.held != other.held) return one.held > other.held;
  if (one.asked != other.asked) return one.asked < other.asked;
  return one.rule < other.rule;
}

Match part_of(const Match& match, std::string_view key) {
  for (KeyPart& part : key_parts(match)) {
    if (part.key == key) return std::move(part.alone);
  }
  return {};
}

// The names of ICMP numbers, which describe() leaves out, since it is about
// being complete and not about being read.
std::string icmp_text(const IcmpMatch& match) {
  std::vector<std::string> items;
  auto add = [&](const NumberSet& set, Family family, const char* tail) {
    for (const auto& [lo, hi] : set.intervals()) {
      items.push_back((lo == hi ? icmp_type_names(family).text(lo)
                                : fmt::format("{}-{}", lo, hi)) +
                      tail);
    }
  };
  add(match.v4, Family::kIpv4, "");
  add(match.v6, Family::kIpv6, " (ICMPv6)");
  return items.size() == 1 ? items[0]
                           : fmt::format("[{}]", fmt::join(items, ", "));
}

std::string value_text(const Policy& policy, const Match& alone,
                       std::string_view key) {
  if (alone.icmp_type) return icmp_text(*alone.icmp_type);
  return describe_match(alone, policy).substr(key.size() + 2);
}

// Cut between two items, with the last one kept.
std::string shortened(std::string text) {
  if (text.size() <= kLongestValue) return text;
  const std::size_t last = text.rfind(", ");
  const std::size_t cut = text.rfind(", ", kLongestValue / 2);
  if (cut == std::string::npos || last <= cut) return text;
  return text.substr(0, cut + 2) + "..." + text.substr(last);
}

// Of several payloads the first that fails.
PayloadMatch failing_payload(const Policy& policy, const Match& alone,
                             const Packet& packet) {
  const auto failed = std::ranges::find_if(alone.payload, [&](const auto& one) {
    Match match;
    match.payload = {one};
    return !matches(policy, match, packet);
  });
  return failed == alone.payload.end() ? alone.payload.front() : *failed;
}

}  // namespace

std::vector<Attempt> attempts(const Policy& policy, const Packet& packet,
                              const FilterState* state) {
  std::vector<Attempt> all;
  if (packet.packet_class != XG_CLASS_OK &&
      policy.malformed != MalformedAction::kMatch) {
    return all;
  }
  FilterState now = state ? *state : FilterState(policy);
  for (std::uint32_t rule = 0; rule < policy.rules.size(); ++rule) {
    all.push_back(attempt(policy, rule, packet, &now));
    if (!all.back().matched()) continue;
    carry_out(policy, packet, now, all.back());
    if (all.back().action != Action::kCount) break;
  }
  return all;
}

std::vector<Attempt> closest(std::vector<Attempt> all, std::size_t count) {
  std::ranges::sort(all, is_nearer);
  const auto matched = static_cast<std::size_t>(
      std::ranges::count_if(all, &Attempt::matched));
  all.resize(std::min(all.size(), std::max(count, matched)));
  std::ranges::sort(all, {}, &Attempt::rule);
  return all;
}

Contrast contrast(const Policy& policy, const Attempt& attempt,
                  const Packet& packet) {
  const Match alone =
      part_of(policy.rules[attempt.rule].match, attempt.failed);
  if (alone.payload.empty()) {
    return {shortened(value_text(policy, alone, attempt.failed)),
            field_text(packet, attempt.failed)};
  }
  Match failing;
  failing.payload = {failing_payload(policy, alone, packet)};
  return {shortened(value_text(policy, failing, attempt.failed)),
          payload_text(packet, failing.payload[0])};
}

}  // namespace xdpgate
