// SPDX-License-Identifier: GPL-2.0-only
#include "metrics/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/fd.h"
#include "policy/names_address.h"

namespace xdpgate {
namespace {

constexpr const char* kForm = "ADDRESS:PORT is written `127.0.0.1:10470`";

std::unexpected<Complaint> no_listen_address(std::string_view text) {
  return complaint(in_quotes(text) + " is no address with a port", kForm);
}

// Without the brackets that part an IPv6 address from the port.
std::string_view without_brackets(std::string_view text) {
  const bool has = text.size() > 2 && text.front() == '[' && text.back() == ']';
  return has ? text.substr(1, text.size() - 2) : text;
}

const char* hint_for(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another program listens there (`ss -ltnp` shows which); choose "
             "another port with --listen";
    case EADDRNOTAVAIL:
      return "`ip address` shows the addresses of this host";
    case EACCES:
      return "ports below 1024 are root's";
  }
  return "";
}

}  // namespace

Parsed<ListenAddress> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return no_listen_address(text);
  const std::string_view host = text.substr(0, colon);
  const NumberText port = read_number(text.substr(colon + 1));
  if (port.form != NumberForm::kDecimal || port.value > 65535) {
    return complaint(
        in_quotes(text.substr(colon + 1)) + " is no port: 0 to 65535", kForm);
  }
  auto address = parse_address(without_brackets(host));
  if (!address) return no_listen_address(text);
  const bool bare_ipv6 =
      address->family == Family::kIpv6 && !host.starts_with('[');
  const bool bracketed_ipv4 =
      address->family == Family::kIpv4 && host.starts_with('[');
  if (bare_ipv6 || bracketed_ipv4) return no_listen_address(text);
  return ListenAddress{*address, static_cast<std::uint16_t>(port.value)};
}

std::string to_text(const ListenAddress& listen) {
  const std::string address = to_text(listen.address);
  return listen.address.family == Family::kIpv6
             ? fmt::format("[{}]:{}", address, listen.port)
             : fmt::format("{}:{}", address, listen.port);
}

Result<void> can_listen(const ListenAddress& listen) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_in);
  const std::string address = to_text(listen.address);
  if (listen.address.family == Family::kIpv4) {
    auto* in = reinterpret_cast<sockaddr_in*>(&storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(listen.port);
    ::inet_pton(AF_INET, address.c_str(), &in->sin_addr);
  } else {
    auto* in = reinterpret_cast<sockaddr_in6*>(&storage);
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(listen.port);
    ::inet_pton(AF_INET6, address.c_str(), &in->sin6_addr);
    size = sizeof(sockaddr_in6);
  }
  const Fd fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (fd &&
      ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
      ::bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) == 0) {
    return {};
  }
  const int error = errno;
  return failure(
      system_error("listen on", to_text(listen), error, hint_for(error)));
}

}  // namespace xdpgate
