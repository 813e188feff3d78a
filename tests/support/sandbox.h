// SPDX-License-Identifier: GPL-2.0-only
// A place of its own for a test that attaches, pins and sends: a network
// namespace, a BPF file system and a scratch directory that nobody else sees,
// and that the kernel takes back with the process, however it ends.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace xdpgate::test {

/// Moves the calling process to new namespaces: its own network (loopback up,
/// IPv6 off, so that nobody sends but the test), its own /sys/fs/bpf, and an
/// empty file system at scratch(). Throws where that is not allowed.
void enter_sandbox();
/// Whether this process may.
[[nodiscard]] bool may_enter_sandbox();

[[nodiscard]] std::filesystem::path scratch();
/// Writes a file there and returns its path.
std::string write_file(const std::string& name, const std::string& text);

/// `ip WORDS...` in the sandbox; a failure is the test's.
void ip(const std::vector<std::string>& words);
/// Two joined Ethernet interfaces, both up, no addresses.
void add_veth(const std::string& one, const std::string& other);

/// What /proc/net/dev says an interface has not sent.
[[nodiscard]] std::uint64_t send_drops(const std::string& interface);

/// Every path below `directory`, relative to it, sorted.
[[nodiscard]] std::vector<std::string> tree(const std::string& directory);

/// /sys/fs/bpf/xdpgate/INSTANCE, dots as they are pinned.
[[nodiscard]] std::string pins_of(const std::string& instance);

}  // namespace xdpgate::test
