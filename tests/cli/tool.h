// SPDX-License-Identifier: GPL-2.0-only
// The built xdpgate as a user meets it: what it prints where, and how it ends.
// For this folder.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/child.h"
#include "tests/support/temp_dir.h"

namespace xdpgate::test {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

/// Every command, as `xdpgate --help` lists them.
inline Words commands() {
  const std::string help = tool({"--help"}).out;
  Words names;
  std::size_t at = help.find("\nSubcommands:\n");
  for (at = help.find("\n  ", at); at != std::string::npos;
       at = help.find("\n  ", at + 1)) {
    const std::size_t start = at + 3;
    names.push_back(help.substr(start, help.find(' ', start) - start));
  }
  return names;
}

/// tool() with `bytes`, 64 KiB at most, coming through a pipe.
template <class Bytes>
Finished tool_reading(const Bytes& bytes, Words arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const Fd in(ends[0]);
  Fd out(ends[1]);
  const auto size = static_cast<ssize_t>(std::size(bytes));
  if (::write(out.get(), std::data(bytes), std::size(bytes)) != size) {
    throw std::runtime_error("the pipe is too small");
  }
  out.reset();
  return tool(std::move(arguments), {.before_exec = [&] {
                return ::dup2(in.get(), STDIN_FILENO) == STDIN_FILENO;
              }});
}

/// The names of an object's fields, in order.
inline Words keys_of(const Json& object) {
  Words keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

inline std::size_t line_count(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// A sound policy of one rule.
inline const std::string kSound =
    "version: 1\nname: sound\nrules: [{name: a, action: pass}]\n";
/// Two errors.
inline const std::string kWrong =
    "version: 1\ndefault: accept\nrules: [{name: a, action: pas}]\n";
/// A rule that another takes all packets of.
inline const std::string kShadowed =
    "version: 1\nrules:\n- {name: a, match: {src: 10.0.0.0/8}, action: drop}\n"
    "- {name: b, match: {src: 10.0.0.1}, action: pass}\n";
/// One warning.
inline const std::string kWarned =
    "version: 1\nname: warned\nsets: {s: {type: port, elements: [80]}}\n"
    "rules: [{name: a, action: pass}]\n";

}  // namespace xdpgate::test
