// SPDX-License-Identifier: GPL-2.0-only
// Policies cut, mutated, huge, deep, aliased without end: an error with a place
// that exists, in bounded time and memory, and never a crash.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "base/dice.h"
#include "policy/check.h"
#include "rulefile/read.h"

namespace xdpgate::test {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

// Reads and checks `text`; every error must point into it.
bool is_refused(const std::string& text) {
  Diagnostics diagnostics;
  auto no_file = [](const std::string& path) -> Result<std::string> {
    return failure({"read", path, "there are no files here", ""});
  };
  const auto file = read_rule_file(text, "p.yaml", diagnostics);
  const bool refused = !file || !check(*file, no_file, diagnostics);
  EXPECT_EQ(refused, diagnostics.has_errors());
  const auto lines = lines_of(text);
  for (const Diagnostic& d : diagnostics.sorted()) {
    const auto line = static_cast<std::size_t>(d.at.line);
    EXPECT_TRUE(line >= 1 && line <= lines.size()) << d.text();
    if (line < 1 || line > lines.size()) continue;
    EXPECT_GE(d.at.column, 1) << d.text();
    EXPECT_LE(d.at.column, static_cast<int>(lines[line - 1].size()) + 1)
        << d.text();
  }
  return refused;
}

// A policy of every section and every shape of value.
const std::string kPolicy = R"(version: 1
name: edge
interfaces: [eth0, "eth1"]
mode: auto
default: drop
malformed: match
sets:
  bogons: {type: address, elements: &list [0.0.0.0/8, "2001:db8::/32"]}
  web: {type: port, elements: [80, 443, 8000-8099]}
rules:
  - name: ssh  # the office
    match: {src: [203.0.113.0/24, "2001:db8:1::/48"], protocol: tcp}
    action: pass
  - {name: web, match: {dst_port: {not: "@web"}, tcp_flags: "syn/syn,ack"},
     action: drop}
  - name: bytes
    match:
      src: *list
      payload: {at: l4, offset: 13, bytes: "02", mask: '12'}
      vlan: [none, 5, 10-20]
    action: count
  -
    name: |-
      last
    action: pass
tests:
  - {packet: "tcp 192.0.2.1:1 > 192.0.2.2:22 syn", expect: drop, rule: ~}
)";

TEST(Hostile, PolicyItselfIsSound) { EXPECT_FALSE(is_refused(kPolicy)); }

TEST(Hostile, TruncatedAtEveryByte) {
  for (std::size_t size = 0; size < kPolicy.size(); ++size) {
    SCOPED_TRACE(size);
    is_refused(kPolicy.substr(0, size));
    if (HasFailure()) return;
  }
}

class Mutations {
 public:
  explicit Mutations(std::uint64_t seed) : dice_(seed) {}

  std::string next() {
    std::string text = kPolicy;
    for (auto n = dice_.below(5) + 1; n > 0 && !text.empty(); --n) {
      mutate(text);
    }
    return text;
  }

 private:
  std::size_t place(const std::string& text) {
    return dice_.below(text.size());
  }
  char character() {
    static const std::string kOfYaml =
        "[]{},:-?&*#!|>'\"%@`~ \t\n\r\\0aA/.<\xef\xbb\xbf\xe2\x80\xa8\x85";
    return dice_.one_in(4) ? static_cast<char>(dice_.below(256))
                           : dice_.pick(kOfYaml);
  }
  void mutate(std::string& text) {
    switch (dice_.below(5)) {
      case 0:
        text[place(text)] = character();
        break;
      case 1:
        text.insert(place(text), dice_.below(4) + 1, character());
        break;
      case 2:
        text.erase(place(text), dice_.below(20) + 1);
        break;
      case 3:
        text.insert(place(text), text.substr(place(text), dice_.below(80)));
        break;
      default:
        text.resize(place(text));
    }
  }

  Dice dice_;
};

TEST(Hostile, Mutated) {
  constexpr std::uint64_t kSeed = 20261124;
  constexpr int kRounds = 50'000;
  Mutations mutations(kSeed);
  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = mutations.next();
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " round " << round);
    refused += is_refused(text) ? 1 : 0;
    ASSERT_FALSE(HasFailure()) << text;
  }
  EXPECT_GT(refused, kRounds / 2);
  EXPECT_LT(refused, kRounds);
}

