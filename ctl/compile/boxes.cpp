// SPDX-License-Identifier: GPL-2.0-only
#include "compile/boxes.h"

#include <fmt/format.h>

#include <algorithm>

#include "compile/shape.h"

namespace xdpgate {
namespace {

constexpr std::array<xg_kind, 3> kKinds = {XG_KIND_OTHER, XG_KIND_IPV4,
                                           XG_KIND_IPV6};
constexpr std::size_t kMaxServices = XG_LEAF_SERVICE_MASK;
constexpr std::size_t kMaxBoxesInAll = std::size_t{1} << 28;

// One side of a box: a code prefix as value and number of open bits.
struct Side {
  std::uint32_t value = 0;
  std::uint8_t shift = 32;
};

class Expander {
 public:
  Expander(const Policy& policy, const CompileOptions& options)
      : sets_(policy), context_{policy, options, sets_} {}

  Result<Expansion> run() {
    collect();
    std::sort(prefixes_.begin(), prefixes_.end());
    prefixes_.erase(std::unique(prefixes_.begin(), prefixes_.end()),
                    prefixes_.end());
    sets_.rank();
    auto tables = build_address_tables(prefixes_, sets_.by_bit());
    if (!tables) return std::unexpected(tables.error());
    for (const auto& filter : tables->filter) {
      if (filter) result_.features |= XG_HAS_FILTER;
    }
    result_.addresses = std::move(*tables);
    for (std::uint32_t i = 0; i < context_.policy.rules.size(); ++i) {
      auto done = expand_rule(i);
      if (!done) return std::unexpected(done.error());
    }
    return std::move(result_);
  }

 private:
  void collect() {
    for (const Rule& rule : context_.policy.rules) {
      for (xg_kind kind : kKinds) {
        const auto shape = shape_of(rule, kind, context_);
        if (!shape || kind != XG_KIND_IPV6) continue;
        for (const auto& a : shape->src) note_prefix(a.prefix);
        for (const auto& a : shape->dst) note_prefix(a.prefix);
      }
    }
  }

  void note_prefix(const Prefix6& prefix) {
    if (prefix.length > 0) prefixes_.push_back(prefix);
  }

  Result<void> expand_rule(std::uint32_t number) {
    const Rule& rule = context_.policy.rules[number];
    if (!rule.always_decides()) result_.features |= XG_HAS_COUNT;
    for (xg_kind kind : kKinds) {
      const auto shape = shape_of(rule, kind, context_);
      if (!shape) continue;
      auto done = expand_shape(*shape, kind, number);
      if (!done) return done;
    }
    return {};
  }

  Result<void> expand_shape(const RuleShape& shape, xg_kind kind,
                            std::uint32_t number) {
    for (const auto& src : shape.src) {
      for (const auto& dst : shape.dst) {
        for (const Condition& rest : shape.rest) {
          auto done = add_boxes(src, dst, rest, kind, number);
          if (!done) return done;
        }
      }
    }
    return {};
  }

  Result<void> add_boxes(const AddressAlternative& src,
                         const AddressAlternative& dst, const Condition& rest,
                         xg_kind kind, std::uint32_t number) {
    auto both = rest.with(src.sets);
    if (both) both = both->with(dst.sets);
    if (both) both = lower_sets(*both, sets_);
    if (!both) return {};
    if (both->tests.size() > XG_MAX_TESTS) {
      return refuse(number, fmt::format("asks for {} separate tests, at most "
                                        "{} fit",
                                        both->tests.size(), XG_MAX_TESTS));
    }
    note_features(*both);
    const std::uint32_t service = result_.services.intern(*both);
    if (service > kMaxServices) {
      return refuse(number, fmt::format("is the first beyond {} different "
                                        "combinations of ports and flags",
                                        kMaxServices));
    }
    if (kind == XG_KIND_IPV6) note_codes(src.prefix, dst.prefix);
    for (const Side& s : sides(src.prefix, kind)) {
      for (const Side& d : sides(dst.prefix, kind)) {
        auto& boxes = result_.boxes[kind];
        if (boxes.size() == kMaxBoxesInAll) {
          return refuse(number, "is the first that does not fit: too many "
                                "combinations of addresses and ports");
        }
        boxes.push_back({s.value, d.value, number, service, s.shift, d.shift,
                         context_.policy.rules[number].always_decides()});
      }
    }
    return {};
  }

  std::unexpected<Error> refuse(std::uint32_t number, std::string why) const {
    return failure({"compile rule",
                    "`" + context_.policy.rules[number].name + "`",
                    std::move(why), "use a named set, or split the rule"});
  }

  void note_features(const Condition& condition) {
    if (!condition.tests.empty()) result_.features |= XG_HAS_TESTS;
    for (const Test& test : condition.tests) {
      if (test.kind == XG_TEST_PAYLOAD) result_.features |= XG_HAS_PAYLOAD;
      if (test.kind == XG_TEST_MAC) result_.features |= XG_HAS_MACS;
      if (test.kind == XG_TEST_DYNAMIC) result_.features |= XG_HAS_DYNAMIC;
      if (test.word == XG_W_SRC_SETS || test.word == XG_W_SRC_ROW) {
        result_.features |= XG_HAS_SRC_SETS;
      }
      if (test.word == XG_W_DST_SETS || test.word == XG_W_DST_ROW) {
        result_.features |= XG_HAS_DST_SETS;
      }
    }
  }

  void note_codes(const Prefix6& src, const Prefix6& dst) {
    if (src.length > 0) result_.features |= XG_HAS_SRC_CODES;
    if (dst.length > 0) result_.features |= XG_HAS_DST_CODES;
  }

  [[nodiscard]] std::vector<Side> sides(const Prefix6& prefix,
                                        xg_kind kind) const {
    if (prefix.length == 0) return {Side{}};
    if (kind == XG_KIND_IPV4) {
      return {Side{static_cast<std::uint32_t>(prefix.value >> 96),
                   static_cast<std::uint8_t>(32 - prefix.length)}};
    }
    const auto at = std::lower_bound(prefixes_.begin(), prefixes_.end(), prefix);
    std::vector<Side> result;
    for (const CodePrefix& code :
         result_.addresses.codes[static_cast<std::size_t>(
             at - prefixes_.begin())]) {
      result.push_back({code.code, static_cast<std::uint8_t>(32 - code.length)});
    }
    return result;
  }

  AddressSetTable sets_;
  ShapeContext context_;
  std::vector<Prefix6> prefixes_;
  Expansion result_;
};

}  // namespace

Result<Expansion> expand(const Policy& policy, const CompileOptions& options) {
  return Expander(policy, options).run();
}

}  // namespace xdpgate
