// SPDX-License-Identifier: GPL-2.0-only
#include "cli/lease_text.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/say.h"
#include "policy/duration.h"

namespace xdpgate {
namespace {

using State = LeaseStatus::State;

const char* state_word(State state) {
  switch (state) {
    case State::kPending:
      return "pending";
    case State::kExpired:
      return "expired";
    case State::kRolledBack:
      return "rolled-back";
  }
  return "";
}

double seconds(std::uint64_t ns) {
  return static_cast<double>(ns / 1'000'000) / 1'000;
}

std::string pending_text(const LeaseStatus& lease) {
  const std::string then =
      lease.before == 0 ? "everything passes"
                        : fmt::format("generation {} comes back", lease.before);
  return fmt::format(
      "generation {} waits for `xdpgate confirm`, {} left; then "
      "{}",
      lease.generation, duration_text(lease.ns), then);
}

}  // namespace

std::string lease_text(const LeaseStatus& lease) {
  const std::string ago = duration_text(lease.ns);
  if (lease.state == State::kPending) return pending_text(lease);
  if (lease.state == State::kRolledBack) {
    return fmt::format("generation {} was rolled back to generation {} {} ago",
                       lease.generation, lease.before, ago);
  }
  const std::string then =
      lease.before == 0
          ? std::string("no policy is in force, everything passes")
          : fmt::format("generation {} is in force again", lease.before);
  return fmt::format("generation {} was not confirmed within {}: {}, since {}",
                     lease.generation, duration_text(lease.length_ns), then,
                     ago);
}

Json to_json(const std::optional<LeaseStatus>& lease) {
  if (!lease) return nullptr;
  Json json = {{"state", state_word(lease->state)},
               {"generation", lease->generation},
               {"before", nullptr},
               {"length_s", seconds(lease->length_ns)}};
  if (lease->before != 0) json["before"] = lease->before;
  const bool pending = lease->state == State::kPending;
  json[pending ? "remaining_s" : "since_s"] = seconds(lease->ns);
  return json;
}

void note_lease(const std::string& instance) {
  const auto lease = lease_status(instance);
  if (!lease || !*lease) return;
  say("xdpgate: note: {}\n", lease_text(**lease));
}

}  // namespace xdpgate
