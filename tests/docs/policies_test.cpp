// SPDX-License-Identifier: GPL-2.0-only
// Every policy in our documents is sound, and every key and name of the
// language stands in docs/policy.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "policy/check_match.h"
#include "policy/decision.h"
#include "policy/load.h"
#include "policy/names.h"
#include "tests/support/markdown_blocks.h"
#include "tests/support/markdown_table.h"

namespace xdpgate::test {
namespace {

constexpr const char* kLanguage = "docs/policy.md";
// Set files are looked up from here.
constexpr const char* kPlace = XG_SOURCE_DIR "/rules/example.yaml";

// The findings on `text` as a policy; empty where it is sound.
std::string findings(const std::string& text) {
  Diagnostics diagnostics;
  const auto policy = parse_policy(text, kPlace, diagnostics);
  std::string all;
  for (const Diagnostic& d : diagnostics.sorted()) all += d.text() + "\n";
  return policy || !all.empty() ? all : "no policy, and no reason";
}

// A whole policy out of a part of one: rules, or sections without a version.
std::string completed(const std::string& part) {
  if (part.find("version:") != std::string::npos) return part;
  return (part.starts_with("- ") ? "version: 1\nrules:\n" : "version: 1\n") +
         part;
}

TEST(DocumentedPolicies, AreSound) {
  int policies = 0;
  for (const char* path : {kLanguage, "README.md", "docs/commands.md"}) {
    for (const Block& block : blocks_of(path)) {
      if (block.kind != "yaml") continue;
      EXPECT_EQ(findings(completed(block.text)), "")
          << path << ":" << block.line;
      ++policies;
    }
  }
  EXPECT_GE(policies, 10);
}

// key | values | field | example
std::vector<TableRow> key_rows() {
  std::vector<TableRow> rows;
  for (const MatchKey& key : match_keys()) {
    for (TableRow& row : table_rows(kLanguage, key.name)) {
      if (row[0] == key.name && row.size() == 4) rows.push_back(row);
    }
  }
  return rows;
}

TEST(DocumentedKeys, AreAllThereOnceInTheirOrder) {
  const auto rows = key_rows();
  ASSERT_EQ(rows.size(), match_keys().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i][0], match_keys()[i].name);
  }
}

TEST(DocumentedKeys, HaveExamplesThatWork) {
  for (const TableRow& row : key_rows()) {
    EXPECT_NE(row[3].find(row[0] + ": "), std::string::npos) << row[3];
    EXPECT_EQ(findings(fmt::format(
                  "version: 1\nrules:\n  - name: x\n    action: drop\n"
                  "    match: {{{}}}\n",
                  row[3])),
              "")
        << row[3];
  }
}

TEST(DocumentedClasses, AreAllThere) {
  for (int c = XG_CLASS_OK + 1; c < XG_CLASSES; ++c) {
    const std::string name = class_name(static_cast<xg_class>(c));
    EXPECT_EQ(table_rows(kLanguage, name).size(), 1u) << name;
  }
}

// The text from the line "### TITLE" to the next title.
std::string section(const std::string& title) {
  std::istringstream text(read_source(kLanguage));
  std::string body;
  bool inside = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("#")) {
      inside = line == "### " + title;
    } else if (inside) {
      body += line + " ";
    }
  }
  return body;
}

void expect_names(const std::string& title, const NameTable& table,
                  bool hex = false) {
  const std::string body = section(title);
  EXPECT_FALSE(table.names().empty());
  for (const std::string_view name : table.names()) {
    const std::uint32_t number = table.number(name).value();
    const std::string row = hex ? fmt::format("`{}` {:#06x}", name, number)
                                : fmt::format("`{}` {}", name, number);
    EXPECT_TRUE(body.find(row + ",") != std::string::npos ||
                body.find(row + ".") != std::string::npos)
        << title << ": " << row;
  }
}

TEST(DocumentedNames, AreAllThere) {
  expect_names("Ethertypes", ethertype_names(), true);
  expect_names("Protocols", protocol_names());
  expect_names("Services", service_names());
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    expect_names("ICMP types", icmp_type_names(family));
    expect_names("ICMP codes", icmp_code_names(family));
  }
  expect_names("DSCP and ECN", dscp_names());
  expect_names("DSCP and ECN", ecn_names());
}

}  // namespace
}  // namespace xdpgate::test
