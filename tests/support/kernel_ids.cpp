// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/kernel_ids.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "bpf/entry.h"

namespace xdpgate::test {
namespace {

using namespace std::chrono_literals;
using Ids = std::set<std::uint32_t>;

// Of the one object behind a descriptor, as the kernel describes it in /proc.
void note(int fd, KernelIds& ids) {
  std::ifstream info(fmt::format("/proc/self/fdinfo/{}", fd));
  for (std::string key; info >> key;) {
    std::uint32_t id = 0;
    Ids* where = key == "prog_id:"   ? &ids.programs
                 : key == "map_id:"  ? &ids.maps
                 : key == "link_id:" ? &ids.links
                                     : nullptr;
    if (where && info >> id) where->insert(id);
  }
}

Ids maps_of(std::uint32_t program) {
  const Fd fd(bpf_prog_get_fd_by_id(program));
  const auto maps = fd ? program_maps(fd.get())
                       : Result<std::vector<std::uint32_t>>{};
  return maps ? Ids(maps->begin(), maps->end()) : Ids();
}

using NextId = int (*)(std::uint32_t, std::uint32_t*);

// Asked by number only: a descriptor of a program array that goes away just
// then would make the kernel (6.18) clear it twice and keep it for good.
Ids alive(const Ids& ids, NextId next_id) {
  Ids result;
  for (std::uint32_t id : ids) {
    std::uint32_t next = 0;
    if (next_id(id - 1, &next) == 0 && next == id) result.insert(id);
  }
  return result;
}

KernelIds alive(const KernelIds& ids) {
  return {alive(ids.programs, bpf_prog_get_next_id),
          alive(ids.maps, bpf_map_get_next_id),
          alive(ids.links, bpf_link_get_next_id)};
}

}  // namespace

void KernelIds::add(const KernelIds& more) {
  programs.insert(more.programs.begin(), more.programs.end());
  maps.insert(more.maps.begin(), more.maps.end());
  links.insert(more.links.begin(), more.links.end());
}

std::string KernelIds::text() const {
  return fmt::format("programs {}, maps {}, links {}",
                     fmt::join(programs, " "), fmt::join(maps, " "),
                     fmt::join(links, " "));
}

KernelIds ids_below(const std::string& directory) {
  KernelIds ids;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_directory()) continue;
    const Fd fd(bpf_obj_get(entry.path().c_str()));
    if (fd) note(fd.get(), ids);
  }
  for (std::uint32_t program : ids.programs) ids.maps.merge(maps_of(program));
  return ids;
}

std::set<std::uint32_t> image_maps(const std::set<std::uint32_t>& sizes) {
  Ids result;
  for (std::uint32_t id = 0; bpf_map_get_next_id(id, &id) == 0;) {
    const Fd fd(bpf_map_get_fd_by_id(id));
    bpf_map_info info{};
    std::uint32_t size = sizeof(info);
    if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) continue;
    const bool ours = std::string(info.name) == "image" &&
                      sizes.contains(info.value_size);
    if (ours) result.insert(id);
  }
  return result;
}

KernelIds left_of(const KernelIds& ids) {
  KernelIds left = alive(ids);
  for (int tries = 0; !left.empty() && tries < 300; ++tries) {
    std::this_thread::sleep_for(10ms);
    left = alive(left);
  }
  return left;
}

}  // namespace xdpgate::test
