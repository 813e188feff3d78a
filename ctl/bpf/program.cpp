// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "bpf/entry_skeleton.h"
#include "bpf/load_error.h"
#include "bpf/verifier_log.h"
#include "filter.skel.h"

namespace xdpgate {
namespace {

std::uint32_t value_bytes(const Image& image) {
  return image.header().size + XG_READ_MAX;
}

std::uint32_t chunk_count(const Image& image) {
  const auto slots = slot_count(image.header());
  return (slots + XG_CHUNK - 1) / XG_CHUNK;
}

bpf_program* program_for(const filter& skeleton, std::uint32_t features) {
  return features & XG_DEEP ? skeleton.progs.xg_filter_deep
                            : skeleton.progs.xg_filter;
}

/// What the program shares with the rest of its instance.
int share_maps(filter& skeleton, const Entry* entry) {
  if (!entry) return 0;
  if (int error =
          bpf_map__reuse_fd(skeleton.maps.data_capture, entry->capture.get())) {
    return error;
  }
  if (int error = bpf_map__reuse_fd(skeleton.maps.rings, entry->rings.get())) {
    return error;
  }
  return bpf_map__reuse_fd(skeleton.maps.ports, entry->ports.get());
}

/// Maps that only some policies need.
int configure_exits(filter& skeleton, std::uint32_t features,
                    const LoadOptions& options) {
  const bool leaves = (features & (XG_HAS_BRIDGE | XG_HAS_REDIRECT)) != 0;
  bpf_map__set_autocreate(skeleton.maps.devices, leaves);
  bpf_map__set_autocreate(skeleton.maps.drafts,
                          (features & XG_HAS_REJECT) != 0);
  const std::size_t count = std::max<std::size_t>(options.devices.size(), 1);
  return bpf_map__set_max_entries(skeleton.maps.devices,
                                  static_cast<std::uint32_t>(count));
}

Result<void> fill_devices(int devices_fd,
                          const std::vector<std::uint32_t>& devices) {
  for (std::uint32_t slot = 0; slot < devices.size(); ++slot) {
    if (bpf_map_update_elem(devices_fd, &slot, &devices[slot], BPF_ANY) == 0) {
      continue;
    }
    return failure(system_error(
        "send to", "interface " + std::to_string(devices[slot]), errno));
  }
  return {};
}

/// Maps in the sizes that the image asks for, and only one of the programs: the
/// entry belongs to the instance, not to a generation.
int configure(filter& skeleton, const Image& image,
              const LoadOptions& options) {
  skeleton.rodata->xg_image_limit = image.header().size;
  skeleton.rodata->xg_features = image.header().features;
  skeleton.rodata->xg_tracing = options.tracing;
  skeleton.rodata->xg_counts_ports = options.counts_ports;
  for (bpf_program* program :
       {skeleton.progs.xg_entry, skeleton.progs.xg_filter,
        skeleton.progs.xg_filter_deep}) {
    set_attach_type(program);
    bpf_program__set_autoload(
        program, program == program_for(skeleton, image.header().features));
  }
  bpf_map__set_autocreate(skeleton.maps.slots, false);
  if (int error =
          bpf_map__set_value_size(skeleton.maps.image, value_bytes(image))) {
    return error;
  }
  if (int error = configure_exits(skeleton, image.header().features, options)) {
    return error;
  }
  if (int error = share_maps(skeleton, options.entry)) return error;
  const std::uint32_t sets = std::max(image.header().set_count, 1u);
  for (auto [map, entries] :
       {std::pair(skeleton.maps.counters, chunk_count(image)),
        std::pair(skeleton.maps.sets, sets),
        std::pair(skeleton.maps.set_queues, sets),
        std::pair(skeleton.maps.set_lengths, sets),
        std::pair(skeleton.maps.limits,
                  std::max(image.header().limit_buckets, 1u))}) {
    if (int error = bpf_map__set_max_entries(map, entries)) return error;
  }
  return 0;
}

}  // namespace

void Program::Destroy::operator()(filter* skeleton) const {
  filter__destroy(skeleton);
}

int Program::fd() const {
  return bpf_program__fd(program_for(*skeleton_, features_));
}
int Program::image_fd() const { return bpf_map__fd(skeleton_->maps.image); }
int Program::counters_fd() const {
  return bpf_map__fd(skeleton_->maps.counters);
}
int Program::trace_fd() const { return bpf_map__fd(skeleton_->maps.trace); }
int Program::sets_fd() const { return bpf_map__fd(skeleton_->maps.sets); }
int Program::set_queues_fd() const {
  return bpf_map__fd(skeleton_->maps.set_queues);
}
int Program::limits_fd() const { return bpf_map__fd(skeleton_->maps.limits); }
int Program::ports_fd() const { return bpf_map__fd(skeleton_->maps.ports); }
int Program::set_lengths_fd() const {
  return bpf_map__fd(skeleton_->maps.set_lengths);
}
std::uint32_t Program::image_value_bytes() const {
  return bpf_map__value_size(skeleton_->maps.image);
}

// In one piece: the kernel lets nobody map what programs must not write.
Result<void> fill_image(const Program& program, const Image& image) {
  std::vector<std::uint8_t> value(program.image_value_bytes());
  std::ranges::copy(image.bytes, value.begin());
  const std::uint32_t key = 0;
  if (bpf_map_update_elem(program.image_fd(), &key, value.data(), BPF_ANY) ==
      0) {
    return {};
  }
  return failure(system_error("fill", "the image", errno));
}

Result<void> announce(const Program& program, std::uint64_t number) {
  std::vector<std::uint8_t> value(program.image_value_bytes());
  auto* header = reinterpret_cast<xg_header*>(value.data());
  const std::uint32_t key = 0;
  const int fd = program.image_fd();
  bool done = bpf_map_lookup_elem(fd, &key, value.data()) == 0;
  if (done) {
    header->generation = number;
    done = bpf_map_update_elem(fd, &key, value.data(), BPF_ANY) == 0;
  }
  if (done && bpf_map_freeze(fd) == 0) return {};
  return failure(system_error("freeze", "the image", errno));
}

Result<Program> load_program(const Image& image, const LoadOptions& options) {
  libbpf_set_print(nullptr);  // what it would print is in the Error
  Program::Skeleton skeleton(filter__open());
  if (!skeleton) {
    return failure(system_error("open", "the embedded program", errno));
  }
  if (int error = configure(*skeleton, image, options)) {
    return failure(system_error("size", "the filter's maps", -error));
  }
  VerifierLog log(program_for(*skeleton, image.header().features));
  if (int error = filter__load(skeleton.get())) {
    return failure(
        load_error(-error, skeleton->obj, "the filter", log.last_words()));
  }
  const int devices_fd = bpf_map__fd(skeleton->maps.devices);
  Program program(std::move(skeleton), image.header(), options.counts_ports);
  auto filled = fill_image(program, image);
  if (filled) filled = fill_devices(devices_fd, options.devices);
  if (!filled) return std::unexpected(filled.error());
  return program;
}

}  // namespace xdpgate
