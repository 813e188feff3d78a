// SPDX-License-Identifier: GPL-2.0-only
#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace xdpgate {
namespace {

using Words = std::vector<std::string_view>;

TEST(ReadNumber, KnowsItsForms) {
  struct Case {
    std::string_view text;
    NumberForm form;
    std::uint64_t value;
  };
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  for (const Case& c :
       std::vector<Case>{{"0", NumberForm::kDecimal, 0},
                         {"65535", NumberForm::kDecimal, 65535},
                         {"18446744073709551615", NumberForm::kDecimal, kMost},
                         {"18446744073709551616", NumberForm::kDecimal, kMost},
                         {"0x0", NumberForm::kHex, 0},
                         {"0xFf", NumberForm::kHex, 255},
                         {"0X10", NumberForm::kHex, 16},
                         {"0xffffffffffffffffff", NumberForm::kHex, kMost},
                         {"010", NumberForm::kLeadingZero, 10},
                         {"08", NumberForm::kLeadingZero, 8},
                         {"00", NumberForm::kLeadingZero, 0}}) {
    EXPECT_EQ(read_number(c.text).form, c.form) << c.text;
    EXPECT_EQ(read_number(c.text).value, c.value) << c.text;
  }
}

TEST(ReadNumber, TakesNothingElse) {
  for (std::string_view text :
       {"", " 1", "1 ", "+1", "-1", "1.0", "1e3", "0x", "x1", "0xg", "1_000",
        "1,000", "443x", "0b1", "0o7", "ten"}) {
    EXPECT_EQ(read_number(text).form, NumberForm::kNone) << text;
  }
}

TEST(InQuotes, ShowsWhatATerminalMayPrint) {
  EXPECT_EQ(in_quotes("src"), "`src`");
  EXPECT_EQ(in_quotes(""), "\"\"");
  EXPECT_EQ(in_quotes("Straße €"), "`Straße €`");
  EXPECT_EQ(in_quotes("a\tb\x1b[31m"), "`a\\x09b\\x1b[31m`");
  EXPECT_EQ(in_quotes(std::string_view("\0\x7f", 2)), "`\\x00\\x7f`");
  EXPECT_EQ(in_quotes("\xff\xc3("), "`\\xff\\xc3(`");
  EXPECT_EQ(in_quotes("\xc2\x9b"), "`\\xc2\\x9b`");  // CSI
  EXPECT_EQ(in_quotes("\xc2"), "`\\xc2`");
}

TEST(InQuotes, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(in_quotes(std::string(60, 'x')), "`" + std::string(60, 'x') + "`");
  EXPECT_EQ(in_quotes(std::string(61, 'x')),
            "`" + std::string(60, 'x') + "...`");
  const std::string euros = "€€€€€€€€€€€€€€€€€€€€€";  // 21 of 3 bytes
  EXPECT_EQ(in_quotes("x" + euros), "`x" + euros.substr(0, 60) + "...`");
}

TEST(QuotedWords, AreListed) {
  EXPECT_EQ(quoted_words(Words{}), "");
  EXPECT_EQ(quoted_words(Words{"a"}), "`a`");
  EXPECT_EQ(quoted_words(Words{"a", "b"}), "`a`, `b`");
}

TEST(NearestWord, IsTheOneMeant) {
  struct Case {
    std::string_view word;
    std::string_view meant;  ///< empty: none
  };
  const Words words = {"src",       "dst", "src_port",  "dst_port", "protocol",
                       "interface", "ttl", "tcp_flags", "ipv4",     "ipv6"};
  for (const Case& c : std::vector<Case>{{"src", "src"},
                                         {"scr", "src"},
                                         {"SRC", "src"},
                                         {"srcport", "src_port"},
                                         {"dst-port", "dst_port"},
                                         {"protocl", "protocol"},
                                         {"proto", "protocol"},
                                         {"protocols", "protocol"},
                                         {"interfaces", "interface"},
                                         {"int", "interface"},
                                         {"tcpflags", "tcp_flags"},
                                         {"tt", "ttl"},
                                         {"ipv", "ipv4"},
                                         {"ipv5", "ipv4"},
                                         {"IPv6", "ipv6"},
                                         {"x", ""},
                                         {"frobnicate", ""},
                                         {"port", ""},
                                         {"", ""}}) {
    EXPECT_EQ(nearest_word(c.word, words).value_or(""), c.meant) << c.word;
  }
}

TEST(NearestWord, LooksAtNoLongText) {
  const std::string word(1'000'000, 'a');
  EXPECT_EQ(nearest_word(word, Words{word}), std::nullopt);
}

TEST(NearestHint, AsksOrIsEmpty) {
  EXPECT_EQ(nearest_hint("pas", Words{"pass", "drop"}), "did you mean `pass`?");
  EXPECT_EQ(nearest_hint("x", Words{"pass", "drop"}), "");
}

TEST(ShapeHint, SaysHowToWriteIt) {
  EXPECT_EQ(shape_hint("80,443"), "a list is written `[A, B]`");
  EXPECT_EQ(shape_hint("80 443"), "a list is written `[A, B]`");
  EXPECT_EQ(shape_hint("80:90"), "a range is two numbers: `A-B`");
  EXPECT_EQ(shape_hint("80-"), "a range is two numbers: `A-B`");
  EXPECT_EQ(shape_hint("80 - 90"), "a range is written without blanks: `A-B`");
  EXPECT_EQ(shape_hint("!80"), "negation is written `{not: VALUE}`");
  EXPECT_EQ(shape_hint("any"), "leave the key out to match everything");
  EXPECT_EQ(shape_hint("@web"), "a set cannot stand here");
  for (std::string_view text : {"", "80", "htps", "-80", "a-b", "anything"}) {
    EXPECT_EQ(shape_hint(text), "") << text;
  }
}

TEST(Utf8Size, KnowsWhatIsACharacter) {
  EXPECT_EQ(utf8_size("a"), 1u);
  EXPECT_EQ(utf8_size("ß"), 2u);
  EXPECT_EQ(utf8_size("€x"), 3u);
  EXPECT_EQ(utf8_size("\U0001f600"), 4u);
  EXPECT_EQ(utf8_size("\xf4\x8f\xbf\xbf"), 4u);  // U+10FFFF
  for (std::string_view text :
       {"", "\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80",
        "\xed\xa0\x80", "\xe2\x82", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(utf8_size(text), 0u) << testing::PrintToString(text);
  }
}

TEST(IsWord, TakesLettersDigitsAndSome) {
  EXPECT_TRUE(is_word("ssh-from_office.1:2", "_.:-", 63));
  EXPECT_TRUE(is_word(std::string(63, 'a'), "", 63));
  EXPECT_FALSE(is_word(std::string(64, 'a'), "", 63));
  for (std::string_view text : {"", "a b", "a/b", "ä", "a\n", "\"a\""}) {
    EXPECT_FALSE(is_word(text, "_.:-", 63)) << text;
  }
}

TEST(Trimmed, LeavesWhatIsInside) {
  EXPECT_EQ(trimmed(" \ta b\r "), "a b");
  EXPECT_EQ(trimmed(" \t\r"), "");
  EXPECT_EQ(trimmed(""), "");
}

}  // namespace
}  // namespace xdpgate
