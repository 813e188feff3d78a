// SPDX-License-Identifier: GPL-2.0-only
#include "import/nft.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "import/nft_match.h"
#include "import/nft_sets.h"

namespace xdpgate {
namespace {

// Chains may jump to chains so deep (nft's own limit).
constexpr int kMaxDepth = 16;

// What a statement is, "accept" of {"accept": null}; empty where nothing.
std::string word_of(const NftJson& statement) {
  const auto& members = statement.get_ref<const NftJson::object_t&>();
  return members.empty() ? "" : members.begin()->first;
}

struct Chain {
  std::string family, table, name, hook, policy;
  std::string type;
  std::vector<const NftJson*> rules;
  bool translated = false;

  [[nodiscard]] bool sees_arrivals() const {
    return type == "filter" &&
           (hook == "input" || hook == "prerouting" || hook == "ingress");
  }
  [[nodiscard]] std::string title() const {
    return fmt::format("{} {} {}", family, table, name);
  }
};

std::string join_quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "`" : ", `") + word + "`";
  }
  return text;
}

class NftImport {
 public:
  Parsed<Draft> run(const NftJson& ruleset, const std::string& wanted) {
    if (!ruleset.is_object() || !ruleset.contains("nftables")) {
      return complaint("this is not what `nft -j list ruleset` prints");
    }
    for (const NftJson& item : ruleset.at("nftables")) read(item);
    draft_.statements = ruleset.at("nftables").size();
    const auto base = choose(wanted);
    if (!base) return std::unexpected(base.error());
    translate(**base);
    if (draft_.full()) return complaint(kTooMany);
    draft_.leave_out_refused();
    leave_out_other_chains();
    return std::move(draft_);
  }

 private:
  // ---- what there is ----

  void read(const NftJson& item) {
    if (item.contains("chain")) read_chain(item.at("chain"));
    if (item.contains("set")) set_items_.push_back(&item.at("set"));
    if (item.contains("map")) map_items_.push_back(&item.at("map"));
    if (!item.contains("rule")) return;
    const NftJson& rule = item.at("rule");
    for (Chain& chain : chains_) {
      if (chain.family == rule.value("family", "") &&
          chain.table == rule.value("table", "") &&
          chain.name == rule.value("chain", "")) {
        chain.rules.push_back(&rule);
      }
    }
  }

  void read_chain(const NftJson& json) {
    chains_.push_back({json.value("family", ""),
                       json.value("table", ""),
                       json.value("name", ""),
                       json.value("hook", ""),
                       json.value("policy", "accept"),
                       json.value("type", ""),
                       {},
                       false});
  }

  Parsed<Chain*> choose(const std::string& wanted) {
    std::vector<std::string> titles;
    Chain* only = nullptr;
    for (Chain& chain : chains_) {
      if (!wanted.empty() && chain.title() == wanted) return &chain;
      if (!chain.sees_arrivals()) continue;
      only = &chain;
      titles.push_back(chain.title());
    }
    if (wanted.empty() && titles.size() == 1) return only;
    if (titles.empty()) {
      return complaint(
          "no chain sees packets as they come in (ingress, "
          "prerouting, input)");
    }
    return complaint(wanted.empty()
                         ? "several chains see packets as they come in"
                         : "there is no chain " + in_quotes(wanted),
                     "choose one with --chain: " + join_quoted(titles));
  }

  // ---- sets ----

  static std::vector<const NftJson*> of_table(
      const std::vector<const NftJson*>& items, const Chain& base) {
    std::vector<const NftJson*> result;
    std::ranges::copy_if(items, std::back_inserter(result),
                         [&](const NftJson* item) {
                           return item->value("family", "") == base.family &&
                                  item->value("table", "") == base.table;
                         });
    return result;
  }

  // ---- rules ----

  void translate(Chain& base) {
    draft_.origin = "From nftables, chain " + base.title();
    draft_.name = as_instance_name(base.table);
    draft_.default_action = base.policy == "drop" ? "drop" : "pass";
    map_items_ = of_table(map_items_, base);
    sets_ = read_nft_sets(of_table(set_items_, base), draft_);
    const bool raw = base.hook == "ingress" || base.family == "bridge";
    if (raw) {
      frames_ =
          base.family == "bridge" ? NftFrames::kBridge : NftFrames::kNetdev;
    }
    draft_.malformed = raw ? "match" : "drop";
    if (base.hook == "input") draft_.remarks.emplace_back(kInputRemark);
    if (raw) draft_.remarks.emplace_back(kTagRemark);
    if (base.family != "ip") draft_.remarks.emplace_back(kExtensionRemark);
    if (base.hook != "input") draft_.remarks.emplace_back(kFragmentRemark);
    if (!raw) add_others(base);
    translate_chain(base, base, {}, "", 0);
  }

