// SPDX-License-Identifier: GPL-2.0-only
// The image in words: groups, trees, services and rules, a line an item.
#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "compile/image.h"
#include "compile/texts.h"

namespace xdpgate {
namespace {

constexpr const char* kWords[XG_WORDS] = {
    "src",  "dst",  "ports", "proto",    "l4",       "ip",
    "length", "vlan", "ether", "ifindex",  "smac",     "dmac",
    "macs", "src_sets", "dst_sets", "src_row",  "dst_row", "class"};
constexpr const char* kKinds[XG_KINDS] = {"other", "ipv4", "ipv6"};
constexpr const char* kTests[] = {"range", "bitmap", "set", "payload", "mac",
                                  "dynamic"};

class Dumper {
 public:
  Dumper(const Image& image, const ImageTexts& texts)
      : image_(image), texts_(texts), h_(image.header()) {}

  std::string run() {
    line("rules {} features {:#x} default {} malformed {}", h_.rule_count,
         h_.features, h_.default_action, h_.malformed);
    for (int kind = 0; kind < XG_KINDS; ++kind) {
      for (std::uint32_t g = 0; g < h_.group_count[kind]; ++g) {
        const xg_group& group = h_.group[kind][g];
        line("tree {} {} first {}", kKinds[kind], g, group.first);
        node(group.root, 1, "");
      }
      if (h_.fallback[kind] == XG_NO_RULE) continue;
      line("fallback {} rule {}", kKinds[kind], h_.fallback[kind]);
    }
    return std::move(text_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format,
                   std::forward<Args>(args)...);
    text_ += '\n';
  }

  template <class T>
  const T& at(std::uint64_t off) const {
    return *reinterpret_cast<const T*>(image_.bytes.data() + off);
  }

  void node(std::uint32_t value, int depth, const std::string& label) {
    const std::string indent = std::string(2 * depth, ' ') + label;
    if (value >> XG_NODE_WORD_SHIFT == XG_NODE_LEAF) {
      leaf(value, indent);
      return;
    }
    const std::uint32_t bits = value >> XG_NODE_BITS_SHIFT;
    xg_cut cut{value >> XG_NODE_WORD_SHIFT & 3,
               value >> XG_NODE_SHIFT_SHIFT & 31, bits,
               value & XG_NODE_CHILD_MASK};
    if (bits == 0) {
      cut = at<xg_cut>(h_.nodes_off + 16ull * (value & XG_NODE_ARG_MASK));
    }
    line("{}cut {} bits {}..{}", indent, kWords[cut.word], cut.shift,
         cut.shift + cut.bits - 1);
    children(cut, depth + 1);
  }

  // Runs of equal children stand on one line.
  void children(const xg_cut& cut, int depth) {
    const std::uint64_t base = h_.nodes_off + 16ull * cut.child;
    auto child = [&](std::uint32_t i) {
      return at<std::uint32_t>(base + 4ull * i);
    };
    for (std::uint32_t i = 0; i < 1u << cut.bits;) {
      std::uint32_t last = i;
      while (last + 1 < 1u << cut.bits && child(last + 1) == child(i)) ++last;
      if (child(i) != 0) {
        node(child(i), depth,
             last == i ? fmt::format("{}: ", i)
                       : fmt::format("{}-{}: ", i, last));
      }
      i = last + 1;
    }
  }

  void leaf(std::uint32_t number, const std::string& indent) {
    if (number == 0) {
      line("{}nothing", indent);
      return;
    }
    line("{}leaf", indent);
    for (std::uint64_t off = h_.leaves_off + number * sizeof(xg_leaf);;
         off += sizeof(xg_leaf)) {
      const auto& record = at<xg_leaf>(off);
      box(record, std::string(indent.find_first_not_of(' ') + 2, ' '));
      if (record.meta & XG_LEAF_LAST) return;
    }
  }

  void box(const xg_leaf& record, const std::string& indent) {
    const auto rule =
        static_cast<std::uint32_t>(record.meta & XG_LEAF_RULE_MASK);
    const std::uint64_t service =
        record.meta >> XG_LEAF_SERVICE_SHIFT & XG_LEAF_SERVICE_MASK;
    line("{}rule {} {} src {:08x}/{} dst {:08x}/{}{}", indent, rule,
         texts_.rule_name(rule), record.src,
         32 - (record.meta >> XG_LEAF_SRC_SHIFT & XG_LEAF_PREFIX_MASK),
         record.dst,
         32 - (record.meta >> XG_LEAF_DST_SHIFT & XG_LEAF_PREFIX_MASK),
         service_text(service));
  }

  std::string service_text(std::uint64_t number) {
    const auto& s =
        at<xg_service>(h_.services_off + number * sizeof(xg_service));
    std::string text;
    for (auto [name, shift] : {std::pair("sport", 32), std::pair("dport", 0)}) {
      const auto lo = s.port_lo >> shift & 0xffff;
      const auto hi = s.port_hi >> shift & 0xffff;
      if (lo == 0 && hi == 65535) continue;
      text += fmt::format(" {} {}-{}", name, lo, hi);
    }
    if (s.proto_mask != 0) {
      text += fmt::format(" proto {:x}/{:x}", s.proto_value, s.proto_mask);
    }
    if (s.l4_mask != 0) text += fmt::format(" l4 {:x}/{:x}", s.l4_value, s.l4_mask);
    if (s.tests != 0) text += tests_text(s.tests);
    return text;
  }

  std::string tests_text(std::uint64_t off) {
    std::string text;
    for (;; off += sizeof(xg_test)) {
      const auto& t = at<xg_test>(off);
      text += fmt::format(" {}{}({}>>{}&{:x} {:x} {:x})",
                          t.flags & XG_TEST_NEGATE ? "not " : "",
                          kTests[t.kind], t.word, t.shift, t.mask, t.a, t.b);
      if (t.flags & XG_TEST_LAST) return text;
    }
  }

  const Image& image_;
  const ImageTexts& texts_;
  const xg_header& h_;
  std::string text_;
};

}  // namespace

std::string dump(const Image& image) {
  const auto texts = ImageTexts::of(ImageView(image));
  return texts ? Dumper(image, *texts).run() : texts.error().line();
}

}  // namespace xdpgate
