// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/carrier.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <fstream>

#include "bpf/instance_dir.h"

namespace xdpgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDispatcher = "xdp_dispatcher";  // libxdp's

// The instance whose entry program this is; empty: none.
std::string instance_of(const std::string& state, std::uint32_t id) {
  const auto names = instance_names(state);
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    auto entry = InstanceDir(state, name).open_entry();
    if (entry && program_id(entry->program.get()).value_or(0) == id) {
      return name;
    }
  }
  return "";
}

// The bpf_link that holds the program on the interface; 0: none.
std::uint32_t link_of(std::uint32_t ifindex, std::uint32_t program_id) {
  for (std::uint32_t id = 0; bpf_link_get_next_id(id, &id) == 0;) {
    const Fd link(bpf_link_get_fd_by_id(id));
    bpf_link_info info{};
    std::uint32_t size = sizeof(info);
    if (link && bpf_obj_get_info_by_fd(link.get(), &info, &size) == 0 &&
        info.type == BPF_LINK_TYPE_XDP && info.xdp.ifindex == ifindex &&
        info.prog_id == program_id) {
      return id;
    }
  }
  return 0;
}

// Whether the descriptor is of the program or of a link to it: both name it.
bool is_of_program(const fs::path& descriptor, std::uint32_t program_id) {
  std::ifstream file(descriptor);
  const std::string wanted = fmt::format("prog_id:\t{}", program_id);
  for (std::string line; std::getline(file, line);) {
    if (line == wanted) return true;
  }
  return false;
}

bool holds(const fs::path& process, std::uint32_t program_id) {
  std::error_code gone;  // processes end while they are looked at
  for (fs::directory_iterator at(process / "fdinfo", gone), end;
       !gone && at != end; at.increment(gone)) {
    if (is_of_program(at->path(), program_id)) return true;
  }
  return false;
}

std::vector<std::string> holders_of(std::uint32_t program_id) {
  std::vector<std::string> result;
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end;
       at.increment(error)) {
    const std::string pid = at->path().filename();
    if (!std::isdigit(static_cast<unsigned char>(pid[0])) ||
        !holds(at->path(), program_id)) {
      continue;
    }
    std::ifstream file(at->path() / "comm");
    std::string command;
    std::getline(file, command);
    result.push_back(fmt::format("process {} ({})", pid, command));
  }
  return result;
}

}  // namespace

Carrier carrier_of(const std::string& state, std::uint32_t ifindex,
                   const Carried& carried) {
  Carrier result;
  result.program_id = carried.program_id;
  result.mode = carried.mode;
  if (carried.program_id == 0) return result;
  result.program = program_name(carried.program_id);
  if (!state.empty()) result.instance = instance_of(state, carried.program_id);
  if (!result.instance.empty()) return result;
  result.link_id = link_of(ifindex, carried.program_id);
  result.holders = holders_of(carried.program_id);
  return result;
}

std::string Carrier::in_words() const {
  if (!instance.empty()) {
    return fmt::format("instance `{}` of xdpgate", instance);
  }
  std::string text = fmt::format("XDP program {} ({})", program_id,
                                 program.empty() ? "?" : program);
  if (!holders.empty()) {
    text += fmt::format(", held by {}", fmt::join(holders, ", "));
  }
  return text;
}

std::string Carrier::removal(const std::string& interface) const {
  if (!instance.empty()) return "xdpgate detach " + interface;
  if (program == kDispatcher) return "xdp-loader unload --all " + interface;
  if (link_id != 0) return fmt::format("bpftool link detach id {}", link_id);
  const char* kind = mode == "generic"     ? "xdpgeneric"
                     : mode == "offloaded" ? "xdpoffload"
                                           : "xdpdrv";
  return fmt::format("ip link set dev {} {} off", interface, kind);
}

}  // namespace xdpgate
