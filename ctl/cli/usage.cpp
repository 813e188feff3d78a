// SPDX-License-Identifier: GPL-2.0-only
#include "cli/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>
#include <utility>

#include "base/say.h"
#include "base/text.h"
#include "cli/command.h"

namespace xdpgate {
namespace {

using Words = std::vector<std::string>;

// " (did you mean `x`?)" or nothing.
std::string meant(const std::string& word, const Words& words) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  const std::string hint = nearest_hint(word, views);
  return hint.empty() ? hint : fmt::format(" ({})", hint);
}

Words option_names(const CLI::App& app) {
  Words names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

Words command_names(const CLI::App& app) {
  Words names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  return names;
}

std::string unknown_argument(const CLI::App& app, std::string word) {
  word = word.substr(0, word.find('='));
  if (word.starts_with('-')) {
    return fmt::format("there is no option {}{}", in_quotes(word),
                       meant(word, option_names(app)));
  }
  return "one argument too many: " + in_quotes(word);
}

std::string no_command(const CLI::App& app, const Words& rest) {
  if (rest.empty()) {
    return fmt::format("name a command: {}",
                       fmt::join(command_names(app), ", "));
  }
  if (rest[0].starts_with('-')) return unknown_argument(app, rest[0]);
  return fmt::format("there is no command {}{}", in_quotes(rest[0]),
                     meant(rest[0], command_names(app)));
}

std::string is_pause(const std::string& seconds) {
  const double pause = std::strtod(seconds.c_str(), nullptr);
  return pause >= 0.01 && pause <= 86400 ? "" : "10ms to a day, please";
}

}  // namespace

int explain_usage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    std::ostringstream text;
    app.exit(error, text, text);
    write_out(text.str());
    return kDone;
  }
  const Words rest = app.remaining(true);
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  std::string message = error.what();
  if (!rest.empty() && rest[0] == "help") {
    message = "`help` is written `--help`, behind the command";
  } else if (chosen.empty()) {
    message = no_command(app, rest);
  } else if (dynamic_cast<const CLI::ExtrasError*>(&error) && !rest.empty()) {
    message = unknown_argument(command, rest[0]);
  }
  const std::string name =
      chosen.empty() ? "xdpgate" : "xdpgate " + command.get_name();
  say("{0}: {1}; see `{0} --help`\n", name, message);
  return kUsage;
}

void takes_pause(CLI::Option* option) {
  option->type_name("TIME")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, double>{{"ms", 0.001}, {"s", 1}, {"m", 60}},
          CLI::AsNumberWithUnit::CASE_SENSITIVE))
      ->check(is_pause);
}

CLI::Validator one_of(Words words) {
  return CLI::Validator(
      [words = std::move(words)](std::string& word) -> std::string {
        if (std::ranges::find(words, word) != words.end()) return {};
        return fmt::format("{} is not one of {}{}", in_quotes(word),
                           fmt::join(words, ", "), meant(word, words));
      },
      "");
}

}  // namespace xdpgate
