"""docs/performance.md of the results of `run`: tables, plots, targets."""

import datetime
import platform
import subprocess
from pathlib import Path

import targets
from tables import number, table

VETH_ORDER = ("floor", "xdpgate", "xdp-filter", "nft netdev linear",
              "nft netdev interval", "nft netdev hash", "nft inet linear",
              "nft inet interval", "nft inet hash")

INTRO = """# Performance

Written by `bench/peers/run`: do not edit. What a packet costs in the filter and
in its peers, all of one run on one machine, beside a floor that does nothing.

- **Alone**: the program under BPF_PROG_TEST_RUN, one pass over a trace of
  different packets by one system call. *floor*: a program that reads nothing and
  drops; it costs what the harness costs. *parse*: the reader alone. The whole
  program is timed: all headers of the contract, classification, counters, the
  tail call by which a swap is atomic.
- **Over veth**: live frames (BPF_F_TEST_XDP_LIVE_FRAMES, batches of 64) into a
  veth; the receiver does its work on the same core in the softirq behind each
  batch. The floor is XDP_DROP there.
- Rounds are interleaved: in each one every subject makes one pass. Figures of
  programs alone are *quiet medians*: of the rounds in which the floor was within
  a tenth of its least, at least five. Over veth, where other work on the core
  disturbs a pass more, the *ratio* is the median of the ratios of single rounds
  (quiet ones: within 15 %), and nanoseconds are those of the quiet end: the tenth
  percentile of all rounds, of receiver and floor alike. *Spread* is the 5th to 95th
  (alone) or the 50th to 95th percentile (veth) over all rounds: a wide one
  says how busy the machine was.
- *hit*: a rule decides; *miss*: none does; *mix*: half and half. *even*: every
  rule as often as every other; *realistic*: rules by Zipf's law, packets in bursts
  (see bench/classbench).

Differences below a tenth mean nothing on a machine shared with others. What no
noise can upset, instructions a packet, is held by `bench/gate`.
"""


def shell(command):
    return subprocess.run(command, shell=True, capture_output=True,
                          text=True).stdout.strip()


def packages():
    names = "nftables xdp-tools libbpf1 clang iproute2"
    form = "'${Package} ${Version}, '"
    return shell(f"dpkg-query -W -f={form} {names}").strip(", ")


def machine(quick, rounds):
    model = shell("sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1")
    rows = [
        ("date", datetime.datetime.now(datetime.timezone.utc)
         .strftime("%Y-%m-%d %H:%M UTC")),
        ("commit", shell("git rev-parse --short HEAD") or "unknown"),
        ("machine", f"{model}, {shell('nproc')} CPUs, L2 "
         f"{shell('getconf LEVEL2_CACHE_SIZE')} bytes, virtual: "
         f"{shell('systemd-detect-virt') or 'not known'}"),
        ("load", " ".join(Path("/proc/loadavg").read_text().split()[:3])
         + " at the end (other work on the machine)"),
        ("kernel", platform.release()),
        ("packages", packages()),
        ("rounds", f"{rounds}{', a quick run' if quick else ''}"),
        ("commands", "`packaging/install-deps.sh --bench`, `packaging/build.sh`, "
         f"`bench/peers/run{' --quick' if quick else ''}`"),
    ]
    return "## Machine\n\n" + table(("", ""), rows)


def classbench(alone):
    chosen = [r for r in alone if r["group"] == "classbench"]
    rows = []
    for r in chosen:
        over = r["ns"] - r["floor_ns"]
        rows.append((f"{r['set']}{' IPv6' if r['ipv6'] else ''}",
                     f"{r['rules']:,}", r["locality"], r["kind"],
                     number(r["floor_ns"]), number(r["parse_ns"]),
                     number(r["ns"]), number(over), number(1e3 / r["ns"], 1),
                     f"{number(r['p5_ns'])} to {number(r['p95_ns'])}"))
    return ("## ClassBench policies, alone\n\nNanoseconds a packet. acl1 below 1,000: "
            "the first rules of the set.\n\n" + table(
                ("set", "rules", "locality", "packets", "floor", "parse", "xdpgate",
                 "over floor", "Mpps/core", "spread"), rows)
            + "\n![Cost over the number of rules](performance/classbench.svg)\n")


def elements(alone):
    rows = []
    for r in alone:
        if r["group"] != "elements":
            continue
        rows.append((r["program"], f"{r['size']:,}", r["kind"],
                     number(r["floor_ns"]), number(r["ns"]),
                     number(r["ns"] - r["floor_ns"]),
                     f"{number(r['p5_ns'])} to {number(r['p95_ns'])}"))
    return ("## Beside xdp-filter, alone\n\nN rules of a source prefix and a range of "
            "UDP ports (xdpgate) against a list of N source addresses (xdp-filter "
            "with all features, default allow), the same packets. Misses of "
            "xdp-filter are acl1's packets, which pass all of its lists.\n\n"
            + table(("program", "N", "packets", "floor", "ns", "over floor",
                     "spread"), rows))