  // What such a chain never sees goes on to the host.
  void add_others(const Chain& base) {
    const char* seen = base.family == "ip"    ? "ipv4"
                       : base.family == "ip6" ? "ipv6"
                                              : "[ipv4, ipv6]";
    DraftRule rule{"not-seen",
                   {},
                   "pass",
                   fmt::format("Packets that a chain of the family {} does not "
                               "see.",
                               base.family)};
    (void)rule.ask("ethertype", fmt::format("{{not: {}}}", seen));
    draft_.add(std::move(rule));
  }

  void translate_chain(const Chain& base, Chain& chain,
                       const std::vector<DraftKey>& given,
                       const std::string& prefix, int depth) {
    chain.translated = true;
    for (const NftJson* rule : chain.rules) {
      if (draft_.full()) return;
      if (depth > 0 && always_returns(*rule)) return;
      translate_rule(base, chain, *rule, given, prefix, depth);
    }
  }

  static bool always_returns(const NftJson& rule) {
    const NftJson& all = rule.at("expr");
    return !all.empty() && all.back().contains("return") &&
           std::ranges::all_of(all, [](const NftJson& statement) {
             return statement.contains("return") ||
                    statement.contains("counter");
           });
  }

  static std::string place(const Chain& chain, const NftJson& rule) {
    return fmt::format("chain {}, handle {}", chain.title(),
                       rule.value("handle", 0));
  }

  void translate_rule(const Chain& base, const Chain& chain,
                      const NftJson& json, const std::vector<DraftKey>& given,
                      const std::string& prefix, int depth) {
    DraftRule rule;
    rule.name =
        fmt::format("{}{}-{}", prefix, chain.name, json.value("handle", 0));
    rule.keys = given;
    rule.comment = json.value("comment", "");
    rule.where = place(chain, json);
    NftScope scope{sets_, frames_};
    for (const NftJson& statement : json.at("expr")) {
      if (statement.contains("match")) {
        const auto why = add_nft_match(statement.at("match"), scope, rule);
        if (!why) continue;
        return draft_.leave_out(place(chain, json),
                                statement.at("match").dump(), *why);
      }
      const std::string word = word_of(statement);
      if (word == "counter" || word == "comment") continue;
      if (word == "vmap") {
        return add_vmap(base, chain, json, statement, rule, scope, depth);
      }
      if (word == "jump" || word == "goto") {
        return follow(base, chain, json, statement, rule, depth);
      }
      if (is_effect(word)) {
        draft_.leave_out(place(chain, json), statement.dump(),
                         "an effect that the filter lacks; the rule itself is "
                         "kept");
        continue;
      }
      return add_verdict(base, chain, json, word, statement, rule, depth);
    }
    rule.action = "count";  // no verdict: it goes on
    draft_.add(std::move(rule));
  }

  static bool is_effect(const std::string& word) {
    return word == "log" || word == "mangle" || word == "notrack";
  }

  static std::string action_of(const std::string& word, const Chain& base,
                               int depth) {
    if (word == "accept") return "pass";
    if (word == "drop") return "drop";
    if (word == "continue") return "count";
    const bool ends = word == "return" && depth == 0;
    return ends ? (base.policy == "drop" ? "drop" : "pass") : "";
  }

  void add_verdict(const Chain& base, const Chain& chain, const NftJson& json,
                   const std::string& word, const NftJson& statement,
                   DraftRule& rule, int depth) {
    rule.action = action_of(word, base, depth);
    if (!rule.action.empty()) return draft_.add(std::move(rule));
    draft_.leave_out(place(chain, json), statement.dump(), why_not(word));
  }

  static std::string why_not(const std::string& word) {
    if (word == "reject") {
      return "nft's answers differ from those of `action: reject`; write it "
             "where they will do";
    }
    if (word == "return") return "`return` from a chain that is jumped to";
    if (word == "limit") {
      return "its bucket differs from that of `limit`; write it where it will "
             "do";
    }
    return "there is no such action";
  }

