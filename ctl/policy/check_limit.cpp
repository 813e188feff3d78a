// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check_limit.h"

#include <fmt/format.h>
#include <xdpgate/abi.h>

#include <algorithm>
#include <utility>

#include "policy/check_number.h"
#include "policy/duration.h"
#include "policy/grammar.h"
#include "policy/limit.h"

namespace xdpgate {
namespace {

enum LimitKey { kRate, kBurst, kPer, kSize };
constexpr std::string_view kLimitKeys[] = {"rate", "burst", "per", "size"};
constexpr KeyWords kLimitWords = {"`limit`", kLimitKeys};
enum BanKey { kSet, kFor };
constexpr std::string_view kBanKeys[] = {"set", "for"};
constexpr KeyWords kBanWords = {"`ban`", kBanKeys};

constexpr std::uint32_t kDefaultKeys = 65536;
constexpr NumberField kKeysField = {"a size", XG_LIMIT_KEYS_MAX};
constexpr std::uint64_t kLeastByteBurst = 1518;  // a frame with a VLAN tag
constexpr std::uint64_t kLongestRefill = 30 * 86'400 * kSecondNs;
constexpr std::uint64_t kLeastCost = 8;          // 100 GB/s and a bit
constexpr std::uint64_t kMostCost = kSecondNs * XG_LIMIT_UNITS;
constexpr unsigned kIpv4Bits = 32, kIpv6Bits = 128, kUsualIpv6Bits = 64;

// The value of a key as `parse` reads it; an error where it cannot.
template <class Parse>
auto read_parsed(Context& context, const Field& field, std::string_view what,
                 Parse parse) {
  using Value = typename decltype(parse(std::string_view()))::value_type;
  std::optional<Value> result;
  auto word = read_word(context, *field.value, what);
  if (!word) return result;
  auto parsed = parse(*word);
  if (parsed) {
    result = *parsed;
  } else {
    context.error(*field.value, parsed.error());
  }
  return result;
}

void read_rate_key(Context& context, const Node& map, const Field& field,
                   Limit& limit) {
  if (!field) {
    return report_missing(context, map, kLimitWords, "rate",
                          "`rate: 2000/s`, or bytes like `10MB/s`");
  }
  auto rate = read_parsed(context, field, "rate", parse_rate);
  if (!rate) return;
  limit.rate = rate->amount.count;
  limit.bytes = rate->amount.bytes;
  limit.period_ns = rate->period_ns;
  const std::uint64_t cost = limit_cost(limit);
  if (cost < kLeastCost || (limit.bytes && cost > kMostCost)) {
    context.error(*field.value,
                  cost < kLeastCost ? "this is faster than 100 GB/s"
                                    : "this is slower than a byte a second");
    limit.rate = 0;
  }
}

// A second's worth, and at least one packet.
std::uint64_t default_burst(const Limit& limit) {
  const std::uint64_t burst = limit.rate * kSecondNs / limit.period_ns;
  return std::max<std::uint64_t>(burst, limit.bytes ? kLeastByteBurst : 1);
}

std::optional<Complaint> wrong_burst(const Limit& limit, const Amount& burst) {
  if (burst.bytes != limit.bytes) {
    return Complaint{fmt::format("the rate is in {}, the burst in {}",
                                 limit.bytes ? "bytes" : "packets",
                                 burst.bytes ? "bytes" : "packets"),
                     limit.bytes ? "write `burst: 1MB`" : "write `burst: 4000`"};
  }
  if (burst.bytes && burst.count < kLeastByteBurst) {
    return Complaint{"the burst is smaller than a packet",
                     fmt::format("at least {}B", kLeastByteBurst)};
  }
  if (burst.count > kLongestRefill * XG_LIMIT_UNITS / limit_cost(limit)) {
    return Complaint{"at this rate the burst takes more than 30 days to refill",
                     ""};
  }
  return std::nullopt;
}

void read_burst(Context& context, const Field& field, Limit& limit) {
  if (limit.rate == 0) return;  // reported
  limit.burst = default_burst(limit);
  if (!field) return;
  auto burst = read_parsed(context, field, "burst", parse_amount);
  if (!burst) return;
  if (auto wrong = wrong_burst(limit, *burst)) {
    context.error(*field.value, *wrong);
  }
  limit.burst = burst->count;
}

// One word of `per`.
struct Per {
  LimitPer side = LimitPer::kRule;
  unsigned bits = 0;  // 0: whole addresses
};

Parsed<Per> parse_per(std::string_view text) {
  constexpr const char* kHint =
      "`rule`, `src`, `dst`, or an address's first bits like `src/24`, `src/64`";
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view side = text.substr(0, slash);
  Per per;
  if (side == "src") per.side = LimitPer::kSrc;
  if (side == "dst") per.side = LimitPer::kDst;
  const bool known = per.side != LimitPer::kRule || text == "rule";
  if (!known) {
    return complaint(
        fmt::format("{} is not a value of `per`", in_quotes(text)), kHint);
  }
  if (slash == text.size()) return per;
  auto bits = parse_number(text.substr(slash + 1), {"a prefix length", 128});
  if (!bits) return std::unexpected(bits.error());
  if (*bits == 0) {
    return complaint("a prefix of length 0 is everybody", "write `per: rule`");
  }
  per.bits = *bits;
  return per;
}

// A length up to 32 is IPv4's, a longer one IPv6's; the other family's is the
// usual one of a customer.
void take_lengths(const std::vector<Per>& pers, Limit& limit) {
  unsigned v4 = 0, v6 = 0;
  for (const Per& per : pers) (per.bits <= kIpv4Bits ? v4 : v6) = per.bits;
  limit.per = pers[0].side;
  limit.ipv4_bits = static_cast<std::uint8_t>(v4 != 0 ? v4 : kIpv4Bits);
  const unsigned other = v4 != 0 ? kUsualIpv6Bits : kIpv6Bits;
  limit.ipv6_bits = static_cast<std::uint8_t>(v6 != 0 ? v6 : other);
}

void read_per(Context& context, const Field& field, Limit& limit) {
  if (!field) return;
  auto items = read_items(context, *field.value, "per");
  auto pers = parse_items(context, items, parse_per);
  if (!pers || pers->empty()) return;
  const bool pair = pers->size() == 2 && (*pers)[0].side == (*pers)[1].side &&
                    (*pers)[0].bits != 0 && (*pers)[1].bits != 0 &&
                    ((*pers)[0].bits <= kIpv4Bits) !=
                        ((*pers)[1].bits <= kIpv4Bits);
  if (pers->size() > 1 && !pair) {
    context.error(*field.value,
                  "a list of `per` is a length for IPv4 and one for IPv6",
                  "`per: [src/24, src/56]`");
    return;
  }
  take_lengths(*pers, limit);
}

void read_keys(Context& context, const Field& field, Limit& limit) {
  const bool has_keys = limit.per != LimitPer::kRule;
  limit.keys = has_keys ? kDefaultKeys : 1;
  if (!field) return;
  if (!has_keys) {
    context.error(*field.key, "`size` needs `per: src` or `per: dst`",
                  "it is the number of addresses that are told apart");
    return;
  }
  auto keys = read_parsed(context, field, "size", [](std::string_view text) {
    return parse_number(text, kKeysField);
  });
  if (!keys) return;
  if (*keys == 0) context.error(*field.value, "a table of size 0 holds nothing");
  limit.keys = std::max(*keys, 1u);
}

}  // namespace

std::span<const std::string_view> limit_keys() { return kLimitKeys; }
std::span<const std::string_view> ban_keys() { return kBanKeys; }

std::optional<Limit> read_limit(Context& context, const Field& limit,
                                const Field& over) {
  if (!limit) {
    if (over) {
      context.error(*over.key, "`over` needs a `limit`",
                    "it is what becomes of packets beyond the limit");
    }
    return std::nullopt;
  }
  Limit result;
  if (over) {
    auto word = read_choice(context, *over.value, "over", kOverWords);
    if (word) result.over = static_cast<Action>(*word);
  }
  if (!expect_map(context, *limit.value, "`limit`")) return std::nullopt;
  auto fields = read_fields(context, *limit.value, kLimitWords);
  read_rate_key(context, *limit.value, fields[kRate], result);
  read_burst(context, fields[kBurst], result);
  read_per(context, fields[kPer], result);
  read_keys(context, fields[kSize], result);
  return result;
}

std::optional<Ban> read_ban(Context& context, SetTable& sets,
                            const Field& ban) {
  if (!ban || !expect_map(context, *ban.value, "`ban`")) return std::nullopt;
  auto fields = read_fields(context, *ban.value, kBanWords);
  if (!fields[kSet]) {
    report_missing(context, *ban.value, kBanWords, "set",
                   "the name of a dynamic set");
  }
  std::optional<std::uint64_t> length;
  if (fields[kFor]) {
    length = read_parsed(context, fields[kFor], "for", parse_duration);
  }
  if (!fields[kSet] || !read_word(context, *fields[kSet].value, "set")) {
    return std::nullopt;
  }
  const auto* set =
      sets.resolve_dynamic(context, *fields[kSet].value,
                           "a ban needs a set with `dynamic: true`");
  if (!set) return std::nullopt;
  const auto& dynamic = *sets.addresses()[set->address].dynamic;
  if (dynamic.number >= XG_MEMO_SETS) {
    context.error(*fields[kSet].value,
                  fmt::format("{} is dynamic set number {}; bans go into the "
                              "first {}",
                              in_quotes(set->name), dynamic.number + 1,
                              XG_MEMO_SETS),
                  "define it before the others");
  }
  if (!fields[kFor] && dynamic.timeout_ns == 0) {
    context.error(*ban.value,
                  fmt::format("the ban has no `for`, and {} no `timeout`",
                              in_quotes(set->name)),
                  "`for: 10m`");
  }
  return Ban{set->address, length.value_or(dynamic.timeout_ns)};
}

}  // namespace xdpgate
