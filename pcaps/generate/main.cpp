// SPDX-License-Identifier: GPL-2.0-only
// xg_pcaps [DIR]: writes the captures of pcaps/ into DIR (default: pcaps).
#include <cstdio>
#include <fstream>
#include <string>

#include "pcaps/generate/captures.h"

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "pcaps";
  for (const auto& file : xdpgate::pcaps::capture_files()) {
    const std::string path = folder + "/" + file.name;
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(file.bytes.data()),
              static_cast<std::streamsize>(file.bytes.size()));
    if (!out.flush()) {
      std::fprintf(stderr, "xg_pcaps: cannot write %s\n", path.c_str());
      return 1;
    }
  }
  return 0;
}
