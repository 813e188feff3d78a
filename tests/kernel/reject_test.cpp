// SPDX-License-Identifier: GPL-2.0-only
// What `reject` answers, frame by frame, and what it never answers. The
// program is run as it is attached, and its frames are read back.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <linux/bpf.h>

#include "bpf/live_counters.h"
#include "bpf/program.h"
#include "tests/support/answer.h"
#include "tests/support/capture_bytes.h"
#include "tests/support/child.h"
#include "tests/support/frame_bytes.h"
#include "tests/support/privilege.h"
#include "tests/support/small_image.h"
#include "tests/support/temp_dir.h"

namespace xdpgate::test {
namespace {

constexpr std::uint16_t kV4 = 0x0800, kV6 = 0x86dd;
constexpr std::uint8_t kUdp = 17, kIcmp = 1, kIcmp6 = 58;

/// What came of one frame.
struct Ran {
  std::uint32_t action = 0;  ///< enum xdp_action
  Bytes frame;
};

class Reject : public testing::Test {
 protected:
  void SetUp() override {
    XG_NEED_BPF();
    auto program = load_program(build({.features = XG_HAS_REJECT,
                                       .rules = {{.action = XG_REJECT}}}));
    ASSERT_TRUE(program) << program.error().line();
    program_.emplace(std::move(*program));
  }
  Ran run(const Bytes& frame) {
    Ran ran{0, zeros(frame.size() + 256)};
    LIBBPF_OPTS(bpf_test_run_opts, options);
    options.data_in = frame.data();
    options.data_size_in = static_cast<std::uint32_t>(frame.size());
    options.data_out = ran.frame.data();
    options.data_size_out = static_cast<std::uint32_t>(ran.frame.size());
    options.repeat = 1;
    EXPECT_EQ(bpf_prog_test_run_opts(program_->fd(), &options), 0);
    ran.action = options.retval;
    ran.frame.resize(options.data_size_out);
    return ran;
  }
  std::string answer(const Bytes& frame) {
    const Ran ran = run(frame);
    return ran.action == XDP_TX ? answer_text(ran.frame)
           : ran.action == XDP_DROP
               ? "dropped"
               : fmt::format("action {}", ran.action);
  }
  xg_counter counted(std::uint32_t slot) {
    const auto all =
        read_live_counters(program_->counters_fd(), XG_SLOT_RULE + 1);
    EXPECT_TRUE(all);
    return all ? (*all)[slot] : xg_counter{};
  }

