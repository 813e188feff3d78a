// SPDX-License-Identifier: GPL-2.0-only
// Rates, order, filter and scrolling of `top`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/top/samples.h"
#include "top/model.h"

namespace xdpgate::test {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

std::vector<std::string> names_of(const TopModel& model) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < model.shown(); ++i) {
    names.emplace_back(model.row(i).name);
  }
  return names;
}

TopRow row_of(const TopModel& model, const std::string& name) {
  for (std::size_t i = 0; i < model.shown(); ++i) {
    if (model.row(i).name == name) return model.row(i);
  }
  ADD_FAILURE() << "no row " << name;
  return {};
}

TEST(TopModel, HasNoRatesBeforeTheSecondSample) {
  TopModel model;
  EXPECT_EQ(model.shown(), 0u);
  model.update(sample_of(0, names({"a", "b"}), {5, 7, 0}));
  EXPECT_FALSE(model.has_rates());
  EXPECT_EQ(row_of(model, "b").packets, 7u);
  EXPECT_EQ(row_of(model, "b").rate.packets, 0);
}

TEST(TopModel, RatesAreThoseOfTheLastInterval) {
  const auto counted = names({"a", "b"});
  TopModel model;
  model.update(sample_of(10, counted, {1000, 0, 0}));
  model.update(sample_of(12, counted, {1010, 30, 0}));
  EXPECT_TRUE(model.has_rates());
  EXPECT_THAT(row_of(model, "a").rate.packets, DoubleEq(5));
  EXPECT_THAT(row_of(model, "b").rate.packets, DoubleEq(15));
  EXPECT_THAT(row_of(model, "b").rate.bytes, DoubleEq(1500));
  EXPECT_THAT(row_of(model, "a").share, DoubleEq(0.25));
  EXPECT_THAT(model.total_rate().packets, DoubleEq(20));
  EXPECT_THAT(model.verdict_shares().at("pass"), DoubleEq(1));
  model.update(sample_of(13, counted, {1010, 31, 0}));
  EXPECT_EQ(row_of(model, "a").rate.packets, 0);
  EXPECT_THAT(row_of(model, "b").rate.packets, DoubleEq(1));
}

// A new policy: rules move, go and come.
TEST(TopModel, RatesFollowNamesThroughASwap) {
  TopModel model;
  model.update(sample_of(0, names({"a", "gone", "b"}), {100, 5, 200, 0}));
  model.update(sample_of(1, names({"b", "new", "a"}), {203, 4, 101, 7}));
  EXPECT_THAT(row_of(model, "a").rate.packets, DoubleEq(1));
  EXPECT_THAT(row_of(model, "b").rate.packets, DoubleEq(3));
  EXPECT_THAT(row_of(model, "new").rate.packets, DoubleEq(4));
  EXPECT_THAT(row_of(model, "(default)").rate.packets, DoubleEq(7));
  EXPECT_THAT(names_of(model),
              ElementsAre("(default)", "new", "b", "a"));
}

// The instance was removed and made anew.
TEST(TopModel, CountsThatBeganAnewAreNoHugeRates) {
  TopModel model;
  model.update(sample_of(0, names({"a"}), {1000000, 0}));
  model.update(sample_of(1, names({"a"}), {3, 0}));
  EXPECT_THAT(row_of(model, "a").rate.packets, DoubleEq(3));
}

TEST(TopModel, SortsByEveryKey) {
  const auto counted = names({"b", "c", "a"});
  TopModel model;
  model.update(sample_of(0, counted, {900, 0, 0, 0}));
  Sample second = sample_of(1, counted, {901, 3, 2, 0});
  second.counts[2].bytes = 90000;
  second.over[0].packets = 1;
  model.update(second);
  struct Row {
    SortKey key;
    std::vector<std::string> order;
  };
  for (const Row& row :
       {Row{SortKey::kPackets, {"c", "a", "b", "(default)"}},
        Row{SortKey::kBytes, {"a", "c", "b", "(default)"}},
        Row{SortKey::kOver, {"b", "c", "a", "(default)"}},
        Row{SortKey::kTotal, {"b", "c", "a", "(default)"}},
        Row{SortKey::kName, {"(default)", "a", "b", "c"}},
        Row{SortKey::kPolicy, {"b", "c", "a", "(default)"}}}) {
    model.sort_by(row.key);
    EXPECT_EQ(names_of(model), row.order) << sort_key_name(row.key);
    model.reverse();
    EXPECT_EQ(model.row(0).name, row.order.back()) << sort_key_name(row.key);
  }
  model.sort_by(SortKey::kPolicy);
  model.sort_by_next(1);
  EXPECT_EQ(model.sort_key(), SortKey::kPackets);
  model.sort_by_next(-1);
  EXPECT_EQ(model.sort_key(), SortKey::kPolicy);
}

