// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/http.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cctype>
#include <cstdlib>

#include "base/fd.h"

namespace xdpgate::test {

HttpAnswer http_get(std::uint16_t port, const std::string& path) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) {
    return {};
  }
  const std::string request =
      fmt::format("GET {} HTTP/1.0\r\nHost: localhost\r\n\r\n", path);
  if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return {};
  }
  std::string answer;
  char buffer[4096];
  for (ssize_t got; (got = ::read(fd.get(), buffer, sizeof(buffer))) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  const auto space = answer.find(' ');
  const auto body = answer.find("\r\n\r\n");
  if (space == std::string::npos || body == std::string::npos) return {};
  return {std::atoi(answer.c_str() + space), answer.substr(body + 4)};
}

std::string url_encoded(const std::string& text) {
  std::string result;
  for (const unsigned char c : text) {
    result += std::isalnum(c) ? std::string(1, static_cast<char>(c))
                              : fmt::format("%{:02X}", c);
  }
  return result;
}

}  // namespace xdpgate::test
