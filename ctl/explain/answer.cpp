// SPDX-License-Identifier: GPL-2.0-only
#include "explain/answer.h"

#include <fmt/format.h>

#include <algorithm>

namespace xdpgate {
namespace {

// The rules that counted the packet and did not decide it.
std::vector<std::uint32_t> counted(const std::vector<xg_counter>& counters,
                                   const Decision& decision) {
  std::vector<std::uint32_t> rules;
  for (std::size_t slot = XG_SLOT_RULE; slot < counters.size(); ++slot) {
    const auto rule = static_cast<std::uint32_t>(slot - XG_SLOT_RULE);
    if (counters[slot].packets > 0 && decision.rule != rule) {
      rules.push_back(rule);
    }
  }
  return rules;
}

bool same(const Evaluation& one, const Evaluation& other) {
  return one.decision == other.decision && one.counted == other.counted;
}

}  // namespace

Answer answer_of(const Policy& policy, const Packet& packet,
                 FilterState* state) {
  FilterState fresh(policy);
  return {"evaluator", evaluate(policy, packet, state ? state : &fresh), ""};
}

Result<Answer> answer_of(const std::string& by, Engine& engine,
                         std::span<const std::uint8_t> frame,
                         std::uint32_t ifindex) {
  const auto decision = engine.judge(frame, ifindex);
  if (!decision) return failure(decision.error());
  const auto counters = engine.counters();
  if (!counters) return failure(counters.error());
  return Answer{by, Evaluation{*decision, counted(*counters, *decision)}, ""};
}

std::string outcome_text(const Policy& policy, const Evaluation& says) {
  const Decision& decision = says.decision;
  const bool malformed = decision.packet_class != XG_CLASS_OK;
  std::string text = verdict_name(decision.verdict);
  if (decision.rule) {
    text += fmt::format(" by rule `{}`", policy.rules[*decision.rule].name);
  } else if (malformed && policy.malformed != MalformedAction::kMatch) {
    text += fmt::format(" as malformed: {}", class_name(decision.packet_class));
  } else {
    text += " by default";
  }
  std::vector<std::string> names;
  for (const std::uint32_t rule : says.counted) {
    names.push_back("`" + policy.rules[rule].name + "`");
  }
  if (names.empty()) return text;
  return fmt::format("{}, counted by {}", text, fmt::join(names, ", "));
}

const Evaluation& first_given(const std::vector<Answer>& answers) {
  return *std::ranges::find_if(answers, [](const Answer& answer) {
            return answer.says.has_value();
          })->says;
}

bool agree(const std::vector<Answer>& answers) {
  const Answer* first = nullptr;
  return std::ranges::all_of(answers, [&](const Answer& answer) {
    if (!answer.says) return true;
    if (!first) first = &answer;
    return same(*first->says, *answer.says);
  });
}

}  // namespace xdpgate
