// SPDX-License-Identifier: GPL-2.0-only
#include "top/reader.h"

#include <fmt/format.h>
#include <net/if.h>

#include <chrono>
#include <utility>

#include "bpf/entry.h"
#include "bpf/link.h"
#include "bpf/totals.h"
#include "compile/texts.h"
#include "policy/decision.h"

namespace xdpgate {
namespace {

double now_s() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::string action_text(std::uint32_t action) {
  return action < XG_VERDICTS ? verdict_name(static_cast<xg_verdict>(action))
                              : "count";
}

Result<CountedNames> names_of(const ImageView& image) {
  const auto texts = ImageTexts::of(image);
  if (!texts) return std::unexpected(texts.error());
  CountedNames result;
  result.rule_count = image.rule_count();
  for (std::uint32_t i = 0; i < image.rule_count(); ++i) {
    result.names.emplace_back(texts->rule_name(i));
    result.actions.push_back(action_text(image.rule_action(i)));
    result.has_limits = result.has_limits || limit_of(image, i) != nullptr;
  }
  result.names.emplace_back("(default)");
  result.actions.push_back(action_text(image.header().default_action));
  for (int c = XG_CLASS_OK + 1; c < XG_CLASSES; ++c) {
    result.names.push_back(std::string("(malformed) ") +
                           class_name(static_cast<xg_class>(c)));
    result.actions.emplace_back();
  }
  return result;
}

// In the order of names_of().
void add_counts(const ImageView& image, const Totals& totals, Sample& sample) {
  const auto plain = [&](std::uint32_t slot) {
    return xg_counter{totals.slots[slot].packets, totals.slots[slot].bytes};
  };
  for (std::uint32_t i = 0; i < image.rule_count(); ++i) {
    sample.counts.push_back(plain(XG_SLOT_RULE + i));
    const xg_effect* limit = limit_of(image, i);
    sample.over.push_back(limit ? plain(limit->limit_slot) : xg_counter{});
  }
  sample.counts.push_back(plain(XG_SLOT_DEFAULT));
  for (std::uint32_t c = XG_CLASS_OK + 1; c < XG_CLASSES; ++c) {
    sample.counts.push_back(plain(XG_SLOT_CLASS + c));
  }
  sample.over.resize(sample.counts.size());
  for (int v = 0; v < XG_VERDICTS; ++v) {
    sample.verdicts[verdict_name(static_cast<xg_verdict>(v))] =
        totals.verdicts[v];
  }
}

// "eth0 (native)".
std::string link_text(const PinnedLink& link, std::uint32_t entry_id) {
  if (link.ifindex == 0) return link.interface + " (gone)";
  if (link.netns != this_netns()) return link.interface + " (other netns)";
  char name[IF_NAMESIZE];
  if (!::if_indextoname(link.ifindex, name)) return link.interface + " (gone)";
  const auto carried = carried_by(link.ifindex, name);
  const bool ours = carried && carried->program_id == entry_id;
  return fmt::format("{} ({})", name, ours ? carried->mode : "not ours");
}

}  // namespace

// Asked by the pins, since an instance that has been removed lives on in the
// descriptors of its readers.
bool SampleReader::is_in_force() const {
  if (!dir_ || !generation_ || !generation_->sealed()) return false;
  const auto entry = dir_->open_entry();
  if (!entry) return false;
  const auto now = program_in_force(entry->slots.get());
  const auto read = program_id(generation_->program_fd());
  return now && read && *now == *read;
}

Result<Totals> SampleReader::open_anew() {
  generation_.reset();
  auto dir = running_instance(instance_);
  if (!dir) return std::unexpected(dir.error());
  auto now = snapshot(*dir);
  if (!now) return std::unexpected(now.error());
  auto names = names_of(now->generation.image());
  if (!names) return std::unexpected(names.error());
  instance_ = dir->instance();  // this one, whatever else starts
  dir_ = std::move(*dir);
  entry_id_ = now->entry_id;
  generation_ = std::move(now->generation);
  counted_ = std::make_shared<const CountedNames>(std::move(*names));
  return std::move(now->totals);
}

Result<Totals> SampleReader::totals() {
  if (is_in_force()) {
    auto totals = totals_of(*generation_);
    if (totals && is_in_force()) return totals;
  }
  return open_anew();
}

std::string SampleReader::interfaces() const {
  const auto links = dir_->links();
  std::vector<std::string> words;
  if (!links) return "";
  for (const PinnedLink& link : *links) {
    words.push_back(link_text(link, entry_id_));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

Result<Sample> SampleReader::read() {
  auto now = totals();
  if (!now) return std::unexpected(now.error());
  Sample sample;
  sample.time_s = now_s();
  sample.instance = dir_->instance();
  sample.generation = generation_->number();
  sample.interfaces = interfaces();
  sample.counted = counted_;
  add_counts(generation_->image(), *now, sample);
  return sample;
}

}  // namespace xdpgate
