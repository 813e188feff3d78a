// SPDX-License-Identifier: GPL-2.0-only
// The least of an HTTP client, for servers on 127.0.0.1.
#pragma once

#include <cstdint>
#include <string>

namespace xdpgate::test {

struct HttpAnswer {
  int status = 0;  ///< 0: nobody answers
  std::string body;
};

/// GET of `path`, as it is written.
[[nodiscard]] HttpAnswer http_get(std::uint16_t port, const std::string& path);

/// `text` with all but letters and digits escaped.
[[nodiscard]] std::string url_encoded(const std::string& text);

}  // namespace xdpgate::test
