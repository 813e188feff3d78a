// SPDX-License-Identifier: GPL-2.0-only
#include "metrics/listen_address.h"

#include <gtest/gtest.h>

namespace xdpgate::test {
namespace {

TEST(ListenAddress, ReadsBackAsItIsWritten) {
  for (const char* text :
       {"127.0.0.1:10470", "0.0.0.0:0", "[::1]:65535", "[2001:db8::1]:80"}) {
    const auto listen = parse_listen_address(text);
    ASSERT_TRUE(listen) << text;
    EXPECT_EQ(to_text(*listen), text);
  }
}

TEST(ListenAddress, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "10470", ":10470", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:http", "127.0.0.1:0x50", "127.0.0.1:080", "::1:80", "[::1]",
        "[127.0.0.1]:80", "localhost:80", "127.0.0.1/8:80", "127.0.0.1:80 "}) {
    EXPECT_FALSE(parse_listen_address(text)) << text;
  }
}

}  // namespace
}  // namespace xdpgate::test
