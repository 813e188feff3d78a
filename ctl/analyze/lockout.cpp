// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/lockout.h"

#include <fmt/format.h>
#include <linux/if_ether.h>

#include <algorithm>
#include <utility>

#include "analyze/cover.h"
#include "analyze/rule_index.h"
#include "analyze/witness.h"
#include "policy/evaluate.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

constexpr std::uint64_t kSteps = 1 << 24;
constexpr int kTrials = 8;

Match arp() {
  Match match;
  match.ethertype = NumberSet::of(ETH_P_ARP);
  return match;
}

// RFC 4861.
constexpr std::uint32_t kSolicitation = 135;
constexpr std::uint32_t kAdvertisement = 136;

Match neighbour(std::uint32_t type) {
  Match match;
  match.family = Family::kIpv6;
  match.icmp_type = IcmpMatch{{}, NumberSet::of(type)};
  match.icmp_code = IcmpMatch{{}, NumberSet::of(0)};
  match.ttl = NumberSet::of(255);
  return match;
}

// RFC 2131: from a server's port to a client's.
Match dhcp_answer() {
  Match match;
  match.family = Family::kIpv4;
  match.protocol = NumberSet::of(17);
  match.src_port = NumberSet::of(67);
  match.dst_port = NumberSet::of(68);
  match.fragment = FragmentMatch{true, false, false};
  return match;
}

AddressMatch only(const Address& address) {
  AddressMatch match;
  if (address.family == Family::kIpv4) {
    match.listed.v4 = IntervalSet<std::uint32_t>::of(
        static_cast<std::uint32_t>(address.value));
  } else {
    match.listed.v6 = IntervalSet<U128>::of(address.value);
  }
  return match;
}

// What the client sends once the connection stands: ACK, without SYN.
Match packets_of(const TcpSession& session) {
  Match match;
  if (!session.interface.empty()) {
    match.interface = InterfaceMatch{{session.interface}, false};
  }
  match.src = only(session.client);
  match.dst = only(session.server);
  match.protocol = NumberSet::of(6);
  match.src_port = NumberSet::of(session.client_port);
  match.dst_port = NumberSet::of(session.server_port);
  match.tcp_flags = FlagsMatch{{{0x010, 0x017}}, false};
  match.fragment = FragmentMatch{true, false, false};
  return match;
}

class Search {
 public:
  explicit Search(const Policy& policy)
      : policy_(policy),
        space_({&policy}),
        maker_(policy, space_),
        witnesses_(policy) {}

  // Whether the policy may let a packet of `match` through.
  bool any_passes(const Match& match) {
    for (const FieldBox& box : maker_.boxes_of(match)) {
      if (any_passes(box)) return true;
    }
    return false;
  }

  // A packet of `match` that the evaluator drops.
  std::optional<Lockout> dropped(const Match& match) {
    for (const FieldBox& box : maker_.boxes_of(match)) {
      for (int i = 0; i < kTrials; ++i) {
        auto witness = witnesses_.of_box(box, space_);
        if (!witness) break;
        if (match.interface) witness->come_in_by(match.interface->names[0]);
        const Packet packet = witness->packet();
        if (!matches(policy_, match, packet)) continue;
        const Decision decision = evaluate(policy_, packet).decision;
        if (decision.verdict != XG_DROP) return std::nullopt;
        const Witness tidy = witness->tidied([&](const Packet& other) {
          return matches(policy_, match, other) &&
                 evaluate(policy_, other).decision == decision;
        });
        return Lockout{{}, {}, tidy.text(), decision.rule, false};
      }
    }
    return std::nullopt;
  }

 private:
  bool any_passes(const FieldBox& box) {
    Budget budget(kSteps);
    std::vector<RuleBox> rules = rules_meeting(box, budget);
    RuleBoxes before;
    ValueStore store;
    for (const RuleBox& rule : rules) {
      const FieldBox both = common(box, rule.box, store, budget);
      if (passes(rule.rule) && !covered(both, before, budget)) return true;
      if (policy_.rules[rule.rule].always_decides()) before.push_back(&rule);
    }
    return policy_.default_action == DefaultAction::kPass &&
           !covered(box, before, budget);
  }

