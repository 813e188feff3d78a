// SPDX-License-Identifier: GPL-2.0-only
// A policy's own tests: what passes, what is said of what does not, which rules
// were reached, and the XML.
#include "explain/test_run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compile/compile.h"
#include "explain/junit.h"
#include "tests/explain/explained.h"
#include "tests/support/capture_bytes.h"
#include "tests/support/temp_dir.h"

namespace xdpgate::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kRules =
    "version: 1\n"
    "rules:\n"
    "  - {name: seen, match: {protocol: tcp}, action: count}\n"
    "  - {name: ssh, match: {dst_port: 22}, action: drop}\n"
    "  - {name: dns, match: {dst_port: 53}, action: pass}\n"
    "tests:\n";
const std::string kSsh = "packet: \"tcp 192.0.2.1:1000 > 198.51.100.1:22\"";

Policy with_tests(const std::vector<std::string>& tests) {
  std::string text = kRules;
  for (const std::string& test : tests) text += "  - {" + test + "}\n";
  return policy_of(text);
}

class TestRunTest : public testing::Test {
 protected:
  TestRun run_of(const Policy& policy) {
    return {policy, compile(policy, {}).value(), dir_.path()};
  }
  // The failures of a policy's only test, a line each.
  std::string failures(const std::string& test) {
    const Policy policy = with_tests({test});
    TestRun run = run_of(policy);
    const TestResult result = run.run(policy.tests.at(0));
    EXPECT_FALSE(run.disagreement());
    return fmt::format("{}", fmt::join(result.failures, "\n"));
  }

  // Two frames: UDP from 5353 to 53, and ARP.
  const TempDir dir_;
  const std::string capture_ = dir_.write(
      "c.pcap", pcap_head({}) +
                    pcap_record(ether(0x0800) +
                                    ipv4({.protocol = 17}, udp(8)), {1, 0}) +
                    pcap_record(ether(0x0806) + zeros(28), {2, 0}));
};

struct Row {
  std::string test;
  const char* failures;
};

