// SPDX-License-Identifier: GPL-2.0-only
// The lines of `top`, at every size, and what keys do to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/top/samples.h"
#include "top/keys.h"
#include "top/screen.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string text_of(const std::vector<ScreenLine>& lines) {
  std::string text;
  for (const ScreenLine& line : lines) {
    text += line.text.substr(0, line.text.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

TopModel busy_model() {
  const auto counted = names({"ssh-from-office", "drop-listed"});
  TopModel model;
  model.update(sample_of(0, counted, {10, 1000, 0}));
  model.update(sample_of(2, counted, {12, 2464000, 2}));
  return model;
}

TEST(ShortNumber, HasFiveCharactersAtMost) {
  struct Row {
    double value;
    const char* text;
  };
  for (const Row& row :
       {Row{0, "0"}, Row{0.5, "0.5"}, Row{3, "3"}, Row{9.94, "9.9"},
        Row{9.96, "10"}, Row{42.4, "42"}, Row{999.4, "999"},
        Row{999.6, "1.00k"}, Row{1234, "1.23k"}, Row{9996, "10.0k"},
        Row{45600, "45.6k"}, Row{99960, "100k"}, Row{999600, "1.00M"},
        Row{1.5e9, "1.50G"}, Row{2e19, "20.0E"}}) {
    EXPECT_EQ(short_number(row.value), row.text);
  }
  for (double value = 0.01; value < 1e18; value *= 1.07) {
    EXPECT_LE(short_number(value).size(), 5u) << value;
  }
}

TEST(Screen, OfTheUsualSizeShowsAll) {
  TopModel model = busy_model();
  model.set_page(page_of({80, 24}));
  const auto lines = screen_of(model, {}, {80, 24});
  ASSERT_EQ(lines.size(), 24u);
  EXPECT_EQ(
      text_of({lines.begin(), lines.begin() + 8}),
      "edge  generation 3  2 rules\n"
      "eth0 (native)\n"
      "1.23M packets/s  985M bits/s  pass 100.0%\n"
      "by packets/s  rows 1-3 of 3  every 1 s\n"
      "RULE                                 PKT/S  BIT/S  SHARE   ACTION "
      "PACKETS  BYTES\n"
      "drop-listed                          1.23M   985M 100.0%     pass   "
      "2.46M   246M\n"
      "ssh-from-office                          1    800   0.0%     pass      "
      "12  1.20k\n"
      "(default)                                1    800   0.0%     pass       "
      "2    200\n");
  EXPECT_EQ(lines.back().text.size(), 80u);
  EXPECT_THAT(lines.back().text, StartsWith("q quit  / filter"));
}

// No line is longer than the screen, no screen has more lines than it has.
TEST(Screen, FitsEverySize) {
  TopModel model = busy_model();
  for (std::size_t columns = 1; columns <= 200; ++columns) {
    for (std::size_t height : {1u, 3u, 4u, 5u, 9u, 10u, 24u, 60u}) {
      const ScreenSize size{columns, height};
      model.set_page(page_of(size));
      for (const bool help : {false, true}) {
        ScreenState state;
        state.help = help;
        const auto lines = screen_of(model, state, size);
        ASSERT_LE(lines.size(), height);
        for (const ScreenLine& line : lines) {
          ASSERT_LE(line.text.size(), columns) << line.text;
        }
      }
    }
  }
}

TEST(Screen, NarrowKeepsNamesAndRates) {
  TopModel model = busy_model();
  model.set_page(page_of({30, 8}));
  const auto lines = screen_of(model, {}, {30, 8});
  EXPECT_EQ(text_of({lines.begin() + 1, lines.begin() + 4}),
            "RULE              PKT/S  BIT/S\n"
            "drop-listed       1.23M   985M\n"
            "ssh-from-office       1    800\n");
}

TEST(Screen, CutsLongNamesWithAMark) {
  TopModel model;
  model.update(sample_of(0, names({std::string(63, 'n')}), {1, 0}));
  model.sort_by(SortKey::kPolicy);
  model.set_page(page_of({80, 24}));
  EXPECT_THAT(screen_of(model, {}, {80, 24})[5].text,
              HasSubstr(std::string(34, 'n') + "~      -"));
}

TEST(Screen, ShowsWhatIsBeyondLimitsWhereThereAreSome) {
  auto counted = *names({"dns"});
  counted.has_limits = true;
  const auto shared = std::make_shared<const CountedNames>(counted);
  TopModel model;
  model.update(sample_of(0, shared, {0, 0}));
  Sample next = sample_of(1, shared, {50, 0});
  next.over[0].packets = 20;
  model.update(next);
  model.set_page(page_of({80, 24}));
  const auto lines = screen_of(model, {}, {80, 24});
  EXPECT_THAT(lines[4].text, HasSubstr("SHARE OVER/S"));
  EXPECT_THAT(lines[5].text, HasSubstr("100.0%     20"));
}

TEST(Screen, ShowsTheMessageOfAFailure) {
  TopModel model = busy_model();
  model.fail("find a running filter: there is none");
  EXPECT_EQ(screen_of(model, {}, {80, 24})[3].text,
            "find a running filter: there is none");
}

// A hundred thousand rules cost what is on the screen.
TEST(Screen, LooksAtVisibleRowsOnly) {
  std::vector<std::string> many;
  for (int i = 0; i < 100'000; ++i) many.push_back("r" + std::to_string(i));
  TopModel model;
  model.set_page(page_of({80, 24}));
  model.update(
      sample_of(0, names(many), std::vector<std::uint64_t>(100'001)));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    model.scroll_by(50);
    ASSERT_EQ(screen_of(model, {}, {80, 24}).size(), 24u);
  }
  const std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - start;
  EXPECT_LT(spent.count(), 60);  // a millisecond each would be a tenth of it
  EXPECT_EQ(model.first(), 50'000u);
}

class Keys : public testing::Test {
 protected:
  bool press_all(const std::string& keys) {
    for (const char key : keys) {
      if (press(key, model_, state_)) return true;
    }
    return false;
  }
  TopModel model_ = busy_model();
  ScreenState state_;
};

TEST_F(Keys, QuitAlsoFromHelpButNotFromAFilter) {
  EXPECT_TRUE(press_all("q"));
  EXPECT_TRUE(press_all("hq"));
  state_.help = false;
  EXPECT_FALSE(press_all("/q"));
  EXPECT_EQ(model_.filter(), "q");
}

TEST_F(Keys, TypeAFilterThatWorksAtOnce) {
  EXPECT_FALSE(press_all("/sshx"));
  EXPECT_EQ(model_.shown(), 0u);
  EXPECT_THAT(text_of(screen_of(model_, state_, {80, 24})),
              HasSubstr("filter: sshx_"));
  (void)press(kKeyBackspace, model_, state_);
  EXPECT_EQ(model_.shown(), 1u);
  (void)press(kKeyEnter, model_, state_);
  EXPECT_FALSE(state_.typing);
  EXPECT_THAT(text_of(screen_of(model_, state_, {80, 24})),
              HasSubstr("by packets/s  filter: ssh  rows 1-1 of 1"));
  (void)press(kKeyEscape, model_, state_);
  EXPECT_EQ(model_.shown(), 3u);
}

TEST_F(Keys, SortReverseHideAndChangeTheUnit) {
  press_all("n");
  EXPECT_EQ(model_.sort_key(), SortKey::kName);
  press_all("r");
  EXPECT_TRUE(model_.is_reversed());
  press_all("s");
  EXPECT_EQ(model_.sort_key(), SortKey::kPolicy);
  EXPECT_FALSE(model_.is_reversed());
  press_all("<<");
  EXPECT_EQ(model_.sort_key(), SortKey::kTotal);
  press_all("i");
  EXPECT_TRUE(model_.hides_idle());
  press_all("u ");
  EXPECT_TRUE(state_.paused);
  EXPECT_THAT(text_of(screen_of(model_, state_, {80, 24})),
              testing::AllOf(HasSubstr("BYTE/S"), HasSubstr("PAUSED"),
                             HasSubstr("123M bytes/s"), Not(HasSubstr("BIT"))));
}

TEST_F(Keys, Scroll) {
  model_.set_page(1);
  press_all("j");
  EXPECT_EQ(model_.first(), 1u);
  for (const int key : {+kKeyDown, +kKeyDown, +kKeyDown}) {
    (void)press(key, model_, state_);
  }
  EXPECT_EQ(model_.first(), 2u);
  press_all("k");
  EXPECT_EQ(model_.first(), 1u);
  press_all("G");
  EXPECT_EQ(model_.first(), 2u);
  (void)press(kKeyPageUp, model_, state_);
  EXPECT_EQ(model_.first(), 1u);
  press_all("g");
  EXPECT_EQ(model_.first(), 0u);
}

TEST_F(Keys, HelpEndsWithAnyKey) {
  press_all("?");
  EXPECT_THAT(text_of(screen_of(model_, state_, {80, 24})),
              HasSubstr("this help; any key ends it"));
  press_all("n");
  EXPECT_FALSE(state_.help);
  EXPECT_EQ(model_.sort_key(), SortKey::kPackets);
}

TEST_F(Keys, WithoutMeaningDoNothing) {
  const std::string before = text_of(screen_of(model_, state_, {80, 24}));
  for (const int key : {int{'x'}, 0, 3, 200, 0x2000, +kKeyEnter}) {
    EXPECT_FALSE(press(key, model_, state_));
  }
  EXPECT_EQ(text_of(screen_of(model_, state_, {80, 24})), before);
}

}  // namespace
}  // namespace xdpgate::test
