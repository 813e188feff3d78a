// SPDX-License-Identifier: GPL-2.0-only
// Set files: the formats that public blocklists come in, mistakes with their
// place in the set file, and a million lines.
#include "policy/set_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "policy/load.h"
#include "tests/policy/checked.h"
#include "tests/support/case_file.h"
#include "tests/support/temp_dir.h"

namespace xdpgate::test {
namespace {

std::string policy_with(const std::string& type, const std::string& key) {
  return "version: 1\nsets:\n  s: {type: " + type +
         ", file: feeds/drop.txt}\nrules:\n  - {name: r, match: {" + key +
         ": \"@s\"}, action: drop}\n";
}

Checked check_file(const std::string& text) {
  return check_text(policy_with("address", "src"), {{"feeds/drop.txt", text}});
}

std::string elements(const Policy& policy) {
  std::string text;
  const AddressSet& set = policy.address_sets.at(0).elements;
  for (const auto& [lo, hi] : set.v4.intervals()) {
    text += to_text(AddressRange{Family::kIpv4, lo, hi}) + " ";
  }
  for (const auto& [lo, hi] : set.v6.intervals()) {
    text += to_text(AddressRange{Family::kIpv6, lo, hi}) + " ";
  }
  return text;
}

struct FormatCase {
  std::string name;
  std::string text;
  std::string holds;
};

class SetFileFormat : public testing::TestWithParam<FormatCase> {};

TEST_P(SetFileFormat, IsRead) {
  auto checked = check_file(GetParam().text);
  ASSERT_TRUE(checked.policy) << checked.findings();
  EXPECT_EQ(elements(*checked.policy), GetParam().holds);
}

INSTANTIATE_TEST_SUITE_P(
    Line, SetFileFormat,
    testing::Values(
        FormatCase{"address", "192.0.2.1\n", "192.0.2.1 "},
        FormatCase{"prefix", "192.0.2.0/24\n", "192.0.2.0/24 "},
        FormatCase{"range", "192.0.2.1-192.0.2.9\n", "192.0.2.1-192.0.2.9 "},
        FormatCase{"v6", "2001:db8::/32\n2001:db9::1\n",
                   "2001:db8::/32 2001:db9::1 "},
        FormatCase{"v6_range", "2001:db8::1-2001:db8::3\n",
                   "2001:db8::1-2001:db8::3 "},
        FormatCase{"mixed", "2001:db8::/32\n10.0.0.0/8\n::1\n",
                   "10.0.0.0/8 ::1 2001:db8::/32 "},
        FormatCase{"no_line_end", "192.0.2.1\n192.0.2.3",
                   "192.0.2.1 192.0.2.3 "},
        FormatCase{"crlf", "192.0.2.1\r\n\r\n192.0.2.3\r\n",
                   "192.0.2.1 192.0.2.3 "},
        FormatCase{"byte_order_mark",
                   "\xef\xbb\xbf"
                   "192.0.2.1\n",
                   "192.0.2.1 "},
        FormatCase{"blank_lines", "\n \n\t\n192.0.2.1\n\n", "192.0.2.1 "},
        FormatCase{"blanks_around", "  192.0.2.1\t \n\t192.0.2.3\n",
                   "192.0.2.1 192.0.2.3 "},
        FormatCase{"comment_lines", "# a\n; b\n  # c\n192.0.2.1\n#\n;\n",
                   "192.0.2.1 "},
        FormatCase{"comment_behind",
                   "192.0.2.0/24 ; SBL1\n192.0.3.0/24# x\n192.0.5.1;y\n"
                   "192.0.6.1\t#z # a\n",
                   "192.0.2.0/23 192.0.5.1 192.0.6.1 "},
        FormatCase{"comment_in_latin_1", "# caf\xe9\n192.0.2.1 ; \xff\xfe\n",
                   "192.0.2.1 "},
        FormatCase{"repeated_and_overlapping",
                   "10.0.0.0/8\n10.0.0.0/8\n10.1.2.3\n11.0.0.0/8\n",
                   "10.0.0.0/7 "},
        FormatCase{"everything", "0.0.0.0/0\n::/0\n", "0.0.0.0/0 ::/0 "},
        FormatCase{"empty", "", ""},
        FormatCase{"only_comments", "# nothing today\n", ""}),
    [](const auto& info) { return info.param.name; });

class SetFileError : public testing::TestWithParam<FileCase> {};

TEST_P(SetFileError, Says) {
  auto checked = check_file(GetParam().input);
  EXPECT_FALSE(checked.policy);
  EXPECT_EQ(checked.findings(), GetParam().expect);
}

INSTANTIATE_TEST_SUITE_P(
    Line, SetFileError,
    testing::ValuesIn(read_cases("policy/cases/set_files.txt")),
    [](const auto& info) { return info.param.name; });

// Latin-1 or UTF-16, a picture, a gzip file: one error, not one a line.
TEST(SetFile, ThatIsNoTextIsOneError) {
  const std::string says =
      "error: this is not text; the rest of the file is not read\n"
      "  hint: a set file is UTF-8 text, one element a line\n";
  EXPECT_EQ(check_file(std::string("\xff\xfe"
                                   "1\0.\0",
                                   6))
                .findings(),
            "feeds/drop.txt:1:1: " + says);
  EXPECT_EQ(check_file("10.0.0.1\n\x1f\x8b\x08 x\nfoo\n").findings(),
            "feeds/drop.txt:2:1: " + says);
  EXPECT_EQ(check_file(std::string("10.0.0.1\n1\0002\nfoo\n", 17)).findings(),
            "feeds/drop.txt:2:1: " + says);
}

TEST(SetFile, ErrorsOfThePolicyComeFirst) {
  auto checked = check_text(
      "version: 1\nsets:\n  s: {type: address, file: drop.txt}\nrules:\n"
      "  - {name: r, match: {src: \"@s\"}, action: dorp}\n",
      {{"drop.txt", "x\n"}});
  EXPECT_EQ(checked.findings(),
            "p.yaml:5:43: error: `dorp` is not a value of `action`\n"
            "  hint: did you mean `drop`?\n"
            "drop.txt:1:1: error: `x` is not an IP address\n"
            "  hint: an address is written like 192.0.2.1 or 2001:db8::1\n");
}

TEST(SetFile, WrongLinesAreCountedBehindTheFirstTwenty) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "10.0.0.1\nfoo\n";
  auto checked = check_file(text);
  const auto found = checked.diagnostics.sorted();
  ASSERT_EQ(found.size(), 21u);
  EXPECT_EQ(found[19].at, (Position{40, 1}));
  EXPECT_EQ(found[20].text(),
            "feeds/drop.txt:42:1: error: and 30 more wrong lines");
}

TEST(SetFile, OfPorts) {
  auto checked =
      check_text(policy_with("port", "dst_port"),
                 {{"feeds/drop.txt", "http\r\n443 # tls\n8000-8099\n81\n"}});
  ASSERT_TRUE(checked.policy) << checked.findings();
  EXPECT_EQ(match_text(*checked.policy), "dst_port: [80-81, 443, 8000-8099]");
  checked = check_text(policy_with("port", "dst_port"),
                       {{"feeds/drop.txt", "80\n 65536\nhtps\n90-80\n"}});
  EXPECT_EQ(checked.findings(),
            "feeds/drop.txt:2:2: error: `65536` is out of range for a port\n"
            "  hint: a port is a number 0-65535 or a name\n"
            "feeds/drop.txt:3:1: error: `htps` is not a port\n"
            "  hint: did you mean `https`?\n"
            "feeds/drop.txt:4:1: error: the range `90-80` is empty\n"
            "  hint: write `80-90`\n");
}

TEST(SetFile, AddsToTheElements) {
  auto checked = check_text(
      "version: 1\nsets:\n"
      "  s: {type: address, elements: [10.0.0.1], file: drop.txt}\n"
      "rules: [{name: r, match: {src: \"@s\"}, action: drop}]\n",
      {{"drop.txt", "10.0.0.3\n"}});
  ASSERT_TRUE(checked.policy) << checked.findings();
  EXPECT_EQ(elements(*checked.policy), "10.0.0.1 10.0.0.3 ");
}

// ---- on a disk ----

std::string load(const std::string& path) {
  Diagnostics diagnostics;
  const auto policy = load_policy(path, diagnostics);
  std::string text = policy ? elements(*policy) : "";
  for (const auto& finding : diagnostics.sorted())
    text += finding.text() + "\n";
  return text;
}

TEST(SetFile, IsLookedForBesideThePolicy) {
  const TempDir dir;
  dir.write("conf/feeds/drop.txt", std::string("10.0.0.1\n"));
  const auto path = dir.write("conf/p.yaml", policy_with("address", "src"));
  EXPECT_EQ(load(path), "10.0.0.1 ");
}

TEST(SetFile, MayHaveAnAbsolutePath) {
  const TempDir dir;
  const auto list = dir.write("drop.txt", std::string("10.0.0.1\n"));
  const auto path = dir.write(
      "conf/p.yaml",
      "version: 1\nsets: {s: {type: address, file: " + list +
          "}}\nrules: [{name: r, match: {src: \"@s\"}, action: drop}]\n");
  EXPECT_EQ(load(path), "10.0.0.1 ");
}

TEST(SetFile, ThatCannotBeReadIsAnErrorOfThePolicy) {
  const TempDir dir;
  const auto path = dir.write("p.yaml", policy_with("address", "src"));
  const std::string list = dir.path() + "/feeds/drop.txt";
  EXPECT_EQ(load(path), path + ":3:28: error: cannot read " + list +
                            ": No such file or directory\n");
  std::filesystem::create_directories(list);
  EXPECT_EQ(load(path),
            path + ":3:28: error: cannot read " + list + ": Is a directory\n");
}

TEST(SetFile, OfAMillionPrefixesTakesSeconds) {
  constexpr int kLines = 500'000;  // of each family
  std::string text;
  for (unsigned i = 0; i < kLines; ++i) {
    const unsigned net = i * 2;  // no two of them touch
    text += fmt::format("{}.{}.{}.0/24 ; SBL{}\n2001:db8:{:x}:{:x}::/64\n",
                        net >> 16 & 255, net >> 8 & 255, net & 255, i,
                        net >> 16, net & 0xffff);
  }
  const auto start = std::chrono::steady_clock::now();
  auto checked = check_file(text);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(checked.policy) << checked.findings();
  const AddressSet& set = checked.policy->address_sets[0].elements;
  EXPECT_EQ(set.v4.size(), kLines);
  EXPECT_EQ(set.v6.size(), kLines);
  fmt::print("{} prefixes in {:.2f} s\n", 2 * kLines, took.count());
  EXPECT_LT(took.count(), 10);
}

}  // namespace
}  // namespace xdpgate::test
