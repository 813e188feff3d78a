// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/generation.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "bpf/bpffs.h"
#include "bpf/entry.h"

namespace xdpgate {
namespace {

constexpr const char* kPortsPin = "ports";

std::size_t map_value_bytes(int fd, std::uint32_t* max_entries = nullptr) {
  bpf_map_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return 0;
  if (max_entries) *max_entries = info.max_entries;
  return info.value_size;
}

bool is_of_unknown_state(const ImageView& image, std::size_t bytes) {
  return bytes >= sizeof(xg_header) && image.header().magic == XG_MAGIC &&
         !image.has_known_state();
}

Result<std::uint32_t> map_id(int map_fd) {
  bpf_map_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(map_fd, &info, &size) == 0) return info.id;
  return failure(system_error("ask for", "a map's id", errno));
}

Result<bool> uses_map(int program_fd, int map_fd) {
  auto id = map_id(map_fd);
  if (!id) return std::unexpected(id.error());
  auto ids = program_maps(program_fd);
  if (!ids) return std::unexpected(ids.error());
  return std::ranges::find(*ids, *id) != ids->end();
}

Result<Fd> make_base(std::uint32_t slots) {
  LIBBPF_OPTS(bpf_map_create_opts, options);
  options.map_flags = BPF_F_MMAPABLE;
  Fd fd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "xg_base", sizeof(std::uint32_t),
                       sizeof(xg_base_counter), slots, &options));
  if (!fd) return failure(system_error("make", "the base counters", errno));
  return fd;
}

}  // namespace

std::optional<std::uint64_t> generation_number(const std::string& name) {
  if (!name.starts_with("gen-")) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + 4, end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

Result<void> Generation::map_all() {
  const std::size_t image_bytes = map_value_bytes(image_.get());
  std::uint32_t slots = 0;
  const std::size_t base_bytes = map_value_bytes(base_.get(), &slots);
  image_map_ = Mapping::of(image_.get(), image_bytes, PROT_READ);
  base_map_ =
      Mapping::of(base_.get(), base_bytes * slots, PROT_READ | PROT_WRITE);
  if (!image_map_ || !base_map_) {
    return failure(system_error("map", path_, errno));
  }
  if (is_of_unknown_state(image(), image_map_.size())) {
    return failure({"read", path_,
                    "it was made by another version of xdpgate, which this one "
                    "cannot read",
                    "use that version, or `xdpgate detach` and apply again: "
                    "packets pass in between, and counts begin anew"});
  }
  if (base_bytes != sizeof(xg_base_counter) || !image().valid() ||
      slots != image().slot_count()) {
    return failure({"read", path_, "another process has written over its maps",
                    "`xdpgate detach`, then apply the policy again"});
  }
  return {};
}

Result<std::optional<std::string>> Generation::damage() const {
  auto used = uses_map(program_.get(), image_.get());
  if (!used) return std::unexpected(used.error());
  if (!*used) {
    return "another process has put another map in the place of its image";
  }
  if (image().intact()) return std::nullopt;
  return "another process has written over its image";
}

// The pins of dynamic sets and limits; other policies have none.
Result<void> Generation::open_state() {
  Result<void> done;
  if (image().header().set_count > 0) {
    done = open_pins({{"sets", &sets_},
                      {"set-queues", &set_queues_},
                      {"set-lengths", &set_lengths_}});
  }
  if (!done || image().header().limit_buckets == 0) return done;
  return open_pins({{"limits", &limits_}});
}

Result<void> Generation::open_pins(
    std::initializer_list<std::pair<const char*, Fd*>> pins) {
  for (auto [name, fd] : pins) {
    auto opened = open_pin(path_ + "/" + name);
    if (!opened) return std::unexpected(opened.error());
    *fd = std::move(*opened);
  }
  return {};
}

Result<Generation> Generation::open(const std::string& path,
                                    std::uint64_t number) {
  Generation generation;
  generation.number_ = number;
  generation.path_ = path;
  auto done = generation.open_pins({{"prog", &generation.program_},
                                    {"image", &generation.image_},
                                    {"counters", &generation.counters_},
                                    {"base", &generation.base_}});
  if (done) done = generation.map_all();
  if (done) done = generation.open_state();
  if (!done) return std::unexpected(done.error());
  return generation;
}

Result<GenerationSets> Generation::sets() const {
  auto infos = set_infos(image());
  if (!infos) return std::unexpected(infos.error());
  return GenerationSets{
      SetArray({sets_.get(), set_queues_.get(), set_lengths_.get()}),
      std::move(*infos)};
}

Result<Generation> Generation::create(const Program& program,
                                      const std::string& path,
                                      std::uint64_t number) {
  auto base = make_base(program.slot_count());
  if (!base) return std::unexpected(base.error());
  auto made = make_directory(path);
  if (!made) return std::unexpected(made.error());
  std::vector<std::pair<const char*, int>> pins = {
      {"prog", program.fd()},
      {"image", program.image_fd()},
      {"counters", program.counters_fd()},
      {"base", base->get()}};
  if (program.set_count() > 0) {
    pins.push_back({"sets", program.sets_fd()});
    pins.push_back({"set-queues", program.set_queues_fd()});
    pins.push_back({"set-lengths", program.set_lengths_fd()});
  }
  if (program.counts_ports()) {
    pins.push_back({kPortsPin, program.ports_fd()});
  }
  if (program.limit_buckets() > 0) {
    pins.push_back({"limits", program.limits_fd()});
  }
  for (auto [name, fd] : pins) {
    auto pinned = pin(fd, path + "/" + name);
    if (!pinned) return std::unexpected(pinned.error());
  }
  auto generation = open(path, number);
  if (!generation) return generation;
  xg_base_counter& seal = generation->base()[XG_SLOT_SEAL];
  seal = {0, boottime_ns(), number};
  return generation;
}

std::span<xg_base_counter> Generation::base() const {
  return {reinterpret_cast<xg_base_counter*>(base_map_.data()),
          base_map_.size() / sizeof(xg_base_counter)};
}

Result<bool> Generation::counts_ports() const {
  auto found = find_pin(path_ + "/" + kPortsPin);
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

Result<void> Generation::replace_base(
    std::span<const xg_base_counter> counters) {
  auto next = make_base(static_cast<std::uint32_t>(counters.size()));
  if (!next) return std::unexpected(next.error());
  Mapping mapping =
      Mapping::of(next->get(), counters.size_bytes(), PROT_READ | PROT_WRITE);
  if (!mapping) return failure(system_error("map", path_, errno));
  std::memcpy(mapping.data(), counters.data(), counters.size_bytes());
  const std::string staged = path_ + "/base-next";
  auto done = remove_tree(staged);
  if (done) done = pin(next->get(), staged);
  if (done) done = move_pin(staged, path_ + "/base");
  if (!done) return done;
  base_ = std::move(*next);
  base_map_ = std::move(mapping);
  return {};
}

bool Generation::sealed() const {
  return std::atomic_ref(base()[XG_SLOT_SEAL].packets)
             .load(std::memory_order_acquire) == 1;
}

void Generation::seal() {
  std::atomic_ref(base()[XG_SLOT_SEAL].packets)
      .store(1, std::memory_order_release);
}

}  // namespace xdpgate
