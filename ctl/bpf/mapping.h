// SPDX-License-Identifier: GPL-2.0-only
// The one owner of mapped memory.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace xdpgate {

/// Owns one shared mapping of a BPF map's values; move-only.
class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}
  Mapping& operator=(Mapping&& other) noexcept {
    if (this != &other) {
      reset();
      data_ = std::exchange(other.data_, nullptr);
      size_ = other.size_;
    }
    return *this;
  }
  ~Mapping() { reset(); }

  /// Maps the first `size` bytes of the map behind `fd`, PROT_... as
  /// `protection` says. Empty, with errno set, where that fails.
  [[nodiscard]] static Mapping of(int fd, std::size_t size, int protection) {
    Mapping mapping;
    void* data = ::mmap(nullptr, size, protection, MAP_SHARED, fd, 0);
    if (data != MAP_FAILED) {
      mapping.data_ = static_cast<std::uint8_t*>(data);
      mapping.size_ = size;
    }
    return mapping;
  }

  explicit operator bool() const { return data_ != nullptr; }
  [[nodiscard]] std::uint8_t* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void reset() {
    if (data_ != nullptr) ::munmap(data_, size_);
    data_ = nullptr;
  }

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace xdpgate
