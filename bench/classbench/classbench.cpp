// SPDX-License-Identifier: GPL-2.0-only
// ClassBench filter files -> xdpgate policies and traces.
//
//   xg_classbench policy FILTERS [--ipv6]            the policy, as YAML
//   xg_classbench trace FILTERS OUT.pcap [--ipv6] [--packets N] [--seed S]
//                 [--kind mix|hit|miss]              frames to replay
//
// A filter line is "@SRC/LEN DST/LEN LO : HI LO : HI PROTO/MASK FLAGS/MASK";
// the last two numbers, flags of the generator, are not used. Under --ipv6 the
// address A/LEN becomes 2001:db8:A::/(32 + LEN), so that both variants have
// the same structure. Rules drop and pass in turn.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <vector>

#include "pcap/capture.h"

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

// One packet's five fields.
struct Header {
  std::uint32_t src = 0, dst = 0;
  unsigned src_port = 0, dst_port = 0, protocol = 6;
};

class TraceMaker {
 public:
  TraceMaker(const std::vector<Filter>& filters, std::uint64_t seed)
      : filters_(filters), rng_(seed) {}

  // A corner of a rule's box half of the time, else from its inside.
  Header hit() {
    const Filter& f = filters_[rng_() % filters_.size()];
    Header header;
    header.src = inside(f.src);
    header.dst = inside(f.dst);
    header.src_port = inside(f.src_port);
    header.dst_port = inside(f.dst_port);
    header.protocol = f.any_protocol ? (rng_() % 2 ? 6 : 17) : f.protocol;
    return header;
  }
  // Addresses at random: near none of the rules, or by chance.
  Header miss() {
    return {static_cast<std::uint32_t>(rng_()),
            static_cast<std::uint32_t>(rng_()),
            static_cast<unsigned>(rng_() % 65536),
            static_cast<unsigned>(rng_() % 65536), rng_() % 2 ? 6u : 17u};
  }
  bool coin() { return rng_() % 2 != 0; }

 private:
  std::uint32_t inside(const Prefix& p) {
    const std::uint32_t host = host_bits(p.length);
    switch (rng_() % 4) {
      case 0:
        return p.value;
      case 1:
        return p.value | host;
      default:
        return p.value | (static_cast<std::uint32_t>(rng_()) & host);
    }
  }
  unsigned inside(const std::array<unsigned, 2>& range) {
    switch (rng_() % 4) {
      case 0:
        return range[0];
      case 1:
        return range[1];
      default:
        return range[0] +
               static_cast<unsigned>(rng_() % (range[1] - range[0] + 1));
    }
  }

  const std::vector<Filter>& filters_;
  std::mt19937_64 rng_;
};

void put16(std::vector<std::uint8_t>& bytes, unsigned value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

void put32(std::vector<std::uint8_t>& bytes, std::uint32_t value) {
  put16(bytes, value >> 16);
  put16(bytes, value & 0xffff);
}

void put_address(std::vector<std::uint8_t>& bytes, std::uint32_t value,
                 bool ipv6) {
  if (ipv6) put32(bytes, 0x20010db8);
  put32(bytes, value);
  if (ipv6) bytes.insert(bytes.end(), 8, 0);
}

// 20 bytes that read as a TCP, UDP or ICMP header.
void put_transport(std::vector<std::uint8_t>& bytes, const Header& h) {
  put16(bytes, h.src_port);
  put16(bytes, h.dst_port);
  if (h.protocol == 17) {
    put16(bytes, 20);
    bytes.insert(bytes.end(), 14, 0);
  } else {
    bytes.insert(bytes.end(), 8, 0);
    put16(bytes, 0x5002);
    bytes.insert(bytes.end(), 6, 0);
  }
}

std::vector<std::uint8_t> frame_of(const Header& h, bool ipv6) {
  std::vector<std::uint8_t> bytes = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
  put16(bytes, ipv6 ? 0x86dd : 0x0800);
  if (ipv6) {
    put32(bytes, 0x60000000);
    put16(bytes, 20);
    bytes.push_back(static_cast<std::uint8_t>(h.protocol));
    bytes.push_back(64);
  } else {
    put16(bytes, 0x4500);
    put16(bytes, 40);
    put32(bytes, 0);
    bytes.push_back(64);
    bytes.push_back(static_cast<std::uint8_t>(h.protocol));
    put16(bytes, 0);
  }
  put_address(bytes, h.src, ipv6);
  put_address(bytes, h.dst, ipv6);
  put_transport(bytes, h);
  return bytes;
}

struct TraceOptions {
  std::string out;
  std::string kind = "mix";
  std::uint64_t packets = 100000;
  std::uint64_t seed = 1;
  bool ipv6 = false;
};

int write_trace(const std::vector<Filter>& filters, const TraceOptions& o) {
  auto writer = CaptureWriter::create(o.out);
  if (!writer) return fmt::print(stderr, "{}\n", writer.error().line()), 3;
  TraceMaker maker(filters, o.seed);
  Frame frame;
  for (std::uint64_t i = 0; i < o.packets; ++i) {
    const bool hit = o.kind == "hit" || (o.kind == "mix" && maker.coin());
    frame.bytes = frame_of(hit ? maker.hit() : maker.miss(), o.ipv6);
    frame.captured_bytes = static_cast<std::uint32_t>(frame.bytes.size());
    frame.time = std::chrono::microseconds(i);
    frame.number = i + 1;
    auto written = writer->write(frame);
    if (!written) return fmt::print(stderr, "{}\n", written.error().line()), 3;
  }
  auto closed = writer->close();
  if (!closed) return fmt::print(stderr, "{}\n", closed.error().line()), 3;
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app("ClassBench filters to policies and traces");
  app.require_subcommand(1);
  std::string path;
  TraceOptions options;
  auto* policy = app.add_subcommand("policy", "print the policy as YAML");
  auto* trace = app.add_subcommand("trace", "write a capture");
  for (auto* command : {policy, trace}) {
    command->add_option("filters", path, "ClassBench filter file")->required();
    command->add_flag("--ipv6", options.ipv6, "the IPv6 variant");
  }
  trace->add_option("out", options.out, "capture to write")->required();
  trace->add_option("--packets", options.packets, "frames");
  trace->add_option("--seed", options.seed, "of the generator");
  trace->add_option("--kind", options.kind, "mix, hit or miss")
      ->check(CLI::IsMember({"mix", "hit", "miss"}));
  CLI11_PARSE(app, argc, argv);
  const auto filters = read_filters(path);
  if (filters.empty()) {
    fmt::print(stderr, "xg_classbench: {}: no ClassBench filters\n", path);
    return 2;
  }
  if (trace->parsed()) return write_trace(filters, options);
  print_policy(filters, options.ipv6);
  return 0;
}

}  // namespace
}  // namespace xdpgate

int main(int argc, char** argv) { return xdpgate::run(argc, argv); }
