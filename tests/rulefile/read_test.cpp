// SPDX-License-Identifier: GPL-2.0-only
// Text to tree, with the place of every value; and what is no YAML, or YAML
// that policies have no use for, with the place and the way out.
#include "rulefile/read.h"

#include <gtest/gtest.h>

#include "tests/rulefile/tree_text.h"
#include "tests/support/case_file.h"

namespace xdpgate::test {
namespace {

class ReadYaml : public testing::TestWithParam<FileCase> {};

TEST_P(ReadYaml, Says) {
  EXPECT_EQ(read_text(GetParam().input), GetParam().expect);
}

auto cases(const std::string& file) {
  return testing::ValuesIn(read_cases("rulefile/cases/" + file));
}
std::string name_of(const testing::TestParamInfo<FileCase>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Tree, ReadYaml, cases("trees.txt"), name_of);
INSTANTIATE_TEST_SUITE_P(Error, ReadYaml, cases("errors.txt"), name_of);

// ---- what does not fit in a file of cases ----

TEST(ReadYaml, EmptyFile) { EXPECT_EQ(read_text(""), "0:0 nothing\n"); }

TEST(ReadYaml, ByteOrderMarkIsNoText) {
  EXPECT_EQ(read_text("\xef\xbb\xbf"
                      "a: b\n"),
            "1:1 map\n  1:1 `a`:\n    1:4 `b`\n");
}

TEST(ReadYaml, KeepsTheSourceByteForByte) {
  const std::string text = "\xef\xbb\xbf# x\r\na: b  \r\n\r\n";
  Diagnostics diagnostics;
  const auto file = read_rule_file(text, "p.yaml", diagnostics);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->source(), text);
}

TEST(ReadYaml, LineEndsOfAnySystemCount) {
  const std::string tree =
      "1:1 map\n  1:1 `a`:\n    1:4 `b`\n  2:1 `c`:\n    3:3 list\n"
      "      3:5 `d`\n";
  EXPECT_EQ(read_text("a: b\nc:\n  - d\n"), tree);
  EXPECT_EQ(read_text("a: b\r\nc:\r\n  - d\r\n"), tree);
  EXPECT_EQ(read_text("a: b\nc:\n  - d"), tree);  // and none at the end
}

struct BytesCase {
  std::string name;
  std::string bytes;
  std::string says;
};

class BadBytes : public testing::TestWithParam<BytesCase> {};

TEST_P(BadBytes, AreRefusedWithTheirPlace) {
  EXPECT_EQ(read_text(GetParam().bytes),
            GetParam().says + "\n  hint: a policy is UTF-8 text\n");
}

INSTANTIATE_TEST_SUITE_P(
    Encoding, BadBytes,
    testing::Values(
        BytesCase{"nul", std::string("version: 1\nna\0me: x\n", 20),
                  "p.yaml:2:3: error: byte 0x00 is a control character"},
        BytesCase{"end_of_transmission", "a: b\n\x04",
                  "p.yaml:2:1: error: byte 0x04 is a control character"},
        BytesCase{"escape", "a: \x1b[31m\n",
                  "p.yaml:1:4: error: byte 0x1b is a control character"},
        BytesCase{"delete", "a: \x7f\n",
                  "p.yaml:1:4: error: byte 0x7f is a control character"},
        BytesCase{"latin_1", "a: caf\xe9\n",
                  "p.yaml:1:7: error: byte 0xe9 is not UTF-8"},
        BytesCase{"overlong", "a: \xc0\xaf\n",
                  "p.yaml:1:4: error: byte 0xc0 is not UTF-8"},
        BytesCase{"surrogate", "a: \xed\xa0\x80\n",
                  "p.yaml:1:4: error: byte 0xed is not UTF-8"},
        BytesCase{"in_a_comment", "a: b # caf\xe9\n",
                  "p.yaml:1:11: error: byte 0xe9 is not UTF-8"},
        BytesCase{"cut_character", "a: \xe2\x82",
                  "p.yaml:1:4: error: byte 0xe2 is not UTF-8"},
        BytesCase{"utf16_little",
                  std::string("\xff\xfe"
                              "a\0:\0",
                              6),
                  "p.yaml:1:1: error: byte 0xff is not UTF-8"},
        BytesCase{"utf16_big", std::string("\xfe\xff\0a\0:", 6),
                  "p.yaml:1:1: error: byte 0xfe is not UTF-8"},
        BytesCase{"utf16_without_mark", std::string("a\0:\0", 4),
                  "p.yaml:1:2: error: byte 0x00 is a control character"},
        BytesCase{"utf32", std::string("\0\0\xfe\xff\0\0\0a", 8),
                  "p.yaml:1:1: error: byte 0x00 is a control character"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace xdpgate::test
