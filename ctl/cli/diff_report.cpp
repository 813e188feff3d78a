// SPDX-License-Identifier: GPL-2.0-only
#include "cli/diff_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/say.h"
#include "cli/terminal.h"

namespace xdpgate {
namespace {

// More names would not be read; JSON has all.
constexpr std::size_t kMostNames = 6;

std::string rule_name(const Side& side, const Policy& policy) {
  return side.rule ? policy.rules[*side.rule].name : std::string();
}

std::string who(const Side& side, const Policy& policy) {
  return side.rule ? fmt::format("by rule `{}`", rule_name(side, policy))
                   : std::string("by no rule");
}

// Where the verdict alone does not tell the difference, all of the effect.
std::string what(const Side& side, const Side& other) {
  if (side.verdict != other.verdict) return verdict_name(side.verdict);
  return side.effect.substr(std::string_view("action: ").size());
}

std::string exceptions_text(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string text = "  not what these decide first: ";
  for (std::size_t i = 0; i < names.size() && i < kMostNames; ++i) {
    text += (i > 0 ? ", `" : "`") + names[i] + "`";
  }
  if (names.size() > kMostNames) {
    text += fmt::format(" and {} more", names.size() - kMostNames);
  }
  return text + "\n";
}

std::string traffic_text(const xg_counter& part, const xg_counter& all) {
  const double share = all.packets == 0
                           ? 0
                           : 100.0 * static_cast<double>(part.packets) /
                                 static_cast<double>(all.packets);
  return fmt::format("  traffic: {} of {} packets, {:.1f} %, {}\n",
                     grouped(part.packets), grouped(all.packets), share,
                     byte_size(part.bytes));
}

Json side_json(const Side& side, const Policy& policy) {
  return {{"verdict", verdict_name(side.verdict)},
          {"rule", side.rule ? Json(rule_name(side, policy)) : Json(nullptr)}};
}

// Where packets that pass go.
std::string way_out(const Policy& policy) {
  return policy.bridge.empty()
             ? "to the host"
             : fmt::format("to the other port of the bridge of {}",
                           fmt::join(policy.bridge, " and "));
}

}  // namespace

std::string diff_text(const DiffReport& report, const Policy& old_policy,
                      const Policy& new_policy, const DiffTraffic* traffic,
                      std::size_t most) {
  std::string text;
  const std::size_t shown = std::min(report.differences.size(), most);
  for (std::size_t i = 0; i < shown; ++i) {
    const Difference& d = report.differences[i];
    text += fmt::format("{} -> {}: {}\n", what(d.old_side, d.new_side),
                        what(d.new_side, d.old_side), d.region);
    text += exceptions_text(d.exceptions);
    text +=
        fmt::format("  was decided {}, is now {}\n",
                    who(d.old_side, old_policy), who(d.new_side, new_policy));
    text += fmt::format("  packet: {}\n", d.packet);
    if (traffic) text += traffic_text(traffic->of[i], traffic->all);
  }
  if (shown < report.differences.size()) {
    text += fmt::format("and {} more\n",
                        grouped(report.differences.size() - shown));
  }
  return text;
}

Json diff_json(const DiffReport& report, const Policy& old_policy,
               const Policy& new_policy, const DiffTraffic* traffic) {
  Json result = Json::array();
  for (std::size_t i = 0; i < report.differences.size(); ++i) {
    const Difference& d = report.differences[i];
    Json json = {{"packet", d.packet},
                 {"old", side_json(d.old_side, old_policy)},
                 {"new", side_json(d.new_side, new_policy)},
                 {"region", d.region},
                 {"except", d.exceptions}};
    if (traffic) {
      json["packets"] = traffic->of[i].packets;
      json["bytes"] = traffic->of[i].bytes;
    }
    result.push_back(std::move(json));
  }
  return result;
}

void note_incomplete(const DiffReport& report, double seconds) {
  if (report.too_many) {
    say("xdpgate: note: the search ended at {} differences; there may be "
        "more\n",
        grouped(report.differences.size()));
  } else if (!report.complete) {
    say("xdpgate: note: the search did not get to its end within {} s; "
        "there may be more differences\n",
        seconds);
  }
  if (report.unshown > 0) {
    say("xdpgate: note: there may be {} more, for which no packet could "
        "be built\n",
        grouped(report.unshown));
  }
  for (const std::string& rule : report.unjudged) {
    say("xdpgate: note: what the rule `{}` decides depends on its limit; "
        "it is not compared\n",
        rule);
  }
}

void note_bridge(const Policy& old_policy, const Policy& new_policy) {
  if (old_policy.bridge == new_policy.bridge) return;
  say("xdpgate: note: what passes went {}, and now goes {}\n",
      way_out(old_policy), way_out(new_policy));
}

}  // namespace xdpgate
