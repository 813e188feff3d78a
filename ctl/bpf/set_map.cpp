// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/set_map.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "compile/element.h"

namespace xdpgate {
namespace {

// Elements a system call. A hash is read by buckets, and one bucket has to fit.
constexpr std::size_t kBatch = 16'384;

Result<bpf_map_info> info_of(int fd) {
  bpf_map_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0) return info;
  return failure(system_error("look at", "a dynamic set", errno));
}

std::unexpected<Error> cannot(const char* what) {
  return failure(system_error(what, "a dynamic set", errno));
}

}  // namespace

Result<SetMap> SetMap::create(std::uint32_t size) {
  Fd fd(bpf_map_create(BPF_MAP_TYPE_HASH, "xg_set", sizeof(xg_element),
                       sizeof(std::uint64_t), size, nullptr));
  if (fd) return SetMap(std::move(fd));
  return failure(system_error(
      "make", "a set of " + std::to_string(size) + " elements", errno,
      "a smaller `size` takes less memory, some 90 bytes an element"));
}

Result<std::uint32_t> SetMap::id() const {
  auto info = info_of(fd());
  if (!info) return std::unexpected(info.error());
  return info->id;
}

Result<std::uint32_t> SetMap::size() const {
  auto info = info_of(fd());
  if (!info) return std::unexpected(info.error());
  return info->max_entries;
}

Result<std::vector<TimedElement>> SetMap::read() const {
  std::vector<TimedElement> all;
  std::vector<xg_element> keys(kBatch);
  std::vector<std::uint64_t> values(kBatch);
  std::uint32_t from = 0, next = 0;
  for (bool first = true, more = true; more; first = false) {
    auto count = static_cast<std::uint32_t>(keys.size());
    LIBBPF_OPTS(bpf_map_batch_opts, options);
    if (bpf_map_lookup_batch(fd(), first ? nullptr : &from, &next, keys.data(),
                             values.data(), &count, &options) != 0) {
      if (errno == ENOSPC) {  // a bucket longer than all of them
        keys.resize(keys.size() * 2);
        values.resize(keys.size());
        continue;
      }
      if (errno != ENOENT) return cannot("read");
      more = false;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      all.push_back({keys[i], values[i]});
    }
    from = next;
  }
  return all;
}

Result<std::optional<std::uint64_t>> SetMap::find(
    const xg_element& element) const {
  std::uint64_t expires = 0;
  if (bpf_map_lookup_elem(fd(), &element, &expires) == 0) return expires;
  if (errno == ENOENT) return std::nullopt;
  return cannot("read");
}

Result<bool> SetMap::put(const TimedElement& element) const {
  if (bpf_map_update_elem(fd(), &element.element, &element.expires_ns,
                          BPF_ANY) == 0) {
    return true;
  }
  if (errno == E2BIG) return false;
  return cannot("change");
}

Result<void> SetMap::remove(const xg_element& element) const {
  if (bpf_map_delete_elem(fd(), &element) == 0 || errno == ENOENT) return {};
  return cannot("change");
}

Result<void> SetMap::fill(std::span<const TimedElement> elements,
                          const OnProgress& progress) const {
  std::vector<xg_element> keys;
  std::vector<std::uint64_t> values;
  for (std::size_t done = 0; done < elements.size();) {
    const auto part = elements.subspan(
        done, std::min(kBatch, elements.size() - done));
    keys.clear();
    values.clear();
    for (const TimedElement& e : part) {
      keys.push_back(e.element);
      values.push_back(e.expires_ns);
    }
    auto count = static_cast<std::uint32_t>(part.size());
    LIBBPF_OPTS(bpf_map_batch_opts, options);
    if (bpf_map_update_batch(fd(), keys.data(), values.data(), &count,
                             &options) != 0) {
      return cannot("fill");
    }
    done += part.size();
    if (progress) progress(done);
  }
  return {};
}

Result<std::size_t> SetMap::remove_expired() const {
  auto all = read();
  if (!all) return std::unexpected(all.error());
  const std::uint64_t now = boottime_ns();
  std::size_t removed = 0;
  for (const TimedElement& element : *all) {
    if (element.lives(now)) continue;
    auto gone = remove_if_expired(element.element);
    if (!gone) return std::unexpected(gone.error());
    if (*gone) ++removed;
  }
  return removed;
}

// Between the reading and the removal a packet may have banned it anew: what
// was removed is looked at, and put back where it lives.
Result<bool> SetMap::remove_if_expired(const xg_element& element) const {
  std::uint64_t expires = 0;
  if (bpf_map_lookup_and_delete_elem(fd(), &element, &expires) != 0) {
    if (errno == ENOENT) return false;
    return cannot("change");
  }
  if (!TimedElement{element, expires}.lives(boottime_ns())) return true;
  if (bpf_map_update_elem(fd(), &element, &expires, BPF_NOEXIST) == 0 ||
      errno == EEXIST) {
    return false;
  }
  return cannot("change");
}

xg_set_lengths lengths_of(std::span<const TimedElement> elements) {
  xg_set_lengths lengths{};
  for (const TimedElement& e : elements) note_length(e.element, lengths);
  return lengths;
}

}  // namespace xdpgate