def sets(alone):
    rows = [("IPv6" if r["ipv6"] else "IPv4", r["kind"], f"{r['size']:,}",
             number(r["floor_ns"]), number(r["ns"]),
             number(r["ns"] - r["floor_ns"]),
             number(r["image_bytes"] / r["size"], 1))
            for r in alone if r["group"] == "sets"]
    return ("## Address sets, alone\n\nOne rule on a set of prefixes of mixed lengths; "
            "packets from addresses anywhere, and from inside the prefixes of the "
            "largest set.\n\n" + table(
                ("family", "sources", "prefixes", "floor", "ns", "over floor",
                 "image bytes a prefix"), rows))


def builds(results):
    rows = [(b["name"], f"{b['rules']:,}", number(b["build_s"], 2),
             number(b["cpu_s"], 2), number(b["memory_bytes"] / 1e6),
             number(b["image_bytes"] / b["rules"], 1), b["worst_steps"])
            if not b["refused"] else (b["name"], *["-"] * 6) for b in results]
    return ("## Builds\n\n`xdpgate check --budget 0`: seconds by the clock and of the CPU, and the "
            "most memory of the process.\n\n" + table(
                ("policy", "rules", "s", "CPU s", "MB", "image bytes a rule",
                 "worst steps"), rows))


def veth(live):
    sizes = sorted({r["size"] for r in live})
    rows = []
    for name in VETH_ORDER:
        cells = []
        for size in sizes:
            r = next((r for r in live
                      if (r["receiver"], r["size"]) == (name, size)), None)
            if not r or "ns" not in r:
                cells.append("-")
            elif name == "floor":
                cells.append(number(r["ns"]))
            else:
                cells.append(f"×{r['ratio']:.2f} +{number(r['over_ns'])} "
                             f"({number(r['median_ns'])} to {number(r['p95_ns'])})")
        rows.append((name, *cells))
    return ("## Over veth\n\nRatio to the floor, ns over it at the quiet end, and the "
            "spread with floor. Every packet is dropped by one of N rules or "
            "elements, all as often. *interval*, *hash*: one set of address and port, "
            "with intervals or without. A dash: not run (linear beyond 1,000; "
            "xdp-filter's list ends at 10,000), or too many frames were lost.\n\n"
            + table(("receiver", *(f"N = {s:,}" for s in sizes)), rows)
            + "\n![Cost over veth](performance/veth.svg)\n")


# ---- plots ----

def plot(path, title, y, series):
    """`series`: name to points (x, y); logarithmic in both."""
    lines = [f"set terminal svg size 760,460 font 'sans,13' background 'white'",
             f"set output '{path}'", f"set title '{title}'", "set logscale xy",
             "set xlabel 'rules'", f"set ylabel '{y}'", "set grid",
             "set key outside right", "set format x '10^{%T}'"]
    names = [n for n in series if series[n]]
    lines.append("plot " + ", ".join(
        f"'-' using 1:2 with linespoints lw 2 title '{n}'" for n in names))
    for name in names:
        lines += [f"{x} {max(value, 0.1)}" for x, value in series[name]] + ["e"]
    subprocess.run(["gnuplot"], input="\n".join(lines) + "\n", text=True, check=True)


def plots(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    series = {}
    for r in results["alone"]:
        if r["group"] == "classbench" and r["kind"] in ("hit", "miss"):
            name = (f"{r['set']}{' IPv6' if r['ipv6'] else ''}, {r['kind']}, "
                    f"{r['locality']}")
            if r["kind"] == "hit" or r["locality"] == "even":
                series.setdefault(name, []).append((r["rules"],
                                                    r["ns"] - r["floor_ns"]))
    plot(folder / "classbench.svg", "xdpgate alone, ClassBench",
         "ns a packet over the floor", series)
    series = {name: [(r["size"], r["over_ns"]) for r in results["live"]
                     if r["receiver"] == name and "ns" in r]
              for name in VETH_ORDER[1:]}
    plot(folder / "veth.svg", "Over veth, one core", "ns a packet over the floor",
         series)


def write(results, out, quick):
    out = Path(out)
    plots(results, out / "performance")
    rounds = results["alone"][0]["rounds"]
    parts = [INTRO, machine(quick, rounds), targets.section(results),
             classbench(results["alone"]), elements(results["alone"]),
             sets(results["alone"]), veth(results["live"]),
             builds(results["builds"])]
    (out / "performance.md").write_text("\n".join(parts))
