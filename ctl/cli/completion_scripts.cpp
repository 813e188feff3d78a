// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <vector>

#include "cli/completion.h"

namespace xdpgate {
namespace {

using Words = std::vector<std::string>;

// One option of a command, under all its names.
struct OptionInfo {
  Words names = {};  ///< "-i", "--interface"
  std::string about = {};
  bool has_value = false;
  bool is_file = false;  ///< the value is a path
};

// The first line of a description.
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::vector<OptionInfo> options_of(const CLI::App& command) {
  std::vector<OptionInfo> options;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) continue;
    OptionInfo info{.about = first_line(option->get_description())};
    for (const auto& name : option->get_snames()) {
      info.names.push_back("-" + name);
    }
    for (const auto& name : option->get_lnames()) {
      info.names.push_back("--" + name);
    }
    info.has_value = option->get_expected_max() > 0;
    info.is_file = option->get_type_name().starts_with("FILE");
    options.push_back(std::move(info));
  }
  return options;
}

Words names_of(const std::vector<OptionInfo>& options) {
  Words names;
  for (const OptionInfo& option : options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// `text` with each of `marks` behind a backslash.
std::string escaped(const std::string& text, std::string_view marks) {
  std::string result;
  for (const char c : text) {
    if (marks.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

// Inside of single quotes of zsh, where `'` cannot stand.
std::string zsh_text(const std::string& text) {
  std::string plain = escaped(text, "[]:");
  std::size_t at = 0;
  while ((at = plain.find('\'', at)) != std::string::npos) {
    plain.replace(at, 1, "'\\''");
    at += 4;
  }
  return plain;
}

std::string fish_text(const std::string& text) {
  return "'" + escaped(text, "\\'") + "'";
}

std::string bash_values(const CLI::App& command) {
  Words files, others;
  for (const OptionInfo& option : options_of(command)) {
    if (!option.has_value) continue;
    for (const std::string& name : option.names) {
      (option.is_file ? files : others)
          .push_back(fmt::format("\"{} {}\"", command.get_name(), name));
    }
  }
  std::string text;
  if (!files.empty()) {
    text += fmt::format("    {}) files=1; options= ;;\n",
                        fmt::join(files, "|"));
  }
  if (!others.empty()) {
    text += fmt::format("    {}) return ;;\n", fmt::join(others, "|"));
  }
  return text;
}

std::string zsh_option(const OptionInfo& option) {
  std::string value;
  if (option.has_value) value = option.is_file ? ":file:_files" : ":value:";
  std::string text;
  for (const std::string& name : option.names) {
    text += fmt::format(" \\\n        '{}[{}]{}'", name,
                        zsh_text(option.about), value);
  }
  return text;
}

std::string fish_option(const std::string& condition,
                        const OptionInfo& option) {
  std::string text = "complete -c xdpgate " + condition;
  for (const std::string& name : option.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2)
                                   : " -s " + name.substr(1);
  }
  if (option.has_value) text += option.is_file ? " -r -F" : " -x";
  return text + " -d " + fish_text(option.about) + "\n";
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  Words commands;
  std::string options, values;
  for (const CLI::App* command : commands_of(app)) {
    commands.push_back(command->get_name());
    options += fmt::format("    {}) options=\"{}\" ;;\n", command->get_name(),
                           fmt::join(names_of(options_of(*command)), " "));
    values += bash_values(*command);
  }
  return fmt::format(
      "# Completion of xdpgate for bash, made by `xdpgate completion bash`.\n"
      "_xdpgate() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} options= files=\n"
      "  local prev=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}}\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"{} {}\" -- \"$cur\")\n"
      "    return\n"
      "  fi\n"
      "  case $command in\n{}  esac\n"
      "  case \"$command $prev\" in\n{}  esac\n"
      "  if [ -z \"$files\" ] && [[ $cur == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
      "  else\n"
      "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
      "  fi\n"
      "}}\n"
      "complete -o filenames -F _xdpgate xdpgate\n",
      fmt::join(commands, " "), fmt::join(names_of(options_of(app)), " "),
      options, values);
}

std::string zsh_completion(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : commands_of(app)) {
    commands += fmt::format("    '{}:{}'\n", command->get_name(),
                            zsh_text(command->get_description()));
    std::string options;
    for (const OptionInfo& option : options_of(*command)) {
      options += zsh_option(option);
    }
    cases += fmt::format("    {})\n      _arguments{} \\\n        "
                         "'*:file:_files'\n      ;;\n",
                         command->get_name(), options);
  }
  return fmt::format(
      "#compdef xdpgate\n"
      "# Completion of xdpgate for zsh, made by `xdpgate completion zsh`.\n"
      "_xdpgate() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "_xdpgate \"$@\"\n",
      commands, cases);
}

std::string fish_completion(const CLI::App& app) {
  std::string text =
      "# Completion of xdpgate for fish, made by `xdpgate completion fish`.\n"
      "complete -c xdpgate -f\n";
  for (const OptionInfo& option : options_of(app)) {
    text += fish_option("-n __fish_use_subcommand", option);
  }
  for (const CLI::App* command : commands_of(app)) {
    const std::string name = command->get_name();
    const std::string condition =
        fmt::format("-n '__fish_seen_subcommand_from {}'", name);
    text += fmt::format(
        "complete -c xdpgate -n __fish_use_subcommand -a {} -d {}\n"
        "complete -c xdpgate {} -F\n",
        name, fish_text(command->get_description()), condition);
    for (const OptionInfo& option : options_of(*command)) {
      text += fish_option(condition, option);
    }
  }
  return text;
}

}  // namespace xdpgate
