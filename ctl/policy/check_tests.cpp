// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/check_number.h"
#include "policy/check_rules.h"

namespace xdpgate {
namespace {

enum TestKey { kPacket, kPcap, kExpect, kRule };
constexpr std::string_view kTestKeys[] = {"packet", "pcap", "expect", "rule"};
constexpr std::string_view kVerdicts[] = {"pass", "drop", "reject", "redirect"};
constexpr NumberField kCount = {"a number of packets", 0xffffffff};

// {drop: 12, pass: 3}
void check_counts(Context& context, const Node& map) {
  for (const Field& field :
       read_fields(context, map, {"`expect`", kVerdicts})) {
    if (!field) continue;
    auto word = read_word(context, *field.value, context.text(*field.key));
    if (!word) continue;
    auto count = parse_number(*word, kCount);
    if (!count) context.error(*field.value, count.error());
  }
}

void check_expect(Context& context, const Node& test, const Field& expect,
                  bool is_packet) {
  if (!expect) {
    report_missing(context, test, {"the test", kTestKeys}, "expect",
                   "`expect: pass` or `expect: drop`");
  } else if (!is_packet && expect.value->kind == NodeKind::kMap) {
    check_counts(context, *expect.value);
  } else {
    (void)read_choice(context, *expect.value, "expect", kVerdicts);
  }
}

void check_rule_name(Context& context, const Node& node,
                     const RuleNames& names) {
  if (node.kind == NodeKind::kNull) return;  // no rule: the default decides
  auto word = read_word(context, node, "rule");
  if (!word || names.contains(*word)) return;
  std::string hint;
  if (context.may_look_at(names.size())) {
    std::vector<std::string_view> known;
    for (const auto& [name, at] : names) known.push_back(name);
    std::ranges::sort(known);  // of equally near ones always the same
    hint = nearest_hint(*word, known);
  }
  context.error(node, fmt::format("no rule is called {}", in_quotes(*word)),
                hint);
}

void check_test(Context& context, const Node& test, const RuleNames& names) {
  if (!expect_map(context, test, "a test")) return;
  auto fields = read_fields(context, test, {"a test", kTestKeys});
  const Field& packet = fields[kPacket];
  const Field& pcap = fields[kPcap];
  if (packet && pcap) {
    context.error(*pcap.key, "a test has `packet` or `pcap`, not both");
  } else if (!packet && !pcap) {
    report_missing(context, test, {"the test", kTestKeys}, "packet",
                   "a test has `packet` or `pcap`");
  }
  if (packet) (void)read_word(context, *packet.value, "packet");
  if (pcap) (void)read_word(context, *pcap.value, "pcap");
  check_expect(context, test, fields[kExpect], bool(packet));
  if (fields[kRule]) check_rule_name(context, *fields[kRule].value, names);
}

}  // namespace

void check_tests(Context& context, const Node& node, const RuleNames& names) {
  if (node.kind == NodeKind::kNull) return;
  if (node.kind != NodeKind::kList) {
    context.error(
        node, fmt::format("`tests` is a list, not {}", kind_text(node.kind)));
    return;
  }
  for (const Node& test : context.file().items(node)) {
    if (context.full()) return;
    check_test(context, test, names);
  }
}

}  // namespace xdpgate
