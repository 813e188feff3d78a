// SPDX-License-Identifier: GPL-2.0-only
// pcaps/: the committed files are what their generator writes and what
// pcaps/README.md says of them.
#include "pcaps/generate/captures.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "policy/names_address.h"
#include "policy/packet.h"
#include "policy/set_file.h"
#include "tests/support/markdown_table.h"
#include "tests/support/replay_counts.h"

namespace xdpgate::test {
namespace {

constexpr const char* kReadme = "pcaps/README.md";
constexpr std::size_t kMaxBytes = 200'000;

std::set<std::string> committed_captures() {
  std::set<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(XG_SOURCE_DIR "/pcaps")) {
    if (entry.path().extension().string().starts_with(".pcap")) {
      names.insert(entry.path().filename().string());
    }
  }
  return names;
}

std::vector<TableRow> documented_captures() {
  auto rows = table_rows(kReadme, ".pcap");
  for (auto& row : table_rows(kReadme, ".pcapng")) rows.push_back(row);
  return rows;
}

TEST(Captures, AreWhatTheGeneratorWrites) {
  std::set<std::string> generated;
  for (const auto& file : pcaps::capture_files()) {
    const std::string committed = read_source("pcaps/" + file.name);
    const std::string expected(file.bytes.begin(), file.bytes.end());
    EXPECT_TRUE(committed == expected)
        << file.name << " differs: run build/pcaps/xg_pcaps";
    EXPECT_LT(file.bytes.size(), kMaxBytes) << file.name;
    generated.insert(file.name);
  }
  EXPECT_EQ(generated, committed_captures());
}

TEST(Captures, AreTheSameOnEveryRun) {
  const auto once = pcaps::capture_files();
  const auto again = pcaps::capture_files();
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    EXPECT_EQ(once[i].bytes, again[i].bytes) << once[i].name;
  }
}

// Counts malformed packets by their class, and has no rules.
Policy no_rules() {
  Policy policy;
  policy.name = "none";
  policy.source = "version: 1\n";
  return policy;
}

// "28 | 1905 | default 2, ...", as the document says it.
std::string documented(const TableRow& row) {
  return fmt::format("{} | {} | {}", row.at(1), row.at(2), row.at(4));
}

std::string found(const std::string& capture) {
  const auto frames = frames_of("pcaps/" + capture);
  std::size_t bytes = 0;
  for (const Frame& frame : frames) bytes += frame.bytes.size();
  std::string classes =
      replay(no_rules(), frames, "", EngineChoice::kNative).counters;
  if (classes.starts_with("default")) {
    const auto comma = classes.find(", ");
    classes = comma == std::string::npos ? "" : classes.substr(comma + 2);
  }
  return fmt::format("{} | {} | {}", frames.size(), bytes, classes);
}

TEST(Captures, AreAsDocumented) {
  std::set<std::string> names;
  for (const TableRow& row : documented_captures()) {
    ASSERT_EQ(row.size(), 5u) << row.at(0);
    EXPECT_EQ(documented(row), found(row[0])) << row[0];
    names.insert(row[0]);
  }
  EXPECT_EQ(names, committed_captures());
}

// The ranges for documentation (RFC 5737, RFC 3849), and what the protocols of
// a link need beside them; one loopback address plays the martian.
AddressSet harmless_addresses() {
  AddressElements elements;
  for (const char* text :
       {"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32",
        "224.0.0.0/4", "255.255.255.255", "0.0.0.0", "127.0.0.1", "fe80::/10",
        "ff00::/8", "::"}) {
    elements.add(parse_address_range(text).value());
  }
  return elements.take();
}

bool holds(const AddressSet& set, const Address& address) {
  return address.family == Family::kIpv6
             ? set.v6.contains(address.value)
             : set.v4.contains(static_cast<std::uint32_t>(address.value));
}

TEST(Captures, HoldNobodysAddress) {
  const AddressSet harmless = harmless_addresses();
  std::size_t addresses = 0;
  for (const std::string& capture : committed_captures()) {
    for (const Frame& frame : frames_of("pcaps/" + capture)) {
      const Packet packet = dissect(frame.bytes, "");
      for (const auto& address : {packet.src, packet.dst}) {
        if (!address) continue;
        EXPECT_TRUE(holds(harmless, *address))
            << to_text(*address) << " in " << capture << ":" << frame.number;
        ++addresses;
      }
    }
  }
  EXPECT_GT(addresses, 2'000u);
}

}  // namespace
}  // namespace xdpgate::test
