// SPDX-License-Identifier: GPL-2.0-only
// xdpgate set: the dynamic sets of a running filter.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>

#include "base/clock.h"
#include "bpf/running_sets.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/set_elements.h"
#include "cli/terminal.h"
#include "cli/usage.h"
#include "compile/element.h"
#include "policy/duration.h"

namespace xdpgate {
namespace {

struct SetCommand {
  std::string verb;
  std::string set;
  std::vector<std::string> elements;
  std::string file;
  std::string timeout;
  std::string instance;
  bool json = false;
};

using Elements = std::vector<xg_element>;

// --timeout: none where it is not given.
std::optional<std::uint64_t> timeout_of(const SetCommand& command) {
  if (command.timeout.empty()) return std::nullopt;
  if (command.timeout == "none") return 0;
  return parse_duration(command.timeout).value();
}

std::string is_timeout(const std::string& text) {
  if (text == "none") return "";
  auto duration = parse_duration(text);
  if (duration) return "";
  return duration.error().message +
         (duration.error().hint.empty() ? "" : "; " + duration.error().hint);
}

Json seconds(std::uint64_t ns) {
  return static_cast<double>(ns / 1'000'000) / 1'000;
}

Json timeout_json(std::uint64_t ns) { return ns == 0 ? Json() : seconds(ns); }

int list_sets(const SetCommand& command) {
  auto sets = running_sets(command.instance);
  if (!sets) return refuse(sets.error());
  if (command.json) {
    Json list = Json::array();
    for (const SetStatus& set : *sets) {
      list.push_back({{"set", set.name},
                      {"elements", set.elements},
                      {"size", set.size},
                      {"timeout_s", timeout_json(set.timeout_ns)}});
    }
    write_json(list);
    return kDone;
  }
  std::vector<std::vector<std::string>> rows = {
      {"set", "elements", "size", "timeout"}};
  for (const SetStatus& set : *sets) {
    rows.push_back({set.name, grouped(set.elements), grouped(set.size),
                    set.timeout_ns == 0 ? "none"
                                        : duration_text(set.timeout_ns)});
  }
  write_out(sets->empty() ? "the policy has no dynamic sets\n" : table(rows));
  return kDone;
}

void sort_by_address(std::vector<TimedElement>& elements) {
  std::ranges::sort(elements, {}, [](const TimedElement& e) {
    return std::tuple(e.element.kind, e.element.hi, e.element.lo,
                      e.element.length);
  });
}

Json content_json(const SetContent& content, std::uint64_t now_ns) {
  Json list = Json::array();
  for (const TimedElement& e : content.elements) {
    const bool stays = e.expires_ns == XG_NEVER;
    list.push_back({{"element", to_text(range_of(e.element))},
                    {"remaining_s",
                     stays ? Json() : seconds(e.expires_ns - now_ns)}});
  }
  return {{"instance", content.instance},
          {"set", content.status.name},
          {"size", content.status.size},
          {"timeout_s", timeout_json(content.status.timeout_ns)},
          {"elements", list}};
}

// One element a line, what is left of its time as a comment: a set file.
std::string content_text(const SetContent& content, std::uint64_t now_ns) {
  std::string text;
  for (const TimedElement& e : content.elements) {
    text += to_text(range_of(e.element));
    if (e.expires_ns != XG_NEVER) {
      text += fmt::format(" # {} left", duration_text(e.expires_ns - now_ns));
    }
    text += '\n';
  }
  return text;
}

int list_set(const SetCommand& command) {
  auto content = read_set({command.instance, command.set});
  if (!content) return refuse(content.error());
  const std::uint64_t now = boottime_ns();
  std::erase_if(content->elements,
                [&](const auto& element) { return !element.lives(now); });
  sort_by_address(content->elements);
  if (command.json) {
    write_json(content_json(*content, now));
  } else {
    write_out(content_text(*content, now));
  }
  return kDone;
}

int say(const SetCommand& command, const Result<SetChange>& change,
        std::string_view done) {
  if (!change) return refuse(change.error());
  if (command.json) {
    write_json({{"instance", change->instance},
                {"set", command.set},
                {"changed", change->changed},
                {"renewed", change->renewed}});
    return kDone;
  }
  std::string text = fmt::format("{}: {} {}", command.set,
                                 grouped(change->changed), done);
  if (change->renewed > 0) {
    text += fmt::format(", {} renewed", grouped(change->renewed));
  }
  write_out(text + "\n");
  return kDone;
}

Result<SetChange> load(const SetCommand& command, Elements elements) {
  const std::string all = grouped(elements.size());
  Progress progress(fmt::format("loading {} elements", all));
  return load_set({command.instance, command.set}, std::move(elements),
                  timeout_of(command),
                  [&](std::size_t done) {
                    progress.stage(fmt::format("loading {} of {} elements",
                                               grouped(done), all));
                  });
}

int change(const SetCommand& command) {
  const bool from_stdin = command.elements == std::vector<std::string>{"-"};
  const std::string file = from_stdin ? "-" : command.file;
  auto elements =
      file.empty() ? elements_of_words(command.elements) : elements_of_file(file);
  if (!elements) return elements.error();
  const SetName name = {command.instance, command.set};
  if (command.verb == "add") {
    return say(command, add_to_set(name, *elements, timeout_of(command)),
               "added");
  }
  if (command.verb == "del") {
    return say(command, remove_from_set(name, *elements), "removed");
  }
  return say(command, load(command, std::move(*elements)), "loaded");
}

int flush(const SetCommand& command) {
  auto done = load_set({command.instance, command.set}, {}, 0);
  if (done && command.json) done->changed = done->removed;
  return say(command, done, "left");
}

// What is wrong with the words together; empty where nothing is.
std::string wrong_use(const SetCommand& command) {
  const bool lists = command.verb == "list", flushes = command.verb == "flush";
  const bool has_elements = !command.elements.empty();
  if (command.set.empty() && !lists) {
    return "name the set: `xdpgate set " + command.verb + " NAME`";
  }
  if ((lists || flushes) && (has_elements || !command.file.empty())) {
    return "`" + command.verb + "` takes no elements";
  }
  if ((lists || flushes || command.verb == "del") && !command.timeout.empty()) {
    return "--timeout goes with `add` and `load`";
  }
  if (has_elements && !command.file.empty()) {
    return "elements come from the command line or from --file, not both";
  }
  if (!lists && !flushes && !has_elements && command.file.empty()) {
    return "name elements, --file FILE, or - for standard input";
  }
  return "";
}

int run_set(const SetCommand& command) {
  const std::string wrong = wrong_use(command);
  if (!wrong.empty()) return misuse("set", wrong);
  if (command.verb == "list") {
    return command.set.empty() ? list_sets(command) : list_set(command);
  }
  return command.verb == "flush" ? flush(command) : change(command);
}

void add_options(CLI::App& command, SetCommand& options) {
  command.add_option("VERB", options.verb, "list, add, del, flush or load")
      ->type_name("")
      ->required()
      ->check(one_of({"list", "add", "del", "flush", "load"}));
  command.add_option("SET", options.set, "a dynamic set of the policy")
      ->type_name("");
  command
      .add_option("ELEMENT", options.elements,
                  "addresses, prefixes, ranges; - reads standard input")
      ->type_name("");
  command.add_option("--file", options.file, "elements from a set file")
      ->type_name("FILE");
  command
      .add_option("--timeout", options.timeout,
                  "how long added elements stay: 90s, 10m, 1h30m, none; "
                  "default: the set's own")
      ->type_name("TIME")
      ->check(is_timeout);
  command.add_option("--name", options.instance, "which instance")
      ->type_name("NAME");
  command.add_flag("--json", options.json, "one JSON value");
}

}  // namespace

void add_set(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<SetCommand>();
  CLI::App* command =
      app.add_subcommand("set", "Look at and change dynamic sets");
  command->footer(
      "list [SET]      all sets, or the elements of one and their time left\n"
      "add SET ...     puts elements in, or renews the time of those there\n"
      "del SET ...     takes elements out\n"
      "flush SET       takes all out\n"
      "load SET ...    replaces all elements in one step\n\n"
      "Example: xdpgate set add banned 192.0.2.7 --timeout 10m");
  add_options(*command, *options);
  command->callback(
      [options, &outcome] { outcome.exit_code = run_set(*options); });
}

}  // namespace xdpgate
