// SPDX-License-Identifier: GPL-2.0-only
// Services: IANA's name first, then what people say.
#include "policy/names.h"

namespace xdpgate {
namespace {

constexpr NamedNumber kServices[] = {
    {"ftp-data", 20}, {"ftp", 21}, {"ssh", 22}, {"telnet", 23}, {"smtp", 25},
    {"time", 37}, {"whois", 43}, {"tacacs", 49}, {"domain", 53}, {"dns", 53},
    {"bootps", 67}, {"dhcp-server", 67}, {"bootpc", 68}, {"dhcp-client", 68},
    {"tftp", 69}, {"gopher", 70}, {"finger", 79}, {"http", 80}, {"www", 80},
    {"kerberos", 88}, {"pop2", 109}, {"pop3", 110}, {"sunrpc", 111},
    {"portmapper", 111}, {"ident", 113}, {"auth", 113}, {"nntp", 119},
    {"ntp", 123}, {"msrpc", 135}, {"epmap", 135}, {"netbios-ns", 137},
    {"netbios-dgm", 138}, {"netbios-ssn", 139}, {"imap", 143}, {"imap2", 143},
    {"snmp", 161}, {"snmptrap", 162}, {"snmp-trap", 162}, {"xdmcp", 177},
    {"bgp", 179}, {"irc", 194}, {"ldap", 389}, {"svrloc", 427}, {"https", 443},
    {"snpp", 444}, {"microsoft-ds", 445}, {"smb", 445}, {"kpasswd", 464},
    {"submissions", 465}, {"smtps", 465}, {"isakmp", 500}, {"ike", 500},
    {"exec", 512}, {"login", 513}, {"shell", 514}, {"syslog", 514},
    {"printer", 515}, {"rip", 520}, {"ripng", 521}, {"ncp", 524},
    {"dhcpv6-client", 546}, {"dhcpv6-server", 547}, {"afpovertcp", 548},
    {"afp", 548}, {"rtsp", 554}, {"nntps", 563}, {"submission", 587},
    {"ipp", 631}, {"ldaps", 636}, {"msdp", 639}, {"ldp", 646}, {"tinc", 655},
    {"olsr", 698}, {"kerberos-adm", 749}, {"domain-s", 853}, {"dot", 853},
    {"rsync", 873}, {"ftps-data", 989}, {"ftps", 990}, {"telnets", 992},
    {"imaps", 993}, {"pop3s", 995}, {"socks", 1080}, {"openvpn", 1194},
    {"ms-sql-s", 1433}, {"ms-sql-m", 1434}, {"wins", 1512}, {"oracle", 1521},
    {"l2tp", 1701}, {"pptp", 1723}, {"radius", 1812}, {"radius-acct", 1813},
    {"mqtt", 1883}, {"ssdp", 1900}, {"nfs", 2049}, {"netflow", 2055},
    {"gtp-control", 2123}, {"gtp-user", 2152}, {"zookeeper", 2181},
    {"docker", 2375}, {"docker-s", 2376}, {"etcd-client", 2379},
    {"etcd-server", 2380}, {"cvspserver", 2401}, {"iscsi-target", 3260},
    {"iscsi", 3260}, {"mysql", 3306}, {"gtp-prime", 3386}, {"rdp", 3389},
    {"ms-wbt-server", 3389}, {"stun", 3478}, {"turn", 3478}, {"svn", 3690},
    {"bfd-control", 3784}, {"bfd-echo", 3785}, {"diameter", 3868},
    {"ipsec-nat-t", 4500}, {"ipfix", 4739}, {"vxlan", 4789}, {"roce-v2", 4791},
    {"munin", 4949}, {"sip", 5060}, {"sips", 5061}, {"sip-tls", 5061},
    {"xmpp-client", 5222}, {"xmpp-server", 5269}, {"mdns", 5353},
    {"llmnr", 5355}, {"postgresql", 5432}, {"postgres", 5432}, {"nrpe", 5666},
    {"nsca", 5667}, {"amqps", 5671}, {"amqp", 5672}, {"coap", 5683},
    {"coaps", 5684}, {"vnc", 5900}, {"winrm", 5985}, {"winrm-s", 5986},
    {"x11", 6000}, {"geneve", 6081}, {"sflow", 6343}, {"redis", 6379},
    {"kubernetes", 6443}, {"ircd", 6667}, {"ircs-u", 6697}, {"http-alt", 8080},
    {"http-proxy", 8080}, {"puppet", 8140}, {"https-alt", 8443},
    {"mqtts", 8883}, {"prometheus", 9090}, {"kafka", 9092}, {"jetdirect", 9100},
    {"pdl-datastream", 9100}, {"bacula-dir", 9101}, {"bacula-fd", 9102},
    {"bacula-sd", 9103}, {"elasticsearch", 9200}, {"git", 9418},
    {"zabbix-agent", 10050}, {"zabbix-trapper", 10051}, {"kubelet", 10250},
    {"memcached", 11211}, {"memcache", 11211}, {"nfs-mountd", 20048},
    {"mongodb", 27017}, {"traceroute", 33434}, {"wireguard", 51820},
};

}  // namespace

const NameTable& service_names() {
  static const NameTable table(kServices);
  return table;
}

}  // namespace xdpgate