// ---- in a process with limits ----

constexpr std::size_t kMega = 1 << 20;

std::string repeated(std::string_view unit, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + unit.size());
  while (text.size() < bytes) text += unit;
  return text;
}

// Each level stands for ten of the one before.
std::string alias_bomb(std::string_view open, std::string_view close,
                       bool is_map) {
  std::string text = "version: 1\na0: &a0 x\n";
  for (int level = 1; level < 20; ++level) {
    text += fmt::format("a{0}: &a{0} {1}", level, open);
    for (int i = 0; i < 10; ++i) {
      if (is_map) text += fmt::format("k{}: ", i);
      text += fmt::format("*a{}, ", level - 1);
    }
    text += fmt::format("{}\n", close);
  }
  return text;
}

struct LimitCase {
  std::string name;
  std::function<std::string()> make;
  bool sound = false;
  unsigned times = 1;  // what it may take more than the others
};
void PrintTo(const LimitCase& limit_case, std::ostream* out) {
  *out << limit_case.name;
}

#ifdef __SANITIZE_ADDRESS__
constexpr rlim_t kCpuSeconds = 120;
#else
constexpr rlim_t kCpuSeconds = 20;
#endif
constexpr rlim_t kAddressSpace = 1'536 * kMega;
constexpr int kRefused = 10, kAccepted = 20, kThrown = 30;

void limit_resources(unsigned times) {
  const rlimit cpu = {kCpuSeconds * times, kCpuSeconds * times};
  ::setrlimit(RLIMIT_CPU, &cpu);
#ifndef __SANITIZE_ADDRESS__  // its shadow memory takes terabytes
  const rlimit memory = {kAddressSpace * times, kAddressSpace * times};
  ::setrlimit(RLIMIT_AS, &memory);
#endif
}

int judge(const LimitCase& limit_case) {
  Diagnostics diagnostics;
  auto no_file = [](const std::string&) -> Result<std::string> {
    return failure({"read", "", "no files", ""});
  };
  const auto file = read_rule_file(limit_case.make(), "p.yaml", diagnostics);
  if (file) (void)check(*file, no_file, diagnostics);
  return diagnostics.has_errors() ? kRefused : kAccepted;
}

[[noreturn]] void judge_with_limits(const LimitCase& limit_case) {
  limit_resources(limit_case.times);
  int answer = kThrown;  // out of memory, or a bug
  try {
    answer = judge(limit_case);
  } catch (...) {
  }
  ::_exit(answer);
}

class WithinLimits : public testing::TestWithParam<LimitCase> {};

TEST_P(WithinLimits, EndsWithAnAnswer) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) judge_with_limits(GetParam());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), GetParam().sound ? kAccepted : kRefused);
}

// A head, one text again and again up to some size, a tail.
LimitCase many(std::string name, std::string head, std::string unit,
               std::string tail = "", bool sound = false,
               std::size_t bytes = 2 * kMega) {
  auto make = [=] { return head + repeated(unit, bytes) + tail; };
  return {std::move(name), make, sound};
}

const std::string kHead = "version: 1\n";

