// SPDX-License-Identifier: GPL-2.0-only
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "service/event_log.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/say.h"

namespace xdpgate {
namespace {

const char* priority_name(int priority) {
  switch (priority) {
    case LOG_ERR:
      return "error";
    case LOG_WARNING:
      return "warning";
    case LOG_NOTICE:
      return "notice";
    default:
      return "info";
  }
}

void send_to_journal(const Event& event) {
  std::vector<std::string> fields = {
      "MESSAGE=" + event.message,
      fmt::format("PRIORITY={}", event.priority),
      "SYSLOG_IDENTIFIER=xdpgate",
      "XDPGATE_EVENT=" + event.kind,
  };
  for (const auto& [name, value] : event.fields) {
    fields.push_back(fmt::format("XDPGATE_{}={}", name, value));
  }
  std::vector<iovec> parts;
  for (std::string& field : fields) {
    parts.push_back({field.data(), field.size()});
  }
  (void)::sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

void print_line(const Event& event) {
  const bool bad = event.priority <= LOG_WARNING;
  say("xdpgate: {}{}\n",
      bad ? fmt::format("{}: ", priority_name(event.priority)) : "",
      event.message);
}

void print_json(const Event& event) {
  nlohmann::ordered_json json = {{"priority", priority_name(event.priority)},
                                 {"event", event.kind},
                                 {"message", event.message}};
  for (const auto& [name, value] : event.fields) {
    std::string key = name;
    for (char& c : key) c = static_cast<char>(std::tolower(c));
    json[key] = value;
  }
  say("{}\n", json.dump(-1, ' ', false,
                        nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace

bool writes_to_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  return stream && ::fstat(STDERR_FILENO, &info) == 0 &&
         fmt::format("{}:{}", info.st_dev, info.st_ino) == stream;
}

void EventLog::say(const Event& event) const {
  switch (form_) {
    case LogForm::kJournal:
      return send_to_journal(event);
    case LogForm::kLines:
      return print_line(event);
    case LogForm::kJson:
      return print_json(event);
  }
}

}  // namespace xdpgate