  // Boxes of rules that may decide, in order.
  std::vector<RuleBox> rules_meeting(const FieldBox& box, Budget& budget) {
    std::vector<RuleBox> result;
    std::vector<FieldBox> boxes;
    for (std::uint32_t i = 0; i < policy_.rules.size(); ++i) {
      if (!may_decide(policy_.rules[i])) continue;
      boxes.clear();
      maker_.add_boxes(policy_.rules[i].match, *box.kind, boxes);
      for (const FieldBox& other : boxes) {
        if (meet(other, box, budget)) result.push_back({other, i});
      }
    }
    return result;
  }

  // Within a limit or beyond it.
  static bool may_decide(const Rule& rule) {
    return rule.action != Action::kCount ||
           (rule.limit && rule.limit->over != Action::kCount);
  }
  [[nodiscard]] bool passes(std::uint32_t number) const {
    auto lets_through = [](Action action) {
      return action == Action::kPass || action == Action::kRedirect;
    };
    const Rule& rule = policy_.rules[number];
    return lets_through(rule.action) ||
           (rule.limit && lets_through(rule.limit->over));
  }

  // For certain.
  static bool covered(const FieldBox& box, const RuleBoxes& by,
                      Budget& budget) {
    CoverSearch search(budget, [](const FieldBox&) { return true; });
    return search.covered(box, by) == Covered::kYes;
  }

  const Policy& policy_;
  Space space_;
  BoxMaker maker_;
  WitnessSource witnesses_;
};

class Lockouts {
 public:
  explicit Lockouts(const Policy& policy) : search_(policy) {}

  void look_at_default() {
    add(cut(arp()), "`default: drop` cuts off ARP: no rule passes it",
        "add a rule with `match: {ethertype: arp}` and `action: pass`");
    auto neighbours = cut(neighbour(kSolicitation));
    if (!neighbours) neighbours = cut(neighbour(kAdvertisement));
    add(std::move(neighbours),
        "`default: drop` cuts off IPv6 neighbour discovery: no rule passes it",
        "add a rule with `match: {icmp_type: [nd-neighbor-solicit, "
        "nd-neighbor-advert]}` and `action: pass`");
    auto dhcp = cut(dhcp_answer());
    if (dhcp && dhcp->rule) dhcp.reset();  // a rule drops it: that was meant
    add(std::move(dhcp),
        "`default: drop` cuts off DHCP: no rule passes a server's answers",
        "add a rule with `match: {protocol: udp, src_port: dhcp-server, "
        "dst_port: dhcp-client}`; `action: drop` says that addresses are "
        "static");
  }

  void look_at(const TcpSession& session) {
    auto lockout = cut(packets_of(session));
    if (lockout) lockout->of_session = true;
    add(std::move(lockout),
        fmt::format("this policy cuts off the SSH session that you are in, "
                    "from {} to port {}",
                    to_text(session.client), session.server_port),
        "add a rule that passes it, or be sure of another way in");
  }

  [[nodiscard]] std::vector<Lockout> take() { return std::move(found_); }

 private:
  // A packet of `match`, where none of them passes.
  std::optional<Lockout> cut(const Match& match) {
    if (search_.any_passes(match)) return std::nullopt;
    return search_.dropped(match);
  }

  void add(std::optional<Lockout> lockout, std::string message,
           std::string hint) {
    if (!lockout) return;
    lockout->message = std::move(message);
    lockout->hint = std::move(hint);
    found_.push_back(std::move(*lockout));
  }

  Search search_;
  std::vector<Lockout> found_;
};

}  // namespace

std::vector<Lockout> find_lockouts(const Policy& policy,
                                   const std::optional<TcpSession>& session) {
  const bool drops = policy.default_action == DefaultAction::kDrop;
  if (!drops && !session) return {};
  Lockouts lockouts(policy);
  if (drops) lockouts.look_at_default();
  if (session) lockouts.look_at(*session);
  return lockouts.take();
}

}  // namespace xdpgate
