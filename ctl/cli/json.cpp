// SPDX-License-Identifier: GPL-2.0-only
#include "cli/json.h"

#include "cli/command.h"

namespace xdpgate {

Json to_json(const xg_counter& counter) {
  return {{"packets", counter.packets}, {"bytes", counter.bytes}};
}

Json to_json(const std::map<std::string, xg_counter>& counters) {
  Json result = Json::object();
  for (const auto& [name, counter] : counters) result[name] = to_json(counter);
  return result;
}

Json to_json(const Diagnostic& diagnostic) {
  Json result = {{"file", diagnostic.file},
                 {"line", diagnostic.at.line},
                 {"column", diagnostic.at.column},
                 {"message", diagnostic.message},
                 {"hint", diagnostic.hint}};
  if (diagnostic.severity != Severity::kError) {
    result["kind"] = diagnostic.kind;
    result["rules"] = diagnostic.rules;
    result["witness"] = diagnostic.witness;
  }
  return result;
}

Json to_json(const InterfaceStatus& interface) {
  Json json = {{"name", interface.name},
               {"ifindex", interface.ifindex},
               {"mode", interface.mode},
               {"why", interface.why},
               {"dispatcher", nullptr},
               {"alone", interface.alone},
               {"verdicts", to_json(interface.verdicts)}};
  if (interface.priority) {
    json["dispatcher"] = {{"priority", *interface.priority},
                          {"beside", interface.beside}};
  }
  return json;
}

void write_json(const Json& json) {
  write_out(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace xdpgate
