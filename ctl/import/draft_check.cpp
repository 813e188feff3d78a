// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "import/draft.h"
#include "policy/load.h"

namespace xdpgate {
namespace {

using Part = DraftPlace::Part;

// What is wrong with which rule or set of `draft`, the first error of each.
std::map<std::pair<Part, std::size_t>, std::string> refused(
    const Draft& draft) {
  std::map<std::pair<Part, std::size_t>, std::string> found;
  std::vector<DraftPlace> places;
  Diagnostics diagnostics;
  if (parse_policy(draft.yaml(places), "(imported)", diagnostics)) return found;
  for (const Diagnostic& d : diagnostics.sorted()) {
    const auto next =
        std::ranges::upper_bound(places, d.at.line, {}, &DraftPlace::line);
    if (d.severity != Severity::kError || next == places.begin()) continue;
    const DraftPlace& place = *std::prev(next);
    if (place.part == Part::kHead) continue;
    found.emplace(std::pair(place.part, place.index), d.message);
  }
  return found;
}

std::string keys_text(const DraftRule& rule) {
  std::string text;
  for (const auto& [key, value] : rule.keys) {
    text += (text.empty() ? "" : ", ") + key + ": " + value;
  }
  return text;
}

}  // namespace

void Draft::leave_out_refused() {
  // Without them there may be others: some errors hide the next, and without a
  // set the rules that name it are refused.
  for (;;) {
    const auto wrong = refused(*this);
    if (wrong.empty()) return;  // or nothing that leaving out could mend
    for (const auto& [place, why] : wrong) {
      if (place.first == Part::kSet) {
        const DraftSet& set = sets[place.second];
        leave_out("set " + set.name, yaml_list(set.elements), why);
      } else {
        const DraftRule& rule = rules[place.second];
        leave_out(rule.where.empty() ? rule.name : rule.where, keys_text(rule),
                  why);
      }
    }
    // From the back, so that what is still to go keeps its index.
    for (const auto& [place, why] : std::views::reverse(wrong)) {
      const auto index = static_cast<std::ptrdiff_t>(place.second);
      if (place.first == Part::kSet) {
        sets.erase(sets.begin() + index);
      } else {
        rules.erase(rules.begin() + index);
      }
    }
  }
}

}  // namespace xdpgate