TEST_F(TestRunTest, SaysWhatDidNotComeTrue) {
  const Row rows[] = {
      {kSsh + ", expect: drop", ""},
      {kSsh + ", expect: drop, rule: ssh", ""},
      {kSsh + ", expect: drop, rules: {seen: 1, ssh: 1, dns: 0}", ""},
      {kSsh + ", repeat: 3, expect: {drop: 3, pass: 0}", ""},
      {"packet: arp, expect: pass, rule: null", ""},
      {"pcap: c.pcap, expect: pass", ""},
      {"pcap: c.pcap, expect: {pass: 2}, rules: {dns: 1}", ""},
      {kSsh + ", expect: pass",
       "drop by rule `ssh`; expected pass"},
      {kSsh + ", expect: drop, rule: dns",
       "drop by rule `ssh`; expected by rule `dns`"},
      {kSsh + ", expect: pass, rule: null",
       "drop by rule `ssh`; expected pass by no rule"},
      {kSsh + ", repeat: 3, expect: {drop: 2, pass: 1}",
       "0 of 3 packets: pass; expected 1\n3 of 3 packets: drop; expected 2"},
      {kSsh + ", expect: drop, rules: {seen: 2}",
       "rule `seen` counted 1; expected 2"},
      {"pcap: c.pcap, expect: pass, rule: dns",
       "1 of 2 packets were judged otherwise, first: pass by default; "
       "expected by rule `dns`"},
      {"pcap: c.pcap, expect: drop",
       "2 of 2 packets were judged otherwise, first: pass by rule `dns`; "
       "expected drop"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(failures(row.test), row.failures) << row.test;
  }
}

TEST_F(TestRunTest, ExplainsTheFirstPacketThatIsOtherwise) {
  const Policy policy =
      with_tests({kSsh + ", expect: pass", "pcap: c.pcap, expect: pass, rule: "
                                           "dns"});
  TestRun run = run_of(policy);
  EXPECT_EQ(run.run(policy.tests[0]).excerpt,
            "tcp 192.0.2.1:1000 > 198.51.100.1:22 syn\n"
            "rules tried: 2\n"
            "  rule    first key that failed  packet has\n"
            "  1 seen  matches: count\n"
            "  2 ssh   matches: drop\n");
  EXPECT_THAT(run.run(policy.tests[1]).excerpt,
              testing::StartsWith("frame 2: arp "));
}

// What a policy with memory says depends on the clock and on what sets hold.
TEST_F(TestRunTest, SetsAndTheClockAreTheTests) {
  const std::string rules =
      "version: 1\n"
      "sets:\n"
      "  banned: {type: address, dynamic: true, timeout: 10s}\n"
      "rules:\n"
      "  - {name: banned, match: {src: \"@banned\"}, action: drop}\n"
      "  - {name: dns, match: {dst_port: 53}, action: pass, limit: {rate: 1/s, "
      "burst: 2, per: src}, ban: {set: banned, for: 5s}}\n"
      "tests:\n"
      "  - {packet: \"udp 192.0.2.1:1000 > 198.51.100.1:53\", ";
  const Row rows[] = {
      {"expect: pass, rule: dns", ""},
      {"sets: {banned: [192.0.2.1]}, expect: drop, rule: banned", ""},
      {"sets: {banned: 192.0.2.0/24}, expect: drop, rule: banned", ""},
      {"sets: {banned: [192.0.2.2, 2001:db8::1]}, expect: pass", ""},
      {"sets: {banned: [192.0.2.1]}, repeat: 2, every: 9s, expect: drop", ""},
      {"sets: {banned: [192.0.2.1]}, repeat: 2, every: 11s, expect: {drop: 1, "
       "pass: 1}",
       ""},
      {"repeat: 3, expect: {pass: 2, drop: 1}, rules: {dns: 3}", ""},
      {"repeat: 3, every: 1s, expect: pass", ""},
      // Beyond the limit at 0.8 s, banned from then on, back at 6 s.
      {"repeat: 16, every: 400ms, expect: {pass: 3, drop: 13}, rules: {dns: 4, "
       "banned: 12}",
       ""},
      {"sets: {banned: [192.0.2.1]}, expect: pass",
       "drop by rule `banned`; expected pass"},
  };
  for (const Row& row : rows) {
    const Policy policy = policy_of(rules + row.test + "}\n");
    TestRun run = run_of(policy);
    const TestResult result = run.run(policy.tests.at(0));
    EXPECT_FALSE(run.disagreement()) << row.test;
    EXPECT_EQ(fmt::format("{}", fmt::join(result.failures, "\n")), row.failures)
        << row.test;
  }
}

TEST_F(TestRunTest, CapturesThatCannotBeReadFailTheirTest) {
  EXPECT_THAT(failures("pcap: none.pcap, expect: pass"),
              HasSubstr("none.pcap: No such file or directory"));
  dir_.write("bad.pcap", std::string("nothing"));
  EXPECT_THAT(failures("pcap: bad.pcap, expect: pass"), HasSubstr("bad.pcap"));
}

TEST_F(TestRunTest, KnowsTheRulesThatNothingReached) {
  const Policy policy = with_tests({kSsh + ", expect: drop"});
  TestRun run = run_of(policy);
  EXPECT_THAT(run.unreached(), ElementsAre(0, 1, 2));
  (void)run.run(policy.tests[0]);
  EXPECT_THAT(run.unreached(), ElementsAre(2));
}

TEST_F(TestRunTest, NoticesAnImageOfAnotherPolicy) {
  const Policy policy = with_tests({kSsh + ", expect: drop"});
  const Policy other = policy_of_rules({"{name: seen, action: count}",
                                        "{name: ssh, action: pass}",
                                        "{name: dns, action: pass}"});
  TestRun run(policy, compile(other, {}).value(), "");
  (void)run.run(policy.tests[0]);
  ASSERT_TRUE(run.disagreement());
  EXPECT_FALSE(agree(run.disagreement()->explanation.answers));
}

TEST(CheckTestPackets, ReportsEachAtItsPlace) {
  const Policy policy =
      with_tests({"packet: arp, expect: pass", "packet: tpc, expect: pass",
                  "packet: \"tcp 1.2.3.4\", expect: pass"});
  Diagnostics diagnostics;
  check_test_packets(policy.tests, "p.yaml", diagnostics);
  std::string text;
  for (const auto& found : diagnostics.sorted()) text += found.text() + "\n";
  EXPECT_THAT(text, HasSubstr("p.yaml:8:14: error: a packet cannot begin with "
                              "`tpc`"));
  EXPECT_THAT(text, HasSubstr("\np.yaml:9:14: error: "));
}

TEST(JunitXml, EscapesWhatXmlCannotHold) {
  PolicyTest passed, failed;
  passed.packet = "arp";
  passed.at = {7, 5};
  failed.name = "<a & \"b\">\x01\xff";
  failed.at = {8, 5};
  TestResult bad;
  bad.failures = {"drop; expected pass", "b"};
  bad.excerpt = "x > y\n";
  EXPECT_EQ(junit_xml("p", "p.yaml", {{&passed, {}}, {&failed, bad}}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"p\" tests=\"2\" failures=\"1\" errors=\"0\" "
            "skipped=\"0\" time=\"0.000000\">\n"
            "  <testcase classname=\"p\" name=\"arp\" file=\"p.yaml\" "
            "line=\"7\" time=\"0.000000\"/>\n"
            "  <testcase classname=\"p\" name=\"&lt;a &amp; "
            "&quot;b&quot;&gt;\xef\xbf\xbd\xef\xbf\xbd\" file=\"p.yaml\" "
            "line=\"8\" time=\"0.000000\">\n"
            "    <failure message=\"drop; expected pass; b\">drop; expected "
            "pass; b&#10;x &gt; y&#10;</failure>\n"
            "  </testcase>\n"
            "</testsuite>\n");
}

}  // namespace
}  // namespace xdpgate::test
