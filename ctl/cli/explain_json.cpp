// SPDX-License-Identifier: GPL-2.0-only
#include "cli/explain_json.h"

#include "explain/packet_fields.h"

namespace xdpgate {
namespace {

Json name_of(const Policy& policy, const std::optional<std::uint32_t>& rule) {
  return rule ? Json(policy.rules[*rule].name) : Json(nullptr);
}

Json names_of(const Policy& policy, const std::vector<std::uint32_t>& rules) {
  Json names = Json::array();
  for (const std::uint32_t rule : rules) names.push_back(name_of(policy, rule));
  return names;
}

Json fields_json(const Packet& packet) {
  Json fields = Json::object();
  for (const FoundField& field : packet_fields(packet)) {
    const std::string key(field.key);
    if (field.number) {
      fields[key] = *field.number;
    } else {
      fields[key] = field.text;
    }
  }
  return fields;
}

Json offsets_json(const Packet& packet) {
  Json offsets = Json::object();
  for (const FoundField& field : packet_fields(packet)) {
    if (field.at) offsets[std::string(field.key)] = *field.at;
  }
  return offsets;
}

Json attempt_json(const Policy& policy, const Attempt& attempt,
                  const Packet& packet) {
  Json json = {{"rule", policy.rules[attempt.rule].name},
               {"failed", nullptr},
               {"asks", nullptr},
               {"has", nullptr}};
  if (attempt.matched()) return json;
  const Contrast values = contrast(policy, attempt, packet);
  json["failed"] = attempt.failed;
  json["asks"] = values.asked;
  json["has"] = values.found;
  return json;
}

Json asked_json(const Policy& policy, const std::vector<Answer>& answers) {
  Json json = Json::object();
  for (const Answer& answer : answers) {
    if (!answer.says) {
      json[answer.by] = {{"not_asked", answer.why_not}};
      continue;
    }
    const Decision& decision = answer.says->decision;
    json[answer.by] = {{"verdict", verdict_name(decision.verdict)},
                       {"rule", name_of(policy, decision.rule)},
                       {"class", class_name(decision.packet_class)},
                       {"counted", names_of(policy, answer.says->counted)}};
  }
  return json;
}

}  // namespace

Json to_json(const Policy& policy, const Explanation& explanation,
             std::size_t shown) {
  const Evaluation& meant = first_given(explanation.answers);
  Json tried = Json::array();
  for (const Attempt& attempt : closest(explanation.tried, shown)) {
    tried.push_back(attempt_json(policy, attempt, explanation.packet));
  }
  return {{"packet", frame_text(explanation.packet)},
          {"verdict", verdict_name(meant.decision.verdict)},
          {"rule", name_of(policy, meant.decision.rule)},
          {"class", class_name(meant.decision.packet_class)},
          {"counted", names_of(policy, meant.counted)},
          {"fields", fields_json(explanation.packet)},
          {"offsets", offsets_json(explanation.packet)},
          {"tried", tried},
          {"rules_tried", explanation.tried.size()},
          {"asked", asked_json(policy, explanation.answers)}};
}

}  // namespace xdpgate
