// SPDX-License-Identifier: GPL-2.0-only
// Proposals: which end is the server, what is put together, and that whatever
// was seen is passed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "packet/build_frame.h"
#include "packet/packet_text.h"
#include "pcap/capture.h"
#include "policy/evaluate.h"
#include "policy/load.h"
#include "suggest/proposal.h"
#include "tests/support/random_packets.h"
#include "tests/support/replay_counts.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using Frames = std::vector<std::vector<std::uint8_t>>;

Frames frames_in_words(const std::vector<std::string>& packets) {
  Frames frames;
  for (const std::string& words : packets) {
    const auto spec = parse_packet_text(words);
    EXPECT_TRUE(spec) << words;
    if (spec) frames.push_back(build_frame(*spec));
  }
  return frames;
}

std::string proposal_for(const Frames& frames,
                         const ProposalOptions& options = {}) {
  SeenTraffic traffic;
  for (const auto& frame : frames) traffic.add(dissect(frame, ""));
  const std::uint64_t bad = traffic.malformed();
  return proposal(traffic, {{"c.pcap", traffic.packets() - bad, bad}}, options);
}

std::string proposal_for_words(const std::vector<std::string>& packets,
                               const ProposalOptions& options = {}) {
  return proposal_for(frames_in_words(packets), options);
}

// The policy of a proposal that is sound without a warning.
Policy sound(const std::string& text) {
  Diagnostics diagnostics;
  auto policy = parse_policy(text, "p.yaml", diagnostics);
  std::string found;
  for (const auto& d : diagnostics.sorted()) found += d.text() + "\n";
  EXPECT_EQ(found, "") << text;
  return policy ? std::move(*policy) : Policy();
}

// Every well-formed frame passes by a rule, and the test says how many.
void expect_passes(const Frames& frames, const ProposalOptions& options) {
  const std::string text = proposal_for(frames, options);
  const Policy policy = sound(text);
  std::uint32_t passed = 0;
  for (const auto& frame : frames) {
    const Packet packet = dissect(frame, "eth0");
    if (packet.packet_class != XG_CLASS_OK) continue;
    ++passed;
    const Decision decision = evaluate(policy, packet).decision;
    ASSERT_EQ(decision.verdict, XG_PASS) << packet_text(packet) << text;
    ASSERT_TRUE(decision.rule);
  }
  ASSERT_EQ(policy.tests.size(), 1u);
  EXPECT_EQ(policy.tests[0].verdicts.at(XG_PASS), passed);
  EXPECT_LE(policy.rules.size(), options.max_rules + 2);
}

std::vector<std::string> captures() {
  std::vector<std::string> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(XG_SOURCE_DIR "/pcaps")) {
    const auto extension = entry.path().extension();
    if (extension == ".pcap" || extension == ".pcapng") {
      paths.push_back("pcaps/" + entry.path().filename().string());
    }
  }
  return paths;
}

TEST(Proposal, PassesEveryWellFormedFrameOfEveryCapture) {
  EXPECT_GE(captures().size(), 15u);
  for (const std::string& path : captures()) {
    SCOPED_TRACE(path);
    Frames frames;
    for (Frame& frame : frames_of(path)) {
      frames.push_back(std::move(frame.bytes));
    }
    expect_passes(frames, {});
    expect_passes(frames, {.max_rules = 24, .max_talkers = 2});
    expect_passes(frames, {.prefix4 = 24, .prefix6 = 64});
  }
}

TEST(Proposal, PassesAnythingThatIsWellFormed) {
  RandomPackets packets(11);
  Frames frames;
  for (int i = 0; i < 1500; ++i) frames.push_back(packets.next());
  expect_passes(frames, {.max_rules = 1000});
  expect_passes(frames, {.max_rules = 1000, .max_talkers = 3, .prefix4 = 8});
}

