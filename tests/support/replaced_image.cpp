// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/replaced_image.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

#include "base/fd.h"
#include "bpf/bpffs.h"
#include "bpf/mapping.h"

namespace xdpgate::test {

void replace_image(const std::string& generation,
                   const std::function<void(std::span<std::uint8_t>)>& change) {
  const std::string path = generation + "/image";
  const auto pinned = open_pin(path);
  ASSERT_TRUE(pinned) << pinned.error().line();
  bpf_map_info info{};
  std::uint32_t info_bytes = sizeof(info);
  ASSERT_EQ(bpf_obj_get_info_by_fd(pinned->get(), &info, &info_bytes), 0);
  LIBBPF_OPTS(bpf_map_create_opts, options);
  options.map_flags = info.map_flags;
  const Fd copy(bpf_map_create(BPF_MAP_TYPE_ARRAY, "copy", info.key_size,
                               info.value_size, 1, &options));
  const auto from = Mapping::of(pinned->get(), info.value_size, PROT_READ);
  ASSERT_TRUE(from);
  std::vector<std::uint8_t> value(from.data(), from.data() + info.value_size);
  change(value);
  const std::uint32_t key = 0;
  ASSERT_EQ(bpf_map_update_elem(copy.get(), &key, value.data(), BPF_ANY), 0);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  const auto pinned_copy = pin(copy.get(), path);
  ASSERT_TRUE(pinned_copy) << pinned_copy.error().line();
}

}  // namespace xdpgate::test
