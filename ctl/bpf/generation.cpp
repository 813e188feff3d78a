// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/generation.h"

#include <bpf/bpf.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <ctime>

#include "bpf/bpffs.h"

namespace xdpgate {
namespace {

std::size_t map_value_bytes(int fd, std::uint32_t* max_entries = nullptr) {
  bpf_map_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return 0;
  if (max_entries) *max_entries = info.max_entries;
  return info.value_size;
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

std::uint64_t boottime_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

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
  base_map_ = Mapping::of(base_.get(), base_bytes * slots,
                          PROT_READ | PROT_WRITE);
  if (!image_map_ || !base_map_) {
    return failure(system_error("map", path_, errno));
  }
  if (base_bytes != sizeof(xg_base_counter) || !image().valid() ||
      slots != XG_SLOT_RULE + image().rule_count()) {
    return failure({"read", path_, "it was made by another version of xdpgate",
                    "detach with that version, then apply with this one"});
  }
  return {};
}

Result<Generation> Generation::open(const std::string& path,
                                    std::uint64_t number) {
  Generation generation;
  generation.number_ = number;
  generation.path_ = path;
  for (auto [name, fd] : {std::pair("prog", &generation.program_),
                          std::pair("image", &generation.image_),
                          std::pair("counters", &generation.counters_),
                          std::pair("base", &generation.base_)}) {
    auto opened = open_pin(path + "/" + name);
    if (!opened) return std::unexpected(opened.error());
    *fd = std::move(*opened);
  }
  auto mapped = generation.map_all();
  if (!mapped) return std::unexpected(mapped.error());
  return generation;
}

Result<Generation> Generation::create(const Program& program,
                                      const std::string& path,
                                      std::uint64_t number) {
  auto base = make_base(XG_SLOT_RULE + program.rule_count());
  if (!base) return std::unexpected(base.error());
  auto made = make_directory(path);
  if (!made) return std::unexpected(made.error());
  for (auto [name, fd] : {std::pair("prog", program.fd()),
                          std::pair("image", program.image_fd()),
                          std::pair("counters", program.counters_fd()),
                          std::pair("base", base->get())}) {
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

bool Generation::sealed() const {
  return std::atomic_ref(base()[XG_SLOT_SEAL].packets)
             .load(std::memory_order_acquire) == 1;
}

void Generation::seal() {
  std::atomic_ref(base()[XG_SLOT_SEAL].packets)
      .store(1, std::memory_order_release);
}

}  // namespace xdpgate
