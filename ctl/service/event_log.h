// SPDX-License-Identifier: GPL-2.0-only
// What the service says of its doings: to systemd's journal, with fields, where
// that is what it writes to; else as lines on standard error.
#pragma once

#include <syslog.h>

#include <string>
#include <utility>
#include <vector>

namespace xdpgate {

/// Fields beside the message, by name, of one event: FILTER, FILE, INTERFACE,
/// GENERATION, DIGEST. In the journal they begin with XDPGATE_.
using EventFields = std::vector<std::pair<std::string, std::string>>;

/// One thing that happened.
struct Event {
  int priority = LOG_INFO;  ///< LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO
  std::string kind;         ///< one word for machines: "applied", "broken", …
  std::string message;
  EventFields fields = {};
};

enum class LogForm { kJournal, kLines, kJson };

class EventLog {
 public:
  explicit EventLog(LogForm form) : form_(form) {}
  void say(const Event& event) const;

 private:
  LogForm form_;
};

/// Whether standard error goes to the journal (JOURNAL_STREAM says to which
/// file, since the variable is inherited by processes that write elsewhere).
[[nodiscard]] bool writes_to_journal();

}  // namespace xdpgate
