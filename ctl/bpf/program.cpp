// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "bpf/entry_skeleton.h"
#include "bpf/load_error.h"
#include "bpf/mapping.h"
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
  if (int error = bpf_map__reuse_fd(skeleton.maps.data_capture,
                                    entry->capture.get())) {
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
  if (int error = bpf_map__set_value_size(skeleton.maps.image,
                                          value_bytes(image))) {
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

Result<void> fill_image(int image_fd, const Image& image) {
  Mapping mapping = Mapping::of(image_fd, image.bytes.size(),
                                PROT_READ | PROT_WRITE);
  if (!mapping) return failure(system_error("map", "the image", errno));
  std::memcpy(mapping.data(), image.bytes.data(), image.bytes.size());
  return {};
}

Result<void> announce(int image_fd, std::uint64_t number) {
  Mapping mapping =
      Mapping::of(image_fd, sizeof(xg_header), PROT_READ | PROT_WRITE);
  if (!mapping) return failure(system_error("map", "the image", errno));
  auto* header = reinterpret_cast<xg_header*>(mapping.data());
  std::atomic_ref(header->generation).store(number, std::memory_order_release);
  return {};
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
    return failure(load_error(-error, skeleton->obj, "the filter",
                              log.last_words()));
  }
  auto filled = fill_image(bpf_map__fd(skeleton->maps.image), image);
  if (filled) {
    filled = fill_devices(bpf_map__fd(skeleton->maps.devices), options.devices);
  }
  if (!filled) return std::unexpected(filled.error());
  return Program(std::move(skeleton), image.header(), options.counts_ports);
}

}  // namespace xdpgate
