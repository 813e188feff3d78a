// SPDX-License-Identifier: GPL-2.0-only
#include "explain/explanation.h"

#include <fmt/format.h>

#include "base/columns.h"
#include "base/hex.h"
#include "explain/packet_fields.h"
#include "packet/packet_text.h"
#include "policy/names.h"

namespace xdpgate {
namespace {

constexpr std::size_t kEtherBytes = 14;

std::string place_text(std::optional<std::uint32_t> at) {
  return at ? fmt::format("at byte {}", *at) : std::string();
}

std::string numbered(const Policy& policy, std::uint32_t rule) {
  return fmt::format("{} {}", rule + 1, policy.rules[rule].name);
}

// "matches: drop", "matches, within its limit: pass".
std::string matched_text(const Rule& rule, const Attempt& attempt) {
  std::string text = "matches";
  if (rule.limit) {
    text += attempt.is_over ? ", beyond its limit" : ", within its limit";
  }
  return fmt::format("{}: {}", text, action_name(attempt.action));
}

std::vector<std::string> tried_row(const Policy& policy, const Attempt& attempt,
                                   const Packet& packet) {
  const Rule& rule = policy.rules[attempt.rule];
  if (attempt.matched()) {
    return {numbered(policy, attempt.rule),
            matched_text(rule, attempt)};
  }
  const Contrast values = contrast(policy, attempt, packet);
  return {numbered(policy, attempt.rule),
          fmt::format("{}: {}", attempt.failed, values.asked), values.found};
}

}  // namespace

Explanation explain(const Policy& policy, std::span<const std::uint8_t> frame,
                    const std::string& interface, FilterState* state) {
  Explanation result;
  result.packet = dissect(frame, interface);
  result.tried = attempts(policy, result.packet, state);
  result.answers.push_back(answer_of(policy, result.packet, state));
  return result;
}

Explanation unexplained(std::span<const std::uint8_t> frame,
                        const std::string& interface, const std::string& why) {
  Explanation result;
  result.packet = dissect(frame, interface);
  result.answers.push_back({"evaluator", std::nullopt, why});
  return result;
}

std::string frame_text(const Packet& packet) {
  if (packet.bytes.size() >= kEtherBytes) return packet_text(packet);
  if (packet.bytes.empty()) return "an empty frame";
  return "frame " + hex_text(packet.bytes);
}

std::string fields_text(const Packet& packet) {
  std::vector<std::vector<std::string>> rows;
  for (const FoundField& field : packet_fields(packet)) {
    rows.push_back({std::string(field.key), field.text, place_text(field.at)});
  }
  if (packet.data_at) {
    const std::uint32_t bytes = packet.end - *packet.data_at;
    rows.push_back({"data", fmt::format("{} bytes", bytes),
                    place_text(packet.data_at)});
  }
  return columns(rows, 2);
}

std::string tried_text(const Policy& policy, const Explanation& explanation,
                       std::size_t count) {
  if (!explanation.answers.front().says) return "rules tried: not known\n";
  if (explanation.tried.empty()) {
    return policy.rules.empty() ? "no rules\n" : "no rule was asked\n";
  }
  const auto shown = closest(explanation.tried, count);
  std::vector<std::vector<std::string>> rows = {
      {"rule", "first key that failed", "packet has"}};
  for (const Attempt& attempt : shown) {
    rows.push_back(tried_row(policy, attempt, explanation.packet));
  }
  const std::size_t left_out = explanation.tried.size() - shown.size();
  std::string text =
      left_out == 0
          ? fmt::format("rules tried: {}\n", explanation.tried.size())
          : fmt::format("rules tried: {}; those that came closest:\n",
                        explanation.tried.size());
  return text + columns(rows, 2);
}

std::string answers_text(const Policy& policy, const Explanation& explanation) {
  std::vector<std::vector<std::string>> rows;
  for (const Answer& answer : explanation.answers) {
    rows.push_back({answer.by, answer.says
                                   ? outcome_text(policy, *answer.says)
                                   : "not asked: " + answer.why_not});
  }
  return columns(rows, 2);
}

}  // namespace xdpgate