TEST(TopModel, SortKeysHaveNames) {
  for (int key = 0; key < kSortKeys; ++key) {
    const auto sort_key = static_cast<SortKey>(key);
    EXPECT_EQ(sort_key_of(sort_key_name(sort_key)), sort_key);
  }
  EXPECT_EQ(sort_key_of("speed"), std::nullopt);
}

TEST(TopModel, FiltersByNameAndAction) {
  TopModel model;
  model.sort_by(SortKey::kPolicy);
  model.update(sample_of(0, names({"dns-in", "web", "DNS-out"}), {1, 2, 3, 4}));
  model.set_filter("dns");
  EXPECT_THAT(names_of(model), ElementsAre("dns-in", "DNS-out"));
  model.set_filter("pass");
  EXPECT_EQ(model.shown(), 4u);
  model.set_filter("nothing of it");
  EXPECT_EQ(model.shown(), 0u);
  model.set_filter("");
  EXPECT_EQ(model.shown(), 4u);
}

TEST(TopModel, HidesWhatIsIdle) {
  const auto counted = names({"a", "b"});
  TopModel model;
  model.hide_idle(true);
  model.update(sample_of(0, counted, {1, 1, 0}));
  EXPECT_EQ(model.shown(), 3u);  // nothing is known yet
  model.update(sample_of(1, counted, {1, 2, 0}));
  EXPECT_THAT(names_of(model), ElementsAre("b"));
}

// Classes of malformed packets show once there was one.
TEST(TopModel, ShowsClassesThatOccurred) {
  const auto counted = names({"a"}, {"(malformed) x", "(malformed) y"});
  TopModel model;
  model.sort_by(SortKey::kPolicy);
  model.update(sample_of(0, counted, {1, 0, 0, 2}));
  EXPECT_THAT(names_of(model),
              ElementsAre("a", "(default)", "(malformed) y"));
}

TEST(TopModel, ScrollsWithinItsRows) {
  std::vector<std::string> many;
  for (int i = 0; i < 99; ++i) many.push_back("r" + std::to_string(i));
  TopModel model;
  model.set_page(10);
  model.update(sample_of(0, names(many), std::vector<std::uint64_t>(100)));
  model.scroll_by(-5);
  EXPECT_EQ(model.first(), 0u);
  model.scroll_by(25);
  EXPECT_EQ(model.first(), 25u);
  model.scroll_to(model.shown());
  EXPECT_EQ(model.first(), 90u);
  model.set_page(30);
  EXPECT_EQ(model.first(), 70u);
  model.set_filter("r1");  // r1, r10 to r19
  EXPECT_EQ(model.first(), 0u);
  EXPECT_EQ(model.shown(), 11u);
}

TEST(TopModel, StaysWhereItIsWhenRowsGo) {
  TopModel model;
  model.set_page(2);
  model.update(sample_of(0, names({"a", "b", "c", "d"}), {0, 0, 0, 0, 0}));
  model.scroll_to(4);
  EXPECT_EQ(model.first(), 3u);
  model.update(sample_of(1, names({"a"}), {0, 0}));
  EXPECT_EQ(model.first(), 0u);
}

TEST(TopModel, AFailureLeavesTheLastPicture) {
  TopModel model;
  model.update(sample_of(0, names({"a"}), {1, 2}));
  model.fail("it is gone");
  EXPECT_EQ(model.message(), "it is gone");
  EXPECT_EQ(model.shown(), 2u);
  model.update(sample_of(1, names({"a"}), {1, 2}));
  EXPECT_EQ(model.message(), "");
}

}  // namespace
}  // namespace xdpgate::test
