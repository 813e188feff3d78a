// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/dispatcher.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "bpf/bpffs.h"
#include "bpf/entry_skeleton.h"
#include "bpf/link.h"
#include "filter.skel.h"
#include "probe.skel.h"

namespace xdpgate {
namespace {

// As the kernel keeps the name of libxdp's program. Others are not for libxdp,
// which would keep them open.
constexpr const char* kDispatcher = "xdp_dispatcher";

struct CloseProbe {
  void operator()(probe* skeleton) const { probe__destroy(skeleton); }
};
struct CloseProgram {
  void operator()(xdp_program* program) const { xdp_program__close(program); }
};
struct CloseMulti {
  void operator()(xdp_multiprog* multi) const { xdp_multiprog__close(multi); }
};
using Probe = std::unique_ptr<probe, CloseProbe>;
using XdpProgram = std::unique_ptr<xdp_program, CloseProgram>;
using Multi = std::unique_ptr<xdp_multiprog, CloseMulti>;

// libxdp keeps what it knows in the same file system as we do, and is silent:
// what it would print is in the Error.
Result<void> prepare_libxdp() {
  libxdp_set_print(nullptr);
  libbpf_set_print(nullptr);
  auto state = state_directory();
  if (!state) return std::unexpected(state.error());
  const std::string root = state->substr(0, state->rfind('/'));
  ::setenv(XDP_BPFFS_ENVVAR, root.c_str(), 1);
  return {};
}

// Loads the filler in the place of the caller's function; an errno.
int try_to_replace() {
  Probe caller(probe__open());
  Probe filler(probe__open());
  if (!caller || !filler) return errno;
  bpf_program__set_autoload(caller->progs.xg_probe_filler, false);
  bpf_program__set_autoload(filler->progs.xg_probe_caller, false);
  if (int error = probe__load(caller.get())) return -error;
  const int fd = bpf_program__fd(caller->progs.xg_probe_caller);
  if (int error = bpf_program__set_attach_target(
          filler->progs.xg_probe_filler, fd, "xg_probe_slot")) {
    return -error;
  }
  return -probe__load(filler.get());
}

// The id of the program array that a program calls into; 0: none.
std::uint32_t slots_of(int program_fd) {
  const auto ids = program_maps(program_fd);
  if (!ids) return 0;
  for (const std::uint32_t id : *ids) {
    const Fd map(bpf_map_get_fd_by_id(id));
    bpf_map_info info{};
    std::uint32_t size = sizeof(info);
    if (map && bpf_obj_get_info_by_fd(map.get(), &info, &size) == 0 &&
        info.type == BPF_MAP_TYPE_PROG_ARRAY) {
      return id;
    }
  }
  return 0;
}

const char* word_of(xdp_attach_mode mode) {
  return mode == XDP_MODE_SKB ? "generic" : "native";
}

Result<Multi> multi_on(std::uint32_t ifindex, const std::string& name) {
  auto ready = prepare_libxdp();
  if (!ready) return std::unexpected(ready.error());
  xdp_multiprog* multi =
      xdp_multiprog__get_from_ifindex(static_cast<int>(ifindex));
  const auto error = static_cast<int>(-libxdp_get_error(multi));
  if (error == ENOENT) return Multi();
  if (error != 0 || !multi) {
    return failure(system_error("ask libxdp for the programs of", name,
                                error == 0 ? EINVAL : error));
  }
  Multi result(multi);
  return xdp_multiprog__is_legacy(multi) ? Multi() : std::move(result);
}

// The program, in the mode; an errno.
int attach_in(xdp_program* program, std::uint32_t ifindex,
              xdp_attach_mode mode) {
  return -xdp_program__attach(program, static_cast<int>(ifindex), mode, 0);
}

Result<std::unique_ptr<filter, DestroyFilter>> open_for(const Entry& entry) {
  auto skeleton = open_entry_skeleton();
  if (!skeleton) return skeleton;
  filter& opened = **skeleton;
  for (auto [map, fd] : {std::pair(opened.maps.slots, entry.slots.get()),
                         std::pair(opened.maps.rings, entry.rings.get()),
                         std::pair(opened.maps.ports, entry.ports.get()),
                         std::pair(opened.maps.data_capture,
                                   entry.capture.get())}) {
    if (int error = bpf_map__reuse_fd(map, fd)) {
      return failure(system_error("share", "the instance's maps", -error));
    }
  }
  return skeleton;
}

// The array whose length libxdp takes for the priority: the type of the first
// member of the variable in the section of its name. Null where there is none.
struct btf_array* priority_of(const btf* types) {
  const auto id = btf__find_by_name_kind(types, ".xdp_run_config",
                                         BTF_KIND_DATASEC);
  if (id < 0) return nullptr;
  const auto at = [&](std::uint32_t type) {
    return btf__type_by_id(types, type);
  };
  const btf_type* section = at(static_cast<std::uint32_t>(id));
  const btf_type* config = at(at(btf_var_secinfos(section)->type)->type);
  const btf_type* pointer = at(btf_members(config)->type);
  return ::btf_array(at(pointer->type));
}

// libxdp reads it from the types of a loaded program.
Result<void> set_priority(const filter& entry, unsigned priority) {
  struct btf_array* array = priority_of(bpf_object__btf(entry.obj));
  if (!array) {
    return failure({"set the priority of", "the entry program",
                    "it has none", "this is a bug"});
  }
  array->nelems = priority;
  return {};
}

// Loads the entry program as one that takes a function's place, which libxdp
// moves to its dispatcher. By libxdp it would lose its leave to read frames of
// several buffers, and with it the right to call programs that have it.
Result<void> load_replacement(filter& entry) {
  Probe caller(probe__open());
  if (!caller) return failure(system_error("open", "a program", errno));
  bpf_program__set_autoload(caller->progs.xg_probe_filler, false);
  int error = probe__load(caller.get());
  bpf_program* program = entry.progs.xg_entry;
  if (error == 0) error = bpf_program__set_type(program, BPF_PROG_TYPE_EXT);
  if (error == 0) {
    error = bpf_program__set_expected_attach_type(
        program, static_cast<bpf_attach_type>(0));
  }
  // libbpf says so of XDP programs only.
  if (error == 0) error = bpf_program__set_flags(program, BPF_F_XDP_HAS_FRAGS);
  if (error == 0) {
    error = bpf_program__set_attach_target(
        program, bpf_program__fd(caller->progs.xg_probe_caller),
        "xg_probe_slot");
  }
  if (error == 0) error = filter__load(&entry);
  if (error == 0) return {};
  return failure(system_error("load for a dispatcher", "the entry program",
                              -error));
}

Result<BehindMode> attach_program(xdp_program* program,
                                  const BehindOptions& options,
                                  const std::string& present) {
  BehindMode result;
  int error = 0;
  if (options.mode != Mode::kGeneric && present != "generic") {
    error = attach_in(program, options.ifindex, XDP_MODE_NATIVE);
    if (error == 0) return BehindMode{"native", 0};
    result.refused = error;
  }
  if (options.mode != Mode::kNative && present != "native" && error != EPERM) {
    error = attach_in(program, options.ifindex, XDP_MODE_SKB);
    if (error == 0) {
      result.mode = "generic";
      return result;
    }
  }
  return failure(system_error("attach the filter by libxdp's dispatcher to",
                              options.name, error,
                              "other programs keep the mode they are in"));
}

}  // namespace

int dispatcher_refusal() {
  static const int refusal = [] {
    libbpf_set_print(nullptr);
    return try_to_replace();
  }();
  return refusal;
}

std::string alone_text(int refusal) {
  if (refusal == 0) return "";
  return std::string("a single program, since this kernel refuses libxdp's "
                     "dispatcher: ") +
         std::strerror(refusal);
}

const Dispatcher::Called* Dispatcher::of(int entry_fd) const {
  const std::uint32_t slots = slots_of(entry_fd);
  for (const Called& called : programs) {
    const Fd fd(bpf_prog_get_fd_by_id(called.id));
    if (fd && slots != 0 && slots_of(fd.get()) == slots) return &called;
  }
  return nullptr;
}

std::vector<std::string> Dispatcher::beside(const Called* ours) const {
  std::vector<std::string> names;
  for (const Called& called : programs) {
    if (!ours || called.id != ours->id) names.push_back(called.name);
  }
  return names;
}

Result<std::optional<Dispatcher>> dispatcher_on(std::uint32_t ifindex,
                                                const std::string& name) {
  auto carried = carried_by(ifindex, name);
  if (!carried) return std::unexpected(carried.error());
  if (program_name(carried->program_id) != kDispatcher) return std::nullopt;
  auto multi = multi_on(ifindex, name);
  if (!multi) return std::unexpected(multi.error());
  if (!*multi) return std::nullopt;
  Dispatcher result;
  result.mode = word_of(xdp_multiprog__attach_mode(multi->get()));
  for (xdp_program* program = nullptr;
       (program = xdp_multiprog__next_prog(program, multi->get()));) {
    result.programs.push_back({xdp_program__id(program),
                               xdp_program__name(program),
                               xdp_program__run_prio(program)});
  }
  return result;
}

Result<BehindMode> attach_behind(const Entry& entry,
                                 const BehindOptions& options) {
  auto present = dispatcher_on(options.ifindex, options.name);
  if (!present) return std::unexpected(present.error());
  auto skeleton = open_for(entry);
  if (!skeleton) return std::unexpected(skeleton.error());
  auto loaded = set_priority(**skeleton, options.priority);
  if (loaded) loaded = load_replacement(**skeleton);
  if (!loaded) return std::unexpected(loaded.error());
  xdp_program* created = xdp_program__from_fd(
      bpf_program__fd((*skeleton)->progs.xg_entry));
  if (libxdp_get_error(created) != 0) {
    return failure(system_error("prepare for libxdp", "the entry program",
                                -static_cast<int>(libxdp_get_error(created))));
  }
  const XdpProgram program(created);
  auto mode = attach_program(created, options,
                             *present ? (*present)->mode : std::string());
  if (!mode) return mode;
  // libxdp may fall back to a single program without a word.
  auto now = dispatcher_on(options.ifindex, options.name);
  if (now && *now && (*now)->of(entry.program.get())) return mode;
  (void)xdp_program__detach(
      created, static_cast<int>(options.ifindex),
      mode->mode == "native" ? XDP_MODE_NATIVE : XDP_MODE_SKB, 0);
  return failure({"attach the filter by libxdp's dispatcher to", options.name,
                  "libxdp made no dispatcher", "leave out --priority"});
}

Result<void> detach_behind(int entry_fd, std::uint32_t ifindex,
                           const std::string& name) {
  auto present = dispatcher_on(ifindex, name);
  if (!present) return std::unexpected(present.error());
  const Dispatcher::Called* ours =
      *present ? (*present)->of(entry_fd) : nullptr;
  if (!ours) return {};
  xdp_program* opened = xdp_program__from_id(ours->id);
  if (libxdp_get_error(opened) != 0) {
    return failure(system_error("open", "the filter's program", errno));
  }
  const XdpProgram program(opened);
  const int error = xdp_program__detach(
      opened, static_cast<int>(ifindex),
      (*present)->mode == "native" ? XDP_MODE_NATIVE : XDP_MODE_SKB, 0);
  if (error == 0) return {};
  return failure(system_error("detach the filter from", name, -error));
}

}  // namespace xdpgate
