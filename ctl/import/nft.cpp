// SPDX-License-Identifier: GPL-2.0-only
#include "import/nft.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "import/nft_match.h"

namespace xdpgate {
namespace {

// Chains may jump to chains so deep (nft's own limit).
constexpr int kMaxDepth = 16;

struct Chain {
  std::string family, table, name, hook, policy;
  std::string type;
  std::vector<const NftJson*> rules;

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
    for (const NftJson& item : ruleset["nftables"]) read(item);
    const auto base = choose(wanted);
    if (!base) return std::unexpected(base.error());
    translate(**base);
    draft_.leave_out_refused();
    return std::move(draft_);
  }

 private:
  // ---- what there is ----

  void read(const NftJson& item) {
    if (item.contains("chain")) read_chain(item["chain"]);
    if (item.contains("set")) set_items_.push_back(&item["set"]);
    if (!item.contains("rule")) return;
    const NftJson& rule = item["rule"];
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
                       {}});
  }

  Parsed<const Chain*> choose(const std::string& wanted) {
    std::vector<std::string> titles;
    const Chain* only = nullptr;
    for (const Chain& chain : chains_) {
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

  // What is wrong with one is told by the rules that ask for it.
  void read_sets(const Chain& base) {
    for (const NftJson* set : set_items_) {
      if (set->value("family", "") != base.family ||
          set->value("table", "") != base.table) {
        continue;
      }
      const std::string name = set->value("name", "");
      sets_.emplace(name, read_set(*set, name));
    }
  }

  static std::string type_of(const NftJson& set) {
    return set.contains("type") ? set["type"].dump() : "typeof";
  }

  Parsed<std::string> read_set(const NftJson& set, const std::string& name) {
    const std::string type = type_of(set);
    const bool addresses = type == "\"ipv4_addr\"" || type == "\"ipv6_addr\"";
    if (!addresses && type != "\"inet_service\"") {
      return complaint("a set of neither addresses nor ports");
    }
    if (set.contains("flags")) {
      for (const NftJson& flag : set["flags"]) {
        if (flag == "timeout" || flag == "dynamic") {
          return complaint(
              "its elements come and go; a set with `dynamic: "
              "true` is filled by `xdpgate set`");
        }
      }
    }
    DraftSet draft{as_name(name), addresses ? "address" : "port", {}};
    if (set.contains("elem")) {
      for (const NftJson& element : set["elem"]) {
        auto value = nft_value(element);
        if (!value) return value;
        draft.elements.push_back(*value);
      }
    }
    draft_.sets.push_back(std::move(draft));
    return fmt::format("\"@{}\"", as_name(name));
  }

  // ---- rules ----

  void translate(const Chain& base) {
    draft_.origin = "From nftables, chain " + base.title();
    draft_.name = as_name(base.table);
    draft_.default_action = base.policy == "drop" ? "drop" : "pass";
    read_sets(base);
    const bool raw = base.hook == "ingress" || base.family == "bridge";
    draft_.malformed = raw ? "match" : "drop";
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

  void translate_chain(const Chain& base, const Chain& chain,
                       const std::vector<DraftKey>& given,
                       const std::string& prefix, int depth) {
    for (const NftJson* rule : chain.rules) {
      translate_rule(base, chain, *rule, given, prefix, depth);
    }
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
    for (const NftJson& statement : json["expr"]) {
      if (statement.contains("match")) {
        const auto why = add_nft_match(statement["match"], sets_, rule);
        if (!why) continue;
        return draft_.leave_out(place(chain, json), statement["match"].dump(),
                                *why);
      }
      const std::string word = statement.items().begin().key();
      if (word == "counter" || word == "comment") continue;
      if (word == "vmap") return add_vmap(chain, json, statement, rule);
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

  void add_vmap(const Chain& chain, const NftJson& json,
                const NftJson& statement, const DraftRule& rule) {
    const NftJson& vmap = statement["vmap"];
    const bool inline_set = vmap.contains("data") && vmap["data"].is_object() &&
                            vmap["data"].contains("set");
    if (!inline_set) {
      return draft_.leave_out(place(chain, json), statement.dump(),
                              "a named verdict map");
    }
    for (const NftJson& pair : vmap["data"]["set"]) {
      DraftRule one = rule;
      const NftJson match = {
          {"op", "=="}, {"left", vmap["key"]}, {"right", pair[0]}};
      auto why = add_nft_match(match, sets_, one);
      one.action = action_of(pair[1].items().begin().key(), chain, 1);
      if (!why && one.action.empty()) why = "there is no such action";
      if (why) {
        draft_.leave_out(place(chain, json), pair.dump(), *why);
      } else {
        draft_.add(std::move(one));
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

  std::vector<Chain> chains_;
  std::vector<const NftJson*> set_items_;
  NftSets sets_;
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