  // Keys and verdicts; nothing where the map is empty, unknown or changes.
  [[nodiscard]] const NftJson* pairs_of(const NftJson& vmap) const {
    const NftJson& data = vmap.at("data");
    if (data.is_object() && data.contains("set")) return &data.at("set");
    if (!data.is_string()) return nullptr;
    for (const NftJson* map : map_items_) {
      if ("@" + map->value("name", "") != data.get<std::string>()) continue;
      const bool fixed = map->contains("elem") && !comes_and_goes(*map);
      return fixed ? &(*map).at("elem") : nullptr;
    }
    return nullptr;
  }

  // One rule, or one jump, for each pair.
  void add_vmap(const Chain& base, const Chain& chain, const NftJson& json,
                const NftJson& statement, const DraftRule& rule,
                const NftScope& before, int depth) {
    const NftJson& vmap = statement.at("vmap");
    const NftJson* pairs = pairs_of(vmap);
    if (!pairs) {
      return draft_.leave_out(place(chain, json), statement.dump(),
                              "a verdict map that is empty or changes");
    }
    for (const NftJson& pair : *pairs) {
      DraftRule one = rule;
      NftScope scope = before;
      const NftJson match = {
          {"op", "=="}, {"left", vmap.at("key")}, {"right", pair.at(0)}};
      if (auto why = add_nft_match(match, scope, one)) {
        draft_.leave_out(place(chain, json), pair.dump(), *why);
        continue;
      }
      const std::string word = word_of(pair.at(1));
      if (word == "jump" || word == "goto") {
        follow(base, chain, json, pair.at(1), one, depth);
      } else {
        add_verdict(base, chain, json, word, pair, one, depth);
      }
    }
  }

  // A chain that is jumped to stands in the place of the jump, with what the
  // jump asks for in every rule. Behind `goto` nothing is left but the policy.
  void follow(const Chain& base, const Chain& chain, const NftJson& json,
              const NftJson& statement, const DraftRule& rule, int depth) {
    const bool is_goto = statement.contains("goto");
    const std::string target =
        statement[is_goto ? "goto" : "jump"].value("target", "");
    const auto found = std::ranges::find_if(chains_, [&](const Chain& c) {
      return c.family == chain.family && c.table == chain.table &&
             c.name == target;
    });
    if (found == chains_.end() || depth == kMaxDepth) {
      return draft_.leave_out(place(chain, json), statement.dump(),
                              "a chain that cannot be followed");
    }
    translate_chain(base, *found, rule.keys, rule.name + ".", depth + 1);
    if (!is_goto) return;
    if (depth > 0) {
      return draft_.leave_out(place(chain, json), statement.dump(),
                              "what is behind `goto` in a chain that is jumped "
                              "to; it is translated as `jump`");
    }
    DraftRule rest = rule;
    rest.name += ".end";
    rest.action = base.policy == "drop" ? "drop" : "pass";
    draft_.add(std::move(rest));
  }

  // ---- what is not asked for ----

  void leave_out_other_chains() {
    for (const Chain& chain : chains_) {
      if (chain.translated) continue;
      const std::string why =
          chain.hook.empty()
              ? "nothing that is translated jumps to its chain"
              : "its chain, at " + chain.hook + ", is not the one translated";
      if (chain.policy == "drop") {
        draft_.leave_out("chain " + chain.title(), "policy drop", why);
      }
      for (const NftJson* rule : chain.rules) {
        draft_.leave_out(place(chain, *rule), (*rule).at("expr").dump(), why);
      }
    }
  }

  std::vector<Chain> chains_;
  std::vector<const NftJson*> set_items_, map_items_;
  NftSets sets_;
  NftFrames frames_ = NftFrames::kUntagged;
  Draft draft_;
};

}  // namespace

Parsed<Draft> import_nft(std::string_view json, const std::string& chain) {
  const auto ruleset = NftJson::parse(json, nullptr, false);
  if (ruleset.is_discarded()) return complaint("this is not JSON");
  try {
    return NftImport().run(ruleset, chain);
  } catch (const NftJson::exception& error) {
    return complaint("JSON that nft does not print", error.what());
  }
}

}  // namespace xdpgate
