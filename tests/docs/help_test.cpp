// SPDX-License-Identifier: GPL-2.0-only
// docs/commands.md and `--help` name the same commands and options.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/markdown_table.h"

namespace xdpgate::test {
namespace {

using Names = std::set<std::string>;

std::string help(const std::string& command) {
  const std::string line = fmt::format("{} {} --help", XG_BINARY, command);
  FILE* pipe = ::popen(line.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run " + line);
  std::string text;
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe)) text += buffer.data();
  EXPECT_EQ(::pclose(pipe), 0) << line;
  return text;
}

// First words of the indented lines below "TITLE:".
Names words_below(const std::string& text, const std::string& title) {
  Names words;
  std::istringstream lines(text);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(" ")) {
      inside = line == title + ":";
    } else if (inside && line.starts_with("  ") && line[2] != ' ') {
      words.insert(line.substr(2, line.find(' ', 2) - 2));
    }
  }
  return words;
}

// "-i,--interface" -> both; help itself is everybody's.
Names options_of_help(const std::string& command) {
  Names options;
  for (const std::string& word : words_below(help(command), "Options")) {
    std::istringstream parts(word);
    for (std::string part; std::getline(parts, part, ',');) {
      if (part != "-h" && part != "--help") options.insert(part);
    }
  }
  return options;
}

// The text of "## `xdpgate COMMAND`" of docs/commands.md, by command.
std::map<std::string, std::string> sections() {
  std::map<std::string, std::string> all;
  std::istringstream text(read_source("docs/commands.md"));
  std::string command;
  static const std::regex kTitle("## `xdpgate ([a-z]+)`");
  for (std::string line; std::getline(text, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kTitle)) {
      command = match[1];
    } else if (line.starts_with("## ")) {
      command.clear();
    }
    if (!command.empty()) all[command] += line + "\n";
  }
  return all;
}

// Options in the first cells of a section's tables.
Names options_of_section(const std::string& section) {
  Names options;
  static const std::regex kOption("`(--?[a-z][-a-z0-9]*)");
  std::istringstream lines(section);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `-")) continue;
    const std::string cell = line.substr(2, line.find(" |", 2) - 2);
    for (std::sregex_iterator it(cell.begin(), cell.end(), kOption), end;
         it != end; ++it) {
      options.insert((*it)[1]);
    }
  }
  return options;
}

TEST(DocumentedCommands, AreThoseOfHelp) {
  Names documented;
  for (const auto& [command, text] : sections()) documented.insert(command);
  EXPECT_EQ(documented, words_below(help(""), "Subcommands"));
  EXPECT_GE(documented.size(), 7u);
}

TEST(DocumentedCommands, HaveTheOptionsOfHelp) {
  for (const auto& [command, text] : sections()) {
    EXPECT_EQ(options_of_section(text), options_of_help(command)) << command;
  }
}

}  // namespace
}  // namespace xdpgate::test
