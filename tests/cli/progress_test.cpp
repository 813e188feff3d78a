// SPDX-License-Identifier: GPL-2.0-only
// The line that tells what takes its time: on a terminal, after a second, and
// gone in the end.
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

namespace xdpgate::test {
namespace {

constexpr unsigned kLongerThanPatience = 1'500'000;  // microseconds

// What `xdpgate check -` writes to a terminal when its policy comes late.
std::string check_of_late_input(const char* no_color) {
  int terminal = -1;
  std::array<int, 2> input{};
  EXPECT_EQ(::pipe(input.data()), 0);
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::close(input[1]);
    no_color == nullptr ? ::unsetenv("NO_COLOR")
                        : ::setenv("NO_COLOR", no_color, 1);
    ::execl(XG_TOOL, "xdpgate", "check", "-", nullptr);
    ::_exit(127);
  }
  ::close(input[0]);
  ::usleep(kLongerThanPatience);
  const std::string policy = "version: 1\nname: p\ndefault: pass\nrules: []\n";
  EXPECT_EQ(::write(input[1], policy.data(), policy.size()),
            static_cast<ssize_t>(policy.size()));
  ::close(input[1]);
  std::string text;
  std::array<char, 4096> part{};
  ssize_t got = 0;
  while ((got = ::read(terminal, part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  ::close(terminal);
  return text;
}

TEST(Progress, IsShownOnATerminalAndWiped) {
  const std::string text = check_of_late_input(nullptr);
  const auto shown = text.find("\r\033[Kreading - … 1 s");
  const auto wiped = text.find("\r\033[K-: ok: 0 rules");
  EXPECT_NE(shown, std::string::npos) << text;
  EXPECT_NE(wiped, std::string::npos) << text;
  EXPECT_LT(shown, wiped);
}

TEST(Progress, IsNotShownWithoutColour) {
  const std::string text = check_of_late_input("1");
  EXPECT_EQ(text.find('\033'), std::string::npos) << text;
  EXPECT_NE(text.find("-: ok: 0 rules"), std::string::npos) << text;
}

}  // namespace
}  // namespace xdpgate::test
