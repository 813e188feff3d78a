// SPDX-License-Identifier: GPL-2.0-only
#include "cli/explain_subject.h"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "bpf/running_image.h"
#include "cli/load_image.h"
#include "compile/compile.h"
#include "compile/texts.h"
#include "policy/load.h"

namespace xdpgate {
namespace {

constexpr const char* kOtherVersion =
    "another version of xdpgate has compiled it";

std::uint32_t real_ifindex(const std::string& name) {
  return ::if_nametoindex(name.c_str());
}

// The folder that set files were looked up from; empty: there are none.
std::string folder_of(const ImageTexts& texts) {
  const auto meta = nlohmann::json::parse(texts.meta(), nullptr, false);
  return meta.is_object() ? meta.value("folder", "") : "";
}

// The policy that the image was compiled from. With set files only where they
// still say what they said then.
std::optional<Policy> policy_of(const Image& image, const ImageTexts& texts) {
  Diagnostics ignored;  // it was sound when it was loaded
  const std::string folder = folder_of(texts);
  auto policy = parse_policy(std::string(texts.source()),
                             folder + "/policy.yaml", ignored);
  if (!policy || folder.empty()) return policy;
  const auto again = compile(*policy, {real_ifindex});
  const bool same = again && std::ranges::equal(again->header().digest,
                                                image.header().digest);
  return same ? std::move(policy) : std::nullopt;
}

MalformedAction malformed_of(const xg_header& header) {
  if (header.malformed == XG_MALFORMED_MATCH) return MalformedAction::kMatch;
  return header.malformed == XG_PASS ? MalformedAction::kPass
                                     : MalformedAction::kDrop;
}

// What answers are put in words with.
Policy names_of(const Image& image, const ImageTexts& texts) {
  Policy policy;
  policy.malformed = malformed_of(image.header());
  policy.source = texts.source();
  for (std::uint32_t i = 0; i < image.header().rule_count; ++i) {
    policy.rules.push_back(
        {.name = std::string(texts.rule_name(i)), .match = {}});
  }
  return policy;
}

}  // namespace

Result<Subject> running_subject(const std::string& instance) {
  auto running = running_image(instance);
  if (!running) return failure(running.error());
  const auto texts = ImageTexts::of(ImageView(running->image));
  if (!texts) return failure(texts.error());
  Subject subject;
  if (auto policy = policy_of(running->image, *texts)) {
    subject.policy = std::move(*policy);
  } else if (!ImageView(running->image).has_known_abi()) {
    subject.policy = names_of(running->image, *texts);
    subject.why_no_policy = kOtherVersion;
  } else {
    subject.policy = names_of(running->image, *texts);
    subject.why_no_policy =
        "its set files, or interfaces, are not what they were when it was "
        "applied";
  }
  subject.image = std::move(running->image);
  subject.policy.name = running->instance;
  subject.is_running = true;
  subject.title = fmt::format("generation {} of `{}`", running->generation,
                              running->instance);
  subject.program_tag = std::move(running->program_tag);
  subject.interfaces = std::move(running->interfaces);
  return subject;
}

std::uint32_t Subject::ifindex(const std::string& interface) const {
  if (interface.empty()) return 0;
  return is_running ? real_ifindex(interface)
                    : pseudo_ifindex(policy, interface);
}

std::expected<Subject, ExitCode> policy_subject_or_say(
    const std::string& path) {
  auto compiled = load_image_or_say(path, pseudo_ifindex);
  if (!compiled) return std::unexpected(compiled.error());
  Subject subject;
  subject.policy = std::move(compiled->policy);
  subject.image = std::move(compiled->image);
  return subject;
}

std::expected<Subject, ExitCode> running_subject_or_say(
    const std::string& instance) {
  auto subject = running_subject(instance);
  if (subject && ImageView(subject->image).has_known_abi()) {
    return std::move(*subject);
  }
  refuse(!subject ? subject.error()
                  : Error{"explain", subject->title, kOtherVersion,
                          "`xdpgate apply` the policy again: it keeps all "
                          "counts"});
  return std::unexpected(kSystem);
}

}  // namespace xdpgate
