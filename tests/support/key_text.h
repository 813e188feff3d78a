// SPDX-License-Identifier: GPL-2.0-only
// A lookup key in words, so that a test can say what a reader should find.
#pragma once

#include <xdpgate/abi.h>

#include <string>

namespace xdpgate::test {

/// The class, then every field that the packet has, then where things lie:
/// "ok eth=0800 v4 192.0.2.1>198.51.100.2 ttl=64 tos=0 len=40 proto=6
/// ports=1000>22 tcp=002 | ip=14 l4=34 data=54 end=54". Fields that the key
/// holds without their flag are shown as "stray-...": there should be none.
[[nodiscard]] std::string key_text(const xg_key& key);

}  // namespace xdpgate::test
