// SPDX-License-Identifier: GPL-2.0-only
#include "compile/service_table.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "compile/layout.h"

namespace xdpgate {
namespace {

constexpr std::uint32_t kSetBitsInKey = 32;

Test sets_test(xg_word word, const Ternary& bits) {
  Test test;
  test.kind = XG_TEST_RANGE;
  test.word = static_cast<std::uint8_t>(word);
  test.mask = bits.mask;
  test.a = bits.value;
  test.b = bits.value;
  return test;
}

// Lays out the tests of services; equal bitmaps and payloads stand once.
class TestWriter {
 public:
  explicit TestWriter(std::vector<std::uint8_t>& image) : image_(image) {}

  std::uint32_t write(const std::vector<Test>& tests) {
    std::vector<xg_test> laid_out;
    for (const Test& test : tests) laid_out.push_back(lay_out(test));
    laid_out.back().flags |= XG_TEST_LAST;
    return append(image_, laid_out);
  }

 private:
  xg_test lay_out(const Test& test) {
    xg_test out{};
    out.kind = static_cast<std::uint8_t>(test.kind);
    out.word = test.word;
    out.shift = test.shift;
    out.flags = test.negated ? XG_TEST_NEGATE : 0;
    out.mask = test.mask;
    out.a = test.a;
    out.b = test.b;
    if (test.kind == XG_TEST_BITMAP) out.a = bitmap(test);
    if (test.kind == XG_TEST_PAYLOAD) out.a = payload(test);
    return out;
  }

  std::uint32_t once(const std::string& bytes) {
    auto [found, is_new] = data_.try_emplace(bytes, 0);
    if (is_new) {
      found->second =
          append(image_, std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
    }
    return found->second;
  }

  std::uint32_t bitmap(const Test& test) {
    std::string bits((std::size_t{test.mask} + 1 + 31) / 32 * 4, '\0');
    for (const auto& [lo, hi] : test.numbers.intervals()) {
      for (std::uint32_t n = lo; n <= std::min(hi, test.mask); ++n) {
        bits[n / 8] = static_cast<char>(bits[n / 8] | 1 << n % 8);
      }
    }
    return once(bits);
  }

  std::uint32_t payload(const Test& test) {
    xg_payload out{};
    out.length = static_cast<std::uint32_t>(test.bytes.size());
    std::copy(test.bytes.begin(), test.bytes.end(), out.bytes);
    std::copy(test.bytes_mask.begin(), test.bytes_mask.end(), out.mask);
    std::string bytes(sizeof(out), '\0');
    std::memcpy(bytes.data(), &out, sizeof(out));
    return once(bytes);
  }

  std::vector<std::uint8_t>& image_;
  std::map<std::string, std::uint32_t> data_;
};

std::uint64_t port_lanes(std::uint32_t src, std::uint32_t dst) {
  return std::uint64_t{src} << 32 | dst;
}

xg_service lay_out_service(const Condition& condition) {
  xg_service out{};
  out.port_lo = port_lanes(condition.src_port.lo, condition.dst_port.lo);
  out.port_hi =
      port_lanes(condition.src_port.hi, condition.dst_port.hi) | XG_PORT_GUARD;
  out.proto_mask = condition.proto.mask;
  out.proto_value = condition.proto.value;
  out.l4_mask = condition.l4.mask;
  out.l4_value = condition.l4.value;
  return out;
}

}  // namespace

std::uint32_t ServiceTable::intern(const Condition& condition) {
  auto [found, is_new] = by_key_.try_emplace(
      condition.key(), static_cast<std::uint32_t>(services_.size()));
  if (is_new) services_.push_back(condition);
  return found->second;
}

std::optional<Condition> lower_sets(const Condition& condition,
                                    const AddressSetTable& sets) {
  Condition lowered = condition;
  lowered.tests.clear();
  Ternary in_key[2];
  std::vector<Test> dynamic;  // dear ones come last
  for (const Test& test : condition.tests) {
    if (test.kind == XG_TEST_DYNAMIC) {
      dynamic.push_back(test);
      continue;
    }
    if (test.kind != XG_TEST_SET) {
      lowered.tests.push_back(test);
      continue;
    }
    const std::uint32_t bit = sets.bit(test.a);
    if (bit >= kSetBitsInKey) {
      lowered.tests.push_back(test);
      lowered.tests.back().a = bit;
      continue;
    }
    const bool is_dst = test.word == XG_W_DST_ROW;
    const std::uint32_t mask = 1u << bit;
    if (!in_key[is_dst].add(mask, test.negated ? 0 : mask)) return std::nullopt;
  }
  if (in_key[0].mask != 0) {
    lowered.tests.push_back(sets_test(XG_W_SRC_SETS, in_key[0]));
  }
  if (in_key[1].mask != 0) {
    lowered.tests.push_back(sets_test(XG_W_DST_SETS, in_key[1]));
  }
  lowered.tests.insert(lowered.tests.end(), dynamic.begin(), dynamic.end());
  return lowered;
}

std::uint32_t append_services(const ServiceTable& table,
                              std::vector<std::uint8_t>& image) {
  std::vector<xg_service> services;
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    services.push_back(lay_out_service(table[i]));
  }
  const std::uint32_t off = append(image, services);
  TestWriter writer(image);
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    if (table[i].tests.empty()) continue;
    services[i].tests = writer.write(table[i].tests);
  }
  std::memcpy(image.data() + off, services.data(),
              services.size() * sizeof(xg_service));
  return off;
}

}  // namespace xdpgate
