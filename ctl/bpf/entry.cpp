// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/entry.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xdpgate/abi.h>

#include <cerrno>
#include <memory>

#include "base/hex.h"
#include "bpf/entry_skeleton.h"
#include "bpf/load_error.h"
#include "filter.skel.h"

namespace xdpgate {
namespace {

Fd duplicate(int fd) { return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

// The update of a map of maps returns after a grace period (kernel/bpf/
// syscall.c, maybe_wait_bpf_programs).
bool wait_by_map_of_maps() {
  Fd inner(bpf_map_create(BPF_MAP_TYPE_ARRAY, "xg_wait", 4, 4, 1, nullptr));
  if (!inner) return false;
  LIBBPF_OPTS(bpf_map_create_opts, options);
  options.inner_map_fd = static_cast<std::uint32_t>(inner.get());
  Fd outer(bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "xg_wait", 4, 4, 1,
                          &options));
  const std::uint32_t zero = 0;
  const int value = inner.get();
  return outer &&
         bpf_map_update_elem(outer.get(), &zero, &value, BPF_ANY) == 0;
}

}  // namespace

void DestroyFilter::operator()(filter* skeleton) const {
  filter__destroy(skeleton);
}

void set_attach_type(bpf_program* program) {
  bpf_program__set_expected_attach_type(program,
                                        static_cast<bpf_attach_type>(0));
}

Result<std::unique_ptr<filter, DestroyFilter>> open_entry_skeleton() {
  libbpf_set_print(nullptr);  // what it would print is in the Error
  std::unique_ptr<filter, DestroyFilter> skeleton(filter__open());
  if (!skeleton) {
    return failure(system_error("open", "the embedded program", errno));
  }
  bpf_program__set_autoload(skeleton->progs.xg_filter, false);
  bpf_program__set_autoload(skeleton->progs.xg_filter_deep, false);
  set_attach_type(skeleton->progs.xg_entry);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, skeleton->obj) {
    // libbpf 1.1 cannot do without the internal ones: variables.
    const bool stays = bpf_map__is_internal(map) ||
                       map == skeleton->maps.slots ||
                       map == skeleton->maps.rings ||
                       map == skeleton->maps.ports;
    bpf_map__set_autocreate(map, stays);
  }
  return skeleton;
}

Result<Entry> load_entry() {
  auto opened = open_entry_skeleton();
  if (!opened) return std::unexpected(opened.error());
  const auto& skeleton = *opened;
  if (int error = filter__load(skeleton.get())) {
    return failure(load_error(-error, skeleton->obj, "the entry program"));
  }
  return Entry{duplicate(bpf_program__fd(skeleton->progs.xg_entry)),
               duplicate(bpf_map__fd(skeleton->maps.slots)),
               duplicate(bpf_map__fd(skeleton->maps.data_capture)),
               duplicate(bpf_map__fd(skeleton->maps.rings)),
               duplicate(bpf_map__fd(skeleton->maps.ports))};
}

Result<void> put_in_force(int slots_fd, int program_fd) {
  const std::uint32_t slot = XG_PROG_CURRENT;
  if (bpf_map_update_elem(slots_fd, &slot, &program_fd, BPF_ANY) == 0) {
    return {};
  }
  return failure(system_error("put in force", "the new program", errno));
}

Result<std::uint32_t> program_in_force(int slots_fd) {
  const std::uint32_t slot = XG_PROG_CURRENT;
  std::uint32_t id = 0;
  if (bpf_map_lookup_elem(slots_fd, &slot, &id) == 0) return id;
  if (errno == ENOENT) return 0u;
  return failure(system_error("ask for", "the program in force", errno));
}

Result<std::uint32_t> program_id(int program_fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) == 0) return info.id;
  return failure(system_error("ask for", "a program's id", errno));
}

Result<std::string> program_tag(int program_fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) == 0) {
    return hex_text(info.tag);
  }
  return failure(system_error("ask for", "a program's tag", errno));
}

Result<std::vector<std::uint32_t>> program_maps(int program_fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) == 0) {
    std::vector<std::uint32_t> ids(info.nr_map_ids);
    info = {};
    info.nr_map_ids = static_cast<std::uint32_t>(ids.size());
    info.map_ids = reinterpret_cast<std::uintptr_t>(ids.data());
    if (bpf_obj_get_info_by_fd(program_fd, &info, &size) == 0) return ids;
  }
  return failure(system_error("ask for", "a program's maps", errno));
}

Result<void> wait_for_packets() {
  // Refused where CPUs run without a tick (nohz_full).
  if (::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return {};
  if (wait_by_map_of_maps()) return {};
  return failure(system_error("wait for", "the last packets of the old policy",
                              errno));
}

}  // namespace xdpgate