INSTANTIATE_TEST_SUITE_P(
    Deep, WithinLimits,
    testing::Values(many("lists", "rules: ", "[", "", false, 100'000),
                    many("maps", "rules: ", "{a: ", "", false, 400'000),
                    many("lists_closed", "rules: ", "[",
                         std::string(100'000, ']'), false, 100'000),
                    many("block_lists", "", "- ", "x\n", false, 200'000),
                    many("block_keys", "", "? ", "x\n", false, 200'000),
                    LimitCase{"block_maps",
                              [] {
                                std::string text;
                                for (int i = 0; i < 3'000; ++i) {
                                  text +=
                                      std::string(static_cast<std::size_t>(i),
                                                  ' ') +
                                      "a:\n";
                                }
                                return text;
                              }}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Aliases, WithinLimits,
    testing::Values(
        LimitCase{"bomb_of_lists", [] { return alias_bomb("[", "]", false); }},
        LimitCase{"bomb_of_maps", [] { return alias_bomb("{", "}", true); }},
        LimitCase{"long_list_again_and_again",
                  [] {
                    return kHead + "a: &a [" + repeated("x,", 200'000) +
                           "]\nrules: [" + repeated("*a,", 300'000) + "]\n";
                  }},
        many("anchors", kHead + "rules:\n", "- &a x\n"),
        many("ampersands_in_an_anchor", kHead + "rules: ", "&", "", true),
        many("stars", kHead + "rules: ", "*"),
        many("long_anchor", kHead + "rules: &", "x", "", true),
        many("long_alias", kHead + "rules: *", "x")),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Many, WithinLimits,
    testing::Values(
        many("commas", kHead + "rules: [", ","), many("open_brackets", "", "["),
        many("open_braces", "", "{"), many("close_brackets", "", "]"),
        many("empty_lists", kHead + "rules: [", "[],"), many("dashes", "", "-"),
        many("dash_lines", "", "-\n"), many("colons", "", ":"),
        many("question_marks", "", "?\n"),
        many("quotes", kHead + "rules: ", "'"),
        many("double_quotes", kHead + "rules: [", "\"\","),
        many("bangs", kHead + "rules: ", "!"),
        many("bars", kHead + "rules: ", "|"), many("percents", "", "%\n"),
        many("ats", "", "@"), many("tabs", kHead, "\t"),
        many("documents", "", "---\n"), many("carriage_returns", kHead, "\r"),
        many("byte_order_marks", "", "\xef\xbb\xbf"),
        many("newlines", kHead, "\n", "", true),
        many("blanks", kHead, " ", "", true),
        many("comments", kHead, "# x\n", "", true),
        many("same_key", kHead, "name: a\n"),
        many("unknown_keys", kHead, "nmae: a\n"),
        many("words_as_rules", kHead + "rules:\n", "- 1\n"),
        many("empty_rules", kHead + "rules:\n", "- {}\n")),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Long, WithinLimits,
    testing::Values(many("word", kHead + "name: ", "x"),
                    many("words", kHead + "name: ", "x "),
                    many("quoted", kHead + "name: \"", "x", "\""),
                    many("quoted_and_open", kHead + "name: \"", "x"),
                    many("quoted_lines", kHead + "name: '", "x\n"),
                    many("literal", kHead + "name: |\n", "  x\n"),
                    many("folded", kHead + "name: >\n", "  x\n"),
                    many("key", "", "x", ": 1\n"),
                    many("tag", kHead + "name: !", "x"),
                    many("comment", kHead + "#", "x", "", true)),
    [](const auto& info) { return info.param.name; });

// The longest policies there are: a million rules take 2 GB.
LimitCase longest(std::string name, std::string head, std::string unit,
                  std::size_t bytes = kMaxPolicyBytes - 100) {
  LimitCase limit_case =
      many(std::move(name), std::move(head), std::move(unit), "", false, bytes);
  limit_case.times = 2;
  return limit_case;
}

INSTANTIATE_TEST_SUITE_P(
    Longest, WithinLimits,
    testing::Values(longest("nested", "", "["),
                    longest("lists", kHead + "rules: [", "[],"),
                    longest("one_byte_more", kHead + "#", "x",
                            kMaxPolicyBytes)),
    [](const auto& info) { return info.param.name; });

// Errors whose hints look at all names of the file.
INSTANTIATE_TEST_SUITE_P(
    Names, WithinLimits,
    testing::Values(
        LimitCase{"sets",
                  [] {
                    std::string text = kHead + "sets:\n";
                    for (int i = 0; i < 50'000; ++i) {
                      text += fmt::format(
                          "  s{}: {{type: port, elements: []}}\n", i);
                    }
                    text += "rules:\n";
                    for (int i = 0; i < 12'000; ++i) {
                      text += fmt::format(
                          "- {{name: r{0}, match: {{port: \"@x{0}\"}}, "
                          "action: pass}}\n",
                          i);
                    }
                    return text;
                  }},
        LimitCase{"rules",
                  [] {
                    std::string text = kHead + "rules:\n";
                    for (int i = 0; i < 50'000; ++i) {
                      text += fmt::format("- {{name: r{}, action: pass}}\n", i);
                    }
                    text += "tests:\n";
                    for (int i = 0; i < 12'000; ++i) {
                      text += fmt::format(
                          "- {{packet: x, expect: pass, rule: x{}}}\n", i);
                    }
                    return text;
                  }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace xdpgate::test
