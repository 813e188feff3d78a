// SPDX-License-Identifier: GPL-2.0-only
#include "policy/decision.h"

namespace xdpgate {

const char* class_name(xg_class packet_class) {
  switch (packet_class) {
    case XG_CLASS_OK:
      return "ok";
    case XG_CLASS_ETHER_SHORT:
      return "ether-short";
    case XG_CLASS_VLAN_SHORT:
      return "vlan-short";
    case XG_CLASS_VLAN_DEPTH:
      return "vlan-depth";
    case XG_CLASS_IPV4_SHORT:
      return "ipv4-short";
    case XG_CLASS_IPV4_VERSION:
      return "ipv4-version";
    case XG_CLASS_IPV4_IHL:
      return "ipv4-ihl";
    case XG_CLASS_IPV4_LENGTH:
      return "ipv4-length";
    case XG_CLASS_IPV6_SHORT:
      return "ipv6-short";
    case XG_CLASS_IPV6_VERSION:
      return "ipv6-version";
    case XG_CLASS_IPV6_LENGTH:
      return "ipv6-length";
    case XG_CLASS_EXT_SHORT:
      return "ext-short";
    case XG_CLASS_EXT_DEPTH:
      return "ext-depth";
    case XG_CLASS_TCP_SHORT:
      return "tcp-short";
    case XG_CLASS_TCP_OFFSET:
      return "tcp-offset";
    case XG_CLASS_UDP_SHORT:
      return "udp-short";
    case XG_CLASS_UDP_LENGTH:
      return "udp-length";
    case XG_CLASS_ICMP_SHORT:
      return "icmp-short";
    case XG_CLASS_SCTP_SHORT:
      return "sctp-short";
    case XG_CLASS_DCCP_SHORT:
      return "dccp-short";
    case XG_CLASSES:
      break;
  }
  return "unknown";
}

const char* verdict_name(xg_verdict verdict) {
  switch (verdict) {
    case XG_PASS:
      return "pass";
    case XG_DROP:
      return "drop";
    case XG_REJECT:
      return "reject";
    case XG_REDIRECT:
      return "redirect";
    case XG_VERDICTS:
      break;
  }
  return "unknown";
}

}  // namespace xdpgate
