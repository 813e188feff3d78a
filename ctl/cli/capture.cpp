// SPDX-License-Identifier: GPL-2.0-only
// xdpgate capture: packets of the running filter, as it sees them.
#include <fmt/format.h>
#include <unistd.h>

#include <climits>
#include <map>
#include <memory>
#include <optional>

#include "base/say.h"
#include "base/text.h"
#include "bpf/permission.h"
#include "bpf/tap.h"
#include "cli/capture_output.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "cli/usage.h"
#include "policy/decision.h"

namespace xdpgate {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{100};  // between looks at interrupts
constexpr std::uint32_t kMostPerSecond = 10'000'000;

struct CaptureOptions {
  std::string file;  ///< empty: a line a packet
  std::vector<std::string> rules, verdicts;
  std::string instance;
  std::uint64_t count = 0;  ///< 0: until interrupted
  std::uint32_t every = 0;
  std::uint32_t snap = 256;
  std::uint32_t rate = 10'000;
  bool json = false;
};

const std::map<std::string, xg_verdict>& verdict_words() {
  static const std::map<std::string, xg_verdict> all = {
      {"pass", XG_PASS},
      {"drop", XG_DROP},
      {"reject", XG_REJECT},
      {"redirect", XG_REDIRECT}};
  return all;
}

TapRequest request_of(const CaptureOptions& options) {
  TapRequest request;
  request.instance = options.instance;
  request.rules = options.rules;
  for (const std::string& word : options.verdicts) {
    request.verdicts.push_back(verdict_words().at(word));
  }
  request.every = options.every;
  request.snap_bytes = options.snap;
  request.per_second = options.rate;
  return request;
}

Result<std::unique_ptr<CaptureOutput>> open_output(
    const CaptureOptions& options, const std::string& instance) {
  if (options.file.empty()) return make_line_output(options.json);
  return make_pcapng_output(options.file, options.snap, instance);
}

// "12 packets; 3 lost, since the ring was full; ..."
std::string summary(const Tap& tap, std::uint64_t written,
                    const TapCounts& counts, std::uint32_t rate) {
  std::string text = fmt::format("{}: {} {}", tap.instance(), grouped(written),
                                 written == 1 ? "packet" : "packets");
  if (counts.lost > 0) {
    text +=
        fmt::format("; {} lost, since the ring was full", grouped(counts.lost));
  }
  if (counts.capped > 0) {
    text += fmt::format("; {} left out, beyond {} a second",
                        grouped(counts.capped), grouped(rate));
  }
  return text;
}

// Reads until interrupted, until there are enough, or until the filter or the
// reader of the pipe goes away.
class Session {
 public:
  Session(const CaptureOptions& options, Tap& tap, CaptureOutput& output)
      : options_(options), tap_(tap), output_(output) {}

  Result<void> run(const Interrupt& interrupt) {
    for (bool more = true; more && !interrupt.comes_within(0);) {
      auto waited = look(kWait);
      if (!waited) return std::unexpected(waited.error());
      more = *waited;
    }
    tap_.stop();
    auto rest = enough() ? Result<bool>(false) : look(milliseconds(0));
    if (!rest) return std::unexpected(rest.error());
    return finish();
  }
  [[nodiscard]] std::uint64_t written() const { return written_; }

 private:
  [[nodiscard]] bool enough() const {
    return options_.count != 0 && written_ >= options_.count;
  }

  Result<bool> look(milliseconds limit) {
    auto more = tap_.wait(limit, [&](const TappedPacket& packet) {
      auto put = output_.put(packet);
      if (!put) {
        failed_ = put.error();
        return false;
      }
      ++written_;
      return !enough();
    });
    if (more && failed_) return std::unexpected(*failed_);
    if (!more) return more;
    auto flushed = output_.flush();
    if (!flushed) return std::unexpected(flushed.error());
    return more;
  }

  Result<void> finish() {
    auto counts = tap_.counts();  // none of a filter that was detached
    return output_.finish(written_, counts ? counts->lost + counts->capped : 0);
  }

  const CaptureOptions& options_;
  Tap& tap_;
  CaptureOutput& output_;
  std::uint64_t written_ = 0;
  std::optional<Error> failed_;
};

int capture(const CaptureOptions& options) {
  if (options.file == "-" && is_terminal(stdout)) {
    return misuse("capture",
                  "pcapng is not for a terminal; pipe it, or name a "
                  "file");
  }
  const Interrupt interrupt;  // ahead of the tap's thread, which inherits it
  auto tap = Tap::open(request_of(options));
  if (!tap) return refuse(tap.error());
  auto output = open_output(options, tap->instance());
  if (!output) return refuse(output.error());
  if (auto less = keep_capabilities({}); !less) return refuse(less.error());
  Session session(options, *tap, **output);
  auto done = session.run(interrupt);
  if (!done && (*output)->reader_is_gone()) return kDone;
  if (!done) return refuse(done.error());
  const auto counts = tap->counts();
  say("xdpgate: {}{}\n",
      summary(*tap, session.written(), counts.value_or(TapCounts{}),
              options.rate),
      tap->is_detached() ? "; the filter was detached" : "");
  return kDone;
}

void add_options(CLI::App& command, CaptureOptions& options) {
  command
      .add_option("-w,--write", options.file,
                  "pcapng to this file, - for a pipe; without it a line a "
                  "packet")
      ->type_name("FILE");
  command
      .add_option("--rule", options.rules,
                  "packets that this rule met, logged or not; may be repeated")
      ->type_name("RULE")
      ->allow_extra_args(false);
  command
      .add_option("--verdict", options.verdicts,
                  "packets with this verdict: pass, drop, reject or redirect; "
                  "may be repeated")
      ->type_name("VERDICT")
      ->allow_extra_args(false)
      ->check(one_of({"pass", "drop", "reject", "redirect"}));
  command
      .add_option("--every", options.every,
                  "one packet in so many; alone: of all packets")
      ->type_name("N")
      ->check(CLI::Range(1u, 0xffffffffu));
  command.add_option("--count", options.count, "end after so many")
      ->type_name("N")
      ->check(CLI::Range(1, INT_MAX));
  command
      .add_option("--snap", options.snap,
                  "bytes of a packet to take, 1-4096; default 256")
      ->type_name("BYTES")
      ->check(CLI::Range(1, XG_SNAP_MAX));
  command
      .add_option("--rate", options.rate,
                  "packets a second at most; default 10000")
      ->type_name("N")
      ->check(CLI::Range(1u, kMostPerSecond));
  command.add_option("--name", options.instance, "which instance")
      ->type_name("NAME");
  command.add_flag("--json", options.json, "one JSON object a packet");
}

}  // namespace

void add_capture(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<CaptureOptions>();
  CLI::App* command = app.add_subcommand(
      "capture", "Packets of the running filter, with rule and verdict");
  command->footer(
      "Shows what rules with `log` say, or, with --rule, --verdict or --every, "
      "any packets\nof the running filter, which stays as it is. Several "
      "rules are OR, rule and verdict\nAND. At the end it tells what was lost. "
      "Ends when interrupted.\n\nExample: xdpgate capture --verdict drop -w - "
      "| tcpdump -nr -");
  add_options(*command, *options);
  command->callback([command, options, &outcome] {
    if (options->json && !options->file.empty()) {
      outcome.exit_code =
          misuse("capture", "--json prints lines; leave out -w");
      return;
    }
    outcome.exit_code = capture(*options);
  });
}

}  // namespace xdpgate