TEST(Proposal, FindsTheServerByWhoOpened) {
  const auto text = proposal_for_words(
      {"tcp 192.0.2.1:80 > 198.51.100.1:50000 syn",
       "tcp 198.51.100.1:50000 > 192.0.2.1:80 syn,ack",
       "tcp 192.0.2.9:40000 > 198.51.100.1:443 ack",
       "udp 192.0.2.9:50000 > 198.51.100.53:53",
       "udp 198.51.100.53:53 > 192.0.2.9:50000"});
  EXPECT_THAT(text, HasSubstr("- name: tcp-50000\n    match: {src: 192.0.2.1, "
                              "dst: 198.51.100.1, protocol: tcp, dst_port: "
                              "50000}\n"));
  EXPECT_THAT(text, HasSubstr("- name: tcp-50000-answers\n"));
  EXPECT_THAT(text, HasSubstr("tcp_flags: {not: \"syn/syn,ack\"}\n"));
  EXPECT_THAT(text, HasSubstr("- name: tcp-https\n"));
  EXPECT_THAT(text, HasSubstr("- name: udp-domain\n"));
  EXPECT_THAT(text, HasSubstr("- name: udp-domain-answers\n"));
  EXPECT_THAT(text, Not(HasSubstr("http\n")));
}

TEST(Proposal, MergesHostsOnlyIntoPrefixesThatTheyFill) {
  std::vector<std::string> packets;
  for (int host = 8; host < 16; ++host) {
    packets.push_back(fmt::format("tcp 192.0.2.{}:4000 > 198.51.100.1:22",
                                  host));
  }
  packets.emplace_back("tcp 192.0.2.130:4000 > 198.51.100.1:22");
  EXPECT_THAT(proposal_for_words(packets),
              HasSubstr("src: [192.0.2.8/29, 192.0.2.130]\n"));
  EXPECT_THAT(proposal_for_words(packets, {.prefix4 = 24}),
              HasSubstr("src: 192.0.2.0/24"));
  EXPECT_THAT(proposal_for_words(packets, {.prefix4 = 25}),
              HasSubstr("src: [192.0.2.0/25, 192.0.2.130]\n"));
  const auto open = proposal_for_words(packets, {.max_talkers = 1});
  EXPECT_THAT(open, HasSubstr("# 9 packets, from many\n"));
  EXPECT_THAT(open, HasSubstr("match: {dst: 198.51.100.1, protocol: tcp, "
                              "dst_port: ssh}\n"));
}

TEST(Proposal, PutsServicesOfTheSameTalkersTogether) {
  std::vector<std::string> packets;
  for (const int port : {80, 443, 8080}) {
    packets.push_back(
        fmt::format("tcp 192.0.2.1:4000 > 198.51.100.1:{}", port));
  }
  packets.emplace_back("tcp 192.0.2.2:4000 > 198.51.100.1:25");
  const Policy policy = sound(proposal_for_words(packets));
  ASSERT_EQ(policy.rules.size(), 4u);  // with ARP and Neighbor Discovery
  EXPECT_EQ(policy.rules[0].match.dst_port->size(), 3u);
}

TEST(Proposal, KeepsToTheNumberOfRulesItMayHave) {
  Frames frames;
  for (int i = 1; i < 200; ++i) {
    const auto more = frames_in_words(
        {fmt::format("tcp 192.0.2.{}:4000 > 198.51.100.1:{}", i,
                     1000 + 7 * i)});
    frames.insert(frames.end(), more.begin(), more.end());
  }
  expect_passes(frames, {.max_rules = 16});
  EXPECT_EQ(sound(proposal_for(frames, {.max_rules = 16})).rules.size(), 18u);
}

TEST(Proposal, SaysThatItIsOneAndQuotesTheCapture) {
  const std::string text = proposal({}, {{"a \"b\".pcap\n", 0, 3}},
                                    {.name = "edge"});
  EXPECT_TRUE(text.starts_with("# PROPOSAL, made by `xdpgate suggest` from "));
  EXPECT_THAT(text, HasSubstr("\nname: edge\ndefault: drop\n"));
  EXPECT_EQ(sound(text).tests.at(0).pcap, "a \"b\".pcap\n");
  EXPECT_THAT(proposal({}, {{"-", 0, 0}}, {}), Not(HasSubstr("tests:")));
}

}  // namespace
}  // namespace xdpgate::test
