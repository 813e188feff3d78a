// SPDX-License-Identifier: GPL-2.0-only
// xdpgate top: the rules of a running policy, live, on a terminal.
#include "top/run.h"

#include <memory>

#include "cli/command.h"
#include "cli/usage.h"
#include "top/terminal.h"

namespace xdpgate {
namespace {

struct TopOptions {
  TopRequest request;
  std::string sort = sort_key_name(SortKey::kPackets);
};

std::vector<std::string> sort_keys() {
  std::vector<std::string> names;
  for (int key = 0; key < kSortKeys; ++key) {
    names.emplace_back(sort_key_name(static_cast<SortKey>(key)));
  }
  return names;
}

int top(TopOptions& options) {
  if (!has_terminal()) {
    return misuse("top",
                  "it needs a terminal; `xdpgate stats --watch 1s` writes to "
                  "files and pipes");
  }
  options.request.sort = sort_key_of(options.sort).value_or(SortKey::kPackets);
  const auto done = run_top(options.request);
  return done ? kDone : refuse(done.error());
}

}  // namespace

void add_top(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<TopOptions>();
  TopRequest& request = options->request;
  CLI::App* command = app.add_subcommand(
      "top", "The rules of a running policy, live, with rates, on a terminal");
  command->footer(
      "Rates are those of the last interval. `h` shows the keys: `/` filters, "
      "`s` sorts\nby the next column, `q` quits. A new policy does not disturb "
      "it.\n\nFor scripts: xdpgate stats --watch 1s --json");
  command->add_option("--name", request.instance, "which instance")
      ->type_name("NAME");
  takes_pause(command->add_option("--interval", request.interval_s,
                                  "between readings: 1s, 500ms, 1m"));
  command
      ->add_option("--sort", options->sort,
                   "packets/s, bytes/s, over/s, packets, name or policy (order "
                   "of the file)")
      ->type_name("KEY")
      ->check(one_of(sort_keys()));
  command
      ->add_option("--filter", request.filter,
                   "only rules whose name or action has this text in it")
      ->type_name("TEXT");
  command->add_flag("--nonzero", request.hide_idle,
                    "leave out what counted nothing in the last interval");
  command->callback(
      [options, &outcome] { outcome.exit_code = top(*options); });
}

}  // namespace xdpgate
