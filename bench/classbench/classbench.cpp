// SPDX-License-Identifier: GPL-2.0-only
// ClassBench filter files -> xdpgate policies.
//
//   xg_classbench policy FILTERS [--ipv6] [--no-default]   the policy, as YAML
//
// A filter line is "@SRC/LEN DST/LEN LO : HI LO : HI PROTO/MASK FLAGS/MASK";
// the last two numbers, flags of the generator, are not used. Under --ipv6 the
// address A/LEN becomes 2001:db8:A::/(32 + LEN), so that both variants have
// the same structure. Rules drop and pass in turn. --no-default leaves out the
// filter that matches every packet of the family, which some sets end with:
// with it there are no misses.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace xdpgate {
namespace {

struct Prefix {
  std::uint32_t value = 0;
  unsigned length = 0;
};

struct Filter {
  Prefix src, dst;
  std::array<unsigned, 2> src_port{0, 65535}, dst_port{0, 65535};
  unsigned protocol = 0;
  bool any_protocol = true;

  [[nodiscard]] bool is_default() const {
    constexpr std::array<unsigned, 2> kAll = {0, 65535};
    return src.length == 0 && dst.length == 0 && src_port == kAll &&
           dst_port == kAll && any_protocol;
  }
};

std::uint32_t host_bits(unsigned length) {
  return length >= 32 ? 0 : ~0u >> length;
}

bool parse_line(const std::string& line, Filter& filter) {
  unsigned a[8], mask = 0;
  const int read = std::sscanf(
      line.c_str(),
      "@%u.%u.%u.%u/%u %u.%u.%u.%u/%u %u : %u %u : %u 0x%x/0x%x", a, a + 1,
      a + 2, a + 3, &filter.src.length, a + 4, a + 5, a + 6, a + 7,
      &filter.dst.length, &filter.src_port[0], &filter.src_port[1],
      &filter.dst_port[0], &filter.dst_port[1], &filter.protocol, &mask);
  if (read != 16) return false;
  filter.src.value = a[0] << 24 | a[1] << 16 | a[2] << 8 | a[3];
  filter.dst.value = a[4] << 24 | a[5] << 16 | a[6] << 8 | a[7];
  filter.src.value &= ~host_bits(filter.src.length);
  filter.dst.value &= ~host_bits(filter.dst.length);
  filter.any_protocol = mask == 0;
  return true;
}

std::vector<Filter> read_filters(const std::string& path) {
  std::vector<Filter> filters;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    Filter filter;
    if (parse_line(line, filter)) filters.push_back(filter);
  }
  return filters;
}

std::string text(const Prefix& p, bool ipv6) {
  if (ipv6) {
    return fmt::format("2001:db8:{:x}:{:x}::/{}", p.value >> 16,
                       p.value & 0xffff, 32 + p.length);
  }
  return fmt::format("{}.{}.{}.{}/{}", p.value >> 24, p.value >> 16 & 255,
                     p.value >> 8 & 255, p.value & 255, p.length);
}

void append_ports(const char* key, const std::array<unsigned, 2>& ports,
                  std::string& match) {
  if (ports[0] == 0 && ports[1] == 65535) return;
  match += ports[0] == ports[1]
               ? fmt::format(", {}: {}", key, ports[0])
               : fmt::format(", {}: {}-{}", key, ports[0], ports[1]);
}

// A flow mapping value is quoted where it holds "::", which YAML would read.
std::string match_text(const Filter& f, bool ipv6) {
  std::string match = ipv6 ? "family: ipv6" : "family: ipv4";
  if (f.src.length > 0) match += fmt::format(", src: \"{}\"", text(f.src, ipv6));
  if (f.dst.length > 0) match += fmt::format(", dst: \"{}\"", text(f.dst, ipv6));
  if (!f.any_protocol) match += fmt::format(", protocol: {}", f.protocol);
  append_ports("src_port", f.src_port, match);
  append_ports("dst_port", f.dst_port, match);
  return match;
}

void print_policy(const std::vector<Filter>& filters, bool ipv6) {
  fmt::print("version: 1\nname: classbench\ndefault: drop\nrules:\n");
  for (std::size_t i = 0; i < filters.size(); ++i) {
    fmt::print("  - {{name: r{}, match: {{{}}}, action: {}}}\n", i + 1,
               match_text(filters[i], ipv6), i % 2 ? "pass" : "drop");
  }
}

int run(int argc, char** argv) {
  CLI::App app("ClassBench filters to policies");
  std::string path;
  bool ipv6 = false, no_default = false;
  auto* policy = app.add_subcommand("policy", "print the policy as YAML");
  policy->add_option("filters", path, "ClassBench filter file")->required();
  policy->add_flag("--ipv6", ipv6, "the IPv6 variant");
  policy->add_flag("--no-default", no_default,
                   "without the filter that matches every packet");
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  auto filters = read_filters(path);
  if (no_default) std::erase_if(filters, std::mem_fn(&Filter::is_default));
  if (filters.empty()) {
    fmt::print(stderr, "xg_classbench: {}: no ClassBench filters\n", path);
    return 2;
  }
  print_policy(filters, ipv6);
  return 0;
}

}  // namespace
}  // namespace xdpgate

int main(int argc, char** argv) { return xdpgate::run(argc, argv); }
