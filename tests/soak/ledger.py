"""Holds what was counted against what was sent, and the end against the start."""

import statistics
from dataclasses import dataclass

import kernel
import traffic

# By what a whole machine, which others use too, may differ: bytes, objects. A
# swap that left a thing behind would make more of it in half an hour.
GROWTH = 64 << 20
OBJECTS = 300
LONG = 600                  # seconds; what is shorter says little of a machine
PROCESS_GROWTH = 4 << 20


@dataclass
class Check:
    what: str
    got: str
    holds: bool


def size(count):
    return f"{count / (1 << 20):,.1f} MiB"


def exact(what, got, wanted):
    text = f"{got:,}" if got == wanted else f"{got:,}, not {wanted:,}"
    return Check(what, text, got == wanted)


def counted(stats):
    """Packets by rule, the default's and the malformed ones' among them."""
    packets = {rule["name"]: rule["packets"] for rule in stats["rules"]}
    packets["(default)"] = stats["default"]["packets"]
    packets["(malformed)"] = sum(c["packets"] for c in stats["malformed"].values())
    return packets


def count_checks(figures):
    stats = figures["stats"]
    packets = counted(stats)
    verdicts = {v: c["packets"] for v, c in stats["verdicts"].items()}
    received = figures["sent"] - figures["lost"]
    outside, capture = figures["outside"], stats["capture"]
    deciding = sum(n for name, n in packets.items() if name != "counted")
    yield exact("sent, less what the veth had no room for: all verdicts",
                sum(verdicts.values()), received)
    yield exact("the same: all deciding rules, default, malformed", deciding,
                received)
    for kind, sent in traffic.sent_by_kind(figures["sent"]).items():
        yield kind_check(kind, sent, figures["lost"], packets)
    yield exact("pass: what the host's stack got", outside["pass"],
                verdicts["pass"])
    yield exact("redirect: what the other interface got",
                outside["redirect"] + outside["redirect_lost"],
                verdicts["redirect"])
    yield exact("reject: answers that came back",
                outside["answers"] + outside["answers_lost"],
                stats["reject"]["answered"]["packets"])
    yield exact("captured: what was logged", figures["captured"],
                capture["logged"]["packets"])


def kind_check(kind, sent, lost, packets):
    """What the veth had no room for may have been of any kind."""
    rules = traffic.RULES[kind]
    got = sum(packets[rule] for rule in rules)
    return Check(f"{kind}: {' + '.join(rules)}", f"{got:,} of {sent:,}",
                 sent - lost <= got <= sent)


def set_check(figures):
    same = figures["listed"] == figures["expected"]
    return Check("the set's elements, after all changes and swaps",
                 f"{len(figures['listed'])}" + ("" if same else ": others"), same)


def grown(what, before, now, most, text=str):
    return Check(what, f"{text(before)} -> {text(now)}", now - before <= most)


def thirds(states, value):
    """The least of the first and of the last third. A look may fall into a swap,
    where two generations are there, or into what others do."""
    part = (len(states) + 2) // 3
    return [min(map(value, some)) for some in (states[:part], states[-part:])]


def leak_checks(figures):
    states = figures["states"]
    yield grown("objects pinned, first third -> last",
                *thirds(states, lambda s: s["pinned"]), 0)
    yield grown("their memory", *thirds(states, lambda s: s["pinned_bytes"]), 0,
                size)
    yield Check("objects ever seen pinned, and still there after detach",
                f"{figures['objects']:,}, {len(figures['left'])}",
                not figures["left"])
    for name, what in (("watcher", "stats --watch"), ("scrapes", "export")):
        yield grown(f"{what}: descriptors",
                    *thirds(states, lambda s: s[name]["fds"]), 0)
        yield grown(f"{what}: resident memory",
                    *thirds(states, lambda s: s[name]["resident"]),
                    PROCESS_GROWTH, size)


def machine_checks(figures):
    before, after = figures["before"], figures["after"]
    for key in kernel.MEMORY:
        yield grown(f"{key} of the machine, first third -> last",
                    *thirds(figures["states"], lambda s: s["memory"][key]),
                    GROWTH, size)
        yield grown(f"{key} of the machine, before -> after detach", before[key],
                    after[key], GROWTH, size)
    for kind in kernel.KINDS:
        yield grown(f"{kind}s of the machine, before -> after detach",
                    before[kind], after[kind], OBJECTS)


def checks(figures):
    failures = Check("what went wrong meanwhile",
                     "; ".join(figures["failures"]) or "nothing",
                     not figures["failures"])
    machine = machine_checks(figures) if figures["seconds"] > LONG else []
    return [failures, *count_checks(figures), set_check(figures),
            *leak_checks(figures), *machine]


def figures_of(figures):
    took = figures["swaps"]
    yield "seconds", f"{figures['seconds']:,.0f}"
    yield "frames sent", f"{figures['sent']:,}"
    yield "frames a second", f"{figures['sent'] / figures['seconds']:,.0f}"
    yield "that the veth had no room for", f"{figures['lost']:,}"
    yield "swaps", f"{len(took):,}"
    yield ("a swap (the whole command): median, longest",
           f"{statistics.median(took):.2f} s, {max(took):.2f} s")
    yield "apply killed on its way", f"{figures['kills']:,}"
    yield ("changes of the set, elements",
           f"{figures['set_changes']:,}, {figures['set_elements']:,}")
    yield ("captures, packets", f"{figures['captures']:,}, "
                                f"{figures['captured']:,}")
    yield "reports of stats --watch", f"{figures['watched']:,}"
    yield "stats, status and show", f"{figures['reads']:,}"
    yield "scrapes of the metrics", f"{figures['scrapes']:,}"


def table(figures, all_checks):
    rows = list(figures_of(figures))
    width = max(len(name) for name, _ in rows) + 2
    lines = [f"{name:{width}}{value}" for name, value in rows] + [""]
    width = max(len(check.what) for check in all_checks) + 2
    lines += [f"{'ok  ' if check.holds else 'FAIL'}  {check.what:{width}}{check.got}"
              for check in all_checks]
    return "\n".join(lines)
