// SPDX-License-Identifier: GPL-2.0-only
#include "suggest/service.h"

#include <algorithm>

namespace xdpgate {
namespace {

constexpr std::uint8_t kIcmp = 1, kIcmpv6 = 58;
constexpr std::uint8_t kFirstOfLink = 133, kLastOfLink = 137;  // RFC 4861
constexpr std::uint8_t kLinkTtl = 255;
constexpr std::uint16_t kFirstFreePort = 1024;

bool is_neighbours(const Packet& packet) {
  return packet.icmp_is_v6 && packet.ttl == kLinkTtl &&
         *packet.icmp_type >= kFirstOfLink && *packet.icmp_type <= kLastOfLink;
}

}  // namespace

void SeenTraffic::Side::add(const Address& address) {
  any = any || addresses.size() >= kMostAddresses;
  if (!any) addresses.emplace(address.family, address.value);
}

AddressSet SeenTraffic::Side::take() const {
  std::vector<Interval<std::uint32_t>> v4;
  std::vector<Interval<U128>> v6;
  for (const auto& [family, value] : addresses) {
    const auto low = static_cast<std::uint32_t>(value);
    family == Family::kIpv4 ? v4.push_back({low, low})
                            : v6.push_back({value, value});
  }
  return {IntervalSet(std::move(v4)), IntervalSet(std::move(v6))};
}

SeenTraffic::Key SeenTraffic::key_of(const Packet& packet) {
  if (!packet.src) {
    return {ServiceKind::kEthertype, {}, {}, *packet.ethertype};
  }
  const Family family = packet.src->family;
  if (packet.fragment == Fragment::kLater) {
    return {ServiceKind::kFragments, family, packet.protocol, 0};
  }
  if (packet.icmp_type) {
    const bool is_link = is_neighbours(packet);
    return {is_link ? ServiceKind::kNeighbours : ServiceKind::kIcmp, family,
            packet.icmp_is_v6 ? kIcmpv6 : kIcmp, *packet.icmp_type};
  }
  return {ServiceKind::kProtocol, family, packet.protocol, 0};
}

void SeenTraffic::add(const Packet& packet) {
  ++packets_;
  if (packet.packet_class != XG_CLASS_OK) {
    ++malformed_;
    return;
  }
  if (packet.src_port) return flows_.add(packet);
  const Key key = key_of(packet);
  Draft& draft = others_[key];
  ++draft.packets;
  // Who is a neighbour is no secret, and new ones come.
  if (!packet.src || key.kind == ServiceKind::kNeighbours) return;
  draft.src.add(*packet.src);
  draft.dst.add(*packet.dst);
}

void SeenTraffic::add_way(const Key& key, const Endpoint& from,
                          const Endpoint& to, std::uint64_t packets,
                          Drafts& drafts) {
  if (packets == 0) return;
  Draft& draft = drafts[key];
  draft.packets += packets;
  draft.src.add(from.address);
  draft.dst.add(to.address);
  if (key.kind == ServiceKind::kAnswers && to.port < kFirstFreePort) {
    draft.free_ports = false;
  }
}

void SeenTraffic::add_flow(const Flows::Key& flow, const Conversation& both,
                           Drafts& drafts) {
  const auto requests_to = [&](const Endpoint& server) {
    return Key{ServiceKind::kRequests, {}, flow.protocol, server.port};
  };
  const auto answers_of = [&](const Endpoint& server) {
    return Key{ServiceKind::kAnswers, {}, flow.protocol, server.port};
  };
  // Where both opened each is a server of its own, and nobody answers.
  const auto lower_serves = lower_is_server(flow, both);
  add_way(lower_serves == true ? answers_of(flow.lower)
                               : requests_to(flow.upper),
          flow.lower, flow.upper, both.from_lower.packets, drafts);
  add_way(lower_serves == false ? answers_of(flow.upper)
                                : requests_to(flow.lower),
          flow.upper, flow.lower, both.from_upper.packets, drafts);
}

std::vector<Service> SeenTraffic::services() const {
  Drafts drafts = others_;
  for (const auto& [flow, both] : flows_.all()) add_flow(flow, both, drafts);
  std::vector<Service> services;
  for (const auto& [key, draft] : drafts) {
    services.push_back({.kind = key.kind,
                        .family = key.family,
                        .protocol = key.protocol,
                        .numbers = NumberSet::of(key.number),
                        .src = draft.src.take(),
                        .dst = draft.dst.take(),
                        .any_src = draft.src.any,
                        .any_dst = draft.dst.any,
                        .free_ports = draft.free_ports,
                        .packets = draft.packets});
  }
  std::ranges::stable_sort(services, std::greater(), &Service::packets);
  return services;
}

}  // namespace xdpgate