  std::optional<Program> program_;
};

// A TCP segment with everything that an answer is made of.
Bytes segment(std::uint16_t flags, std::uint32_t seq, std::uint32_t ack,
              std::size_t data = 0, std::uint8_t offset = 5) {
  Bytes bytes = tcp({.offset = offset, .flags = flags}) + zeros(data);
  for (int i = 0; i < 4; ++i) {
    bytes[4 + i] = static_cast<std::uint8_t>(seq >> (24 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(ack >> (24 - 8 * i));
  }
  return bytes;
}

constexpr std::uint16_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;

TEST_F(Reject, ResetsHaveTheNumbersOfRfc9293) {
  const struct {
    const char* name;
    Bytes segment;
    const char* numbers;
  } rows[] = {
      {"syn", segment(kSyn, 7, 99), "seq 0 ack 8"},
      {"syn with options", segment(kSyn, 7, 99, 0, 10), "seq 0 ack 8"},
      {"syn with data", segment(kSyn, 7, 0, 100), "seq 0 ack 108"},
      {"syn, fin", segment(kSyn | kFin, 7, 0, 2), "seq 0 ack 11"},
      {"the least frame of a wire", segment(kSyn, 7, 0, 6), "seq 0 ack 14"},
      {"nothing but data", segment(0, 1000, 99, 10), "seq 0 ack 1010"},
      {"round the end", segment(kSyn, 0xffffffff, 0), "seq 0 ack 0"},
      {"ack", segment(kAck, 7, 99), "seq 99"},
      {"syn, ack", segment(kSyn | kAck, 7, 4000000000, 0, 10),
       "seq 4000000000"},
      {"ack with data", segment(kAck, 7, 99, 1400, 8), "seq 99"},
      {"fin, ack", segment(kFin | kAck, 7, 99), "seq 99"},
      {"odd data", segment(kSyn, 7, 0, 3), "seq 0 ack 11"},
      {"a full frame", segment(kSyn, 7, 0, 1460), "seq 0 ack 1468"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(answer(ether(kV4) + ipv4({}, row.segment)),
              fmt::format("tcp 198.51.100.2:22 > 192.0.2.1:1000 rst {}",
                          row.numbers) +
                  (row.segment.size() >= 26 ? " padded" : ""))
        << row.name;
    EXPECT_EQ(answer(ether(kV6) + ipv6({}, row.segment)),
              fmt::format("tcp 2001:db8::2:22 > 2001:db8::1:1000 rst {}",
                          row.numbers))
        << row.name;
  }
}

TEST_F(Reject, OthersGetAPortUnreachableThatQuotesThem) {
  const struct {
    const char* name;
    Bytes frame;
    const char* answer;
  } rows[] = {
      {"udp", ether(kV4) + ipv4({.protocol = kUdp}, udp(8)),
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 28"},
      {"odd length", ether(kV4) + ipv4({.protocol = kUdp}, udp(9, 1)),
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 29"},
      {"options", ether(kV4) + ipv4({.protocol = kUdp, .ihl = 8}, udp(8)),
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 40"},
      {"padding is not quoted",
       ether(kV4) + ipv4({.protocol = kUdp}, udp(8)) + zeros(18),
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 28"},
      {"as much as 576 bytes hold",
       ether(kV4) + ipv4({.protocol = kUdp}, udp(1408, 1400)),
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 548"},
      {"gre", ether(kV4) + ipv4({.protocol = 47}, zeros(4)),
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 24"},
      {"ping", ether(kV4) + ipv4({.protocol = kIcmp}, icmp(8, 0)),
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 28"},
      {"udp6", ether(kV6) + ipv6({.next = kUdp}, udp(8)),
       "icmpv6 port-unreachable 2001:db8::2 > 2001:db8::1 quotes 48"},
      {"extension header",
       ether(kV6) + ipv6({.next = 60}, extension(kUdp, 0, 8) + udp(8)),
       "icmpv6 port-unreachable 2001:db8::2 > 2001:db8::1 quotes 56"},
      {"a full frame",
       ether(kV4) + ipv4({.protocol = kUdp}, udp(1480, 1472)),
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 548"},
      {"odd length6", ether(kV6) + ipv6({.next = kUdp}, udp(11, 3)),
       "icmpv6 port-unreachable 2001:db8::2 > 2001:db8::1 quotes 51"},
      {"a full frame6", ether(kV6) + ipv6({.next = kUdp}, udp(1460, 1452)),
       "icmpv6 port-unreachable 2001:db8::2 > 2001:db8::1 quotes 1232"},
      {"as much as 1280 bytes hold",
       ether(kV6) + ipv6({.next = kUdp}, udp(1408, 1400)),
       "icmpv6 port-unreachable 2001:db8::2 > 2001:db8::1 quotes 1232"},
      {"over several buffers",
       ether(kV6) + ipv6({.next = kUdp}, udp(9008, 9000)),
       "icmpv6 port-unreachable 2001:db8::2 > 2001:db8::1 quotes 1232"},
      {"ping6", ether(kV6) + ipv6({.next = kIcmp6}, icmp(128, 0)),
       "icmpv6 port-unreachable 2001:db8::2 > 2001:db8::1 quotes 48"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(answer(row.frame), row.answer) << row.name;
  }
}

// What lies around the header that is answered.
struct Wrapped {
  const char* name;
  Bytes frame;
  const char* answer;
};

std::vector<Wrapped> wrapped() {
  const Bytes syn = segment(kSyn, 7, 0, 5), datagram = udp(11, 3);
  const Bytes one = ether(0x8100), two = ether(0x88a8) + tag(5, 0x8100);
  const Bytes v4 = ipv4({}, syn), v6 = ipv6({.next = kUdp}, datagram);
  const Bytes junk(6, 0xa5);
  constexpr const char* kReset4 =
      "tcp 198.51.100.2:22 > 192.0.2.1:1000 rst seq 0 ack 13";
  constexpr const char* kReset6 =
      "tcp 2001:db8::2:22 > 2001:db8::1:1000 rst seq 0 ack 13";
  constexpr const char* kPadded4 =
      "tcp 198.51.100.2:22 > 192.0.2.1:1000 rst seq 0 ack 13 padded";
  return {
      {"a tag", one + tag(9, kV4) + v4, kPadded4},
      {"two tags", two + tag(7, kV4) + v4, kReset4},
      {"a tag, IPv6", one + tag(9, kV6) + v6,
       "icmpv6 port-unreachable 2001:db8::2 > 2001:db8::1 quotes 51"},
      {"two tags, IPv6", two + tag(7, kV6) + v6,
       "icmpv6 port-unreachable 2001:db8::2 > 2001:db8::1 quotes 51"},
      {"padding", ether(kV4) + v4 + junk, kPadded4},
      {"a tag and padding", one + tag(9, kV4) + v4 + junk, kPadded4},
      {"options", ether(kV4) + ipv4({.ihl = 15}, syn), kPadded4},
      {"options and padding", ether(kV4) + ipv4({.ihl = 6}, syn) + junk,
       kPadded4},
      {"extension headers",
       ether(kV6) + ipv6({.next = 0}, extension(60, 0, 8) +
                                          extension(6, 1, 16) + syn),
       kReset6},
      {"an atomic fragment",
       ether(kV6) + ipv6({.next = 44}, fragment(6, 0) + syn), kReset6},
      {"AH", ether(kV4) + ipv4({.protocol = 51}, zeros(24)),
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 44"},
      {"an odd quote behind options and padding",
       one + tag(9, kV4) + ipv4({.protocol = kUdp, .ihl = 7}, datagram) + junk,
       "icmp port-unreachable 198.51.100.2 > 192.0.2.1 quotes 39"},
  };
}

TEST_F(Reject, WhateverTheHeaderIsWrappedIn) {
  for (const Wrapped& row : wrapped()) {
    EXPECT_EQ(answer(row.frame), row.answer) << row.name;
  }
}

// Another opinion on lengths and checksums. 1: good; what is quoted has none.
TEST_F(Reject, TsharkFindsNothingWrong) {
  Bytes capture = pcap_head();
  std::string expected;
  for (const Wrapped& row : wrapped()) {
    const Bytes frame = run(row.frame).frame;
    capture = capture + pcap_record(frame);
    const bool is_v4 = std::string_view(row.answer).contains("198.51");
    const bool is_tcp = std::string_view(row.answer).starts_with("tcp");
    expected += fmt::format("{}|{}|{}|{}|\n", is_v4 ? "1" : "",
                            is_tcp ? "1" : "", is_v4 && !is_tcp ? "1" : "",
                            !is_v4 && !is_tcp ? "1" : "");
  }
  const TempDir folder;
  const Finished read = test::run(
      {"tshark", "-r", folder.write("answers.pcap", capture), "-T", "fields",
       "-E", "separator=|", "-E", "occurrence=f", "-o",
       "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-e",
       "ip.checksum.status", "-e", "tcp.checksum.status", "-e",
       "icmp.checksum.status", "-e", "icmpv6.checksum.status", "-e",
       "_ws.malformed"});
  EXPECT_EQ(read.exit_code, 0) << read.err;
  EXPECT_EQ(read.out, expected);
}

TEST_F(Reject, TheQuoteIsThePacketItself) {
  Bytes frame = ether(kV4) + ipv4({.protocol = kUdp}, udp(520, 512));
  for (std::size_t i = 42; i < frame.size(); ++i) {
    frame[i] = static_cast<std::uint8_t>(i * 7);
  }
  const Bytes answer = run(frame).frame;
  ASSERT_EQ(answer.size(), frame.size() + 28);
  EXPECT_TRUE(std::equal(frame.begin() + 14, frame.end(), answer.begin() + 42));
}

TEST_F(Reject, AddressesAreExchangedAndTagsKept) {
  for (const Bytes& payload : {ipv4({}, tcp()),
                               ipv4({.protocol = kUdp}, udp(8))}) {
    const Bytes tags = tag(0x2005, 0x8100) + tag(7, 0x8100) + tag(8, 0x8100) +
                       tag(9, kV4);
    const Bytes frame = ether(0x88a8) + tags + payload;
    const Bytes answer = run(frame).frame;
    EXPECT_EQ(cut(answer, 12), (Bytes{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}));
    EXPECT_EQ(cut(frame, 12), (Bytes{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}));
    EXPECT_TRUE(std::equal(frame.begin() + 12, frame.begin() + 30,
                           answer.begin() + 12));
    EXPECT_TRUE(answer_text(answer).contains("198.51.100.2"))
        << answer_text(answer);
  }
}

Bytes with(Bytes frame, std::size_t at, const Bytes& bytes) {
  std::ranges::copy(bytes, frame.begin() + static_cast<std::ptrdiff_t>(at));
  return frame;
}

// RFC 1122 3.2.2, RFC 1812 4.3.2.7, RFC 4443 2.4(e), RFC 9293 3.10.7.1.
TEST_F(Reject, NeverAnswers) {
  const Bytes tcp4 = ether(kV4) + ipv4({}, tcp());
  const Bytes tcp6 = ether(kV6) + ipv6({}, tcp());
  const Bytes udp4 = ether(kV4) + ipv4({.protocol = kUdp}, udp(8));
  const Bytes all_ones(16, 0xff);
  std::vector<std::pair<std::string, Bytes>> rows = {
      {"a reset", ether(kV4) + ipv4({}, segment(kRst, 1, 2))},
      {"a reset with ack", ether(kV6) + ipv6({}, segment(kRst | kAck, 1, 2))},
      {"broadcast MAC", with(tcp4, 0, cut(all_ones, 6))},
      {"multicast MAC", with(tcp4, 0, {1, 0, 0x5e, 0, 0, 1})},
      {"group as source MAC", with(tcp4, 6, {3})},
      {"multicast", with(udp4, 30, {224, 0, 0, 251})},
      {"broadcast", with(udp4, 30, cut(all_ones, 4))},
      {"from nowhere", with(tcp4, 26, zeros(4))},
      {"from loopback", with(tcp4, 26, {127, 0, 0, 1})},
      {"from a group", with(tcp4, 26, {239, 1, 1, 1})},
      {"multicast6", with(tcp6, 38, {0xff, 2})},
      {"from nowhere6", with(tcp6, 22, zeros(16))},
      {"from loopback6", with(tcp6, 22, zeros(15) + Bytes{1})},
      {"from a group6", with(tcp6, 22, {0xff, 5})},
      {"first fragment",
       ether(kV4) + ipv4({.protocol = kUdp, .fragment = 0x2000}, udp(8))},
      {"later fragment",
       ether(kV4) + ipv4({.protocol = kUdp, .fragment = 2}, zeros(16))},
      {"first fragment6",
       ether(kV6) + ipv6({.next = 44}, fragment(kUdp, 1) + udp(8))},
      {"arp", ether(0x0806) + zeros(28)},
      {"icmp in ipv6", ether(kV6) + ipv6({.next = kIcmp}, icmp(8, 0))},
      {"icmpv6 in ipv4", ether(kV4) + ipv4({.protocol = kIcmp6}, icmp(128, 0))},
  };
  for (const int type : {3, 4, 5, 11, 12}) {
    rows.emplace_back(
        fmt::format("icmp error {}", type),
        ether(kV4) + ipv4({.protocol = kIcmp},
                          icmp(static_cast<std::uint8_t>(type), 0, 36)));
  }
  for (const int type : {1, 2, 3, 4, 100, 127, 137}) {
    rows.emplace_back(
        fmt::format("icmpv6 error {}", type),
        ether(kV6) + ipv6({.next = kIcmp6},
                          icmp(static_cast<std::uint8_t>(type), 0, 56)));
  }
  for (const auto& [name, frame] : rows) {
    const Ran ran = run(frame);
    EXPECT_EQ(ran.action, std::uint32_t{XDP_DROP}) << name;
    EXPECT_EQ(ran.frame, frame) << name;
  }
  // Counted under the rule all the same.
  EXPECT_EQ(counted(XG_SLOT_RULE).packets, rows.size());
}

TEST_F(Reject, MalformedPacketsAreNotAnswered) {
  auto program = load_program(build({.malformed = XG_MALFORMED_MATCH,
                                     .features = XG_HAS_REJECT,
                                     .rules = {{.action = XG_REJECT}}}));
  ASSERT_TRUE(program) << program.error().line();
  program_.emplace(std::move(*program));
  EXPECT_EQ(answer(ether(kV4) + ipv4({}, tcp({.offset = 4}))), "dropped");
  EXPECT_EQ(answer(ether(kV4) + ipv4({.protocol = kUdp}, udp(7))), "dropped");
  EXPECT_EQ(counted(XG_SLOT_RULE).packets, 2u);
}

TEST_F(Reject, AnswersHaveARateOnceTheProgramIsInForce) {
  const Bytes frame = ether(kV4) + ipv4({}, tcp());
  constexpr int kFrames = 5 * XG_ANSWERS_BURST;
  for (int i = 0; i < kFrames; ++i) EXPECT_NE(answer(frame), "dropped");
  EXPECT_EQ(counted(XG_SLOT_ANSWERED).packets, 0u);  // only being checked
  ASSERT_TRUE(announce(*program_, 1));
  timespec before{}, after{};
  ::clock_gettime(CLOCK_MONOTONIC, &before);
  std::uint64_t answered = 0;
  for (int i = 0; i < kFrames; ++i) answered += answer(frame) != "dropped";
  ::clock_gettime(CLOCK_MONOTONIC, &after);
  const double seconds = static_cast<double>(after.tv_sec - before.tv_sec) +
                         static_cast<double>(after.tv_nsec - before.tv_nsec) /
                             1e9;
  EXPECT_GE(answered, XG_ANSWERS_BURST);
  EXPECT_LE(static_cast<double>(answered),
            XG_ANSWERS_BURST + 1 + seconds * XG_ANSWERS_PER_SECOND);
  EXPECT_EQ(counted(XG_SLOT_ANSWERED).packets, answered);
  EXPECT_EQ(counted(XG_SLOT_WITHHELD).packets, kFrames - answered);
  EXPECT_EQ(counted(XG_SLOT_RULE).packets, 2u * kFrames);
}

}  // namespace
}  // namespace xdpgate::test
