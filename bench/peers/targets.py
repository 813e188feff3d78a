"""Each target, what was measured, and whether it is met."""

from tables import table


class Results:
    """Costs by what they are of: over the floor, or whole (with it)."""

    def __init__(self, results):
        self.results = results

    def alone(self, whole=False, **keys):
        """ns; None where it was not measured."""
        for r in self.results["alone"]:
            if all(r.get(k) == v for k, v in keys.items()):
                return r["ns"] - (0 if whole else r["floor_ns"])
        return None

    def classbench(self, name, size, kind="hit", locality="even", ipv6=False,
                   whole=False):
        return self.alone(whole, group="classbench", set=name, size=size,
                          kind=kind, locality=locality, ipv6=ipv6)

    def live(self, receiver, size):
        for r in self.results["live"]:
            if (r["receiver"], r["size"]) == (receiver, size):
                return r.get("over_ns")
        return None

    def sizes(self):
        return sorted({r["size"] for r in self.results["alone"]
                       if r["group"] == "classbench"})


def ratio(of, to):
    return None if of is None or to is None or to <= 0 else of / to


def at_most(what, limit, values, unit="×"):
    """A row for values that must not exceed a limit; values by their names."""
    known = {n: v for n, v in values.items() if v is not None}
    told = ", ".join(f"{n} {v:.2f} {unit}" for n, v in known.items())
    if not known:
        return (what, "not measured", "-")
    return (what, told, "met" if max(known.values()) <= limit else "**missed**")


def ratios_at_most(what, limit, of):
    """A row of ratios; of(whole): ratios by their names, of whole costs or of
    those over the floor. Judged by both: costs over the floor are stricter."""
    row = at_most(what, limit, of(False))
    whole = {n: v for n, v in of(True).items() if v is not None}
    if not whole:
        return row
    told = ", ".join(f"{v:.2f}" for v in whole.values())
    verdict = row[2]
    if verdict != "met" and max(whole.values()) <= limit:
        verdict = "met; **missed** over the floor"
    return (what, f"{row[1]} (whole: {told})", verdict)


def at_least(what, limit, value):
    if value is None:
        return (what, "not measured", "-")
    return (what, f"{value:.1f} ×", "met" if value >= limit else "**missed**")


def small(r):
    """Ten rules against xdp-filter, each at its dearer kind of packet."""
    peer = {k: r.alone(group="elements", program="xdp-filter", size=10, kind=k)
            for k in ("hit", "miss")}
    yield at_most("10 rules: no dearer than xdp-filter with all features", 1.0,
                  {"the same elements and packets":
                   ratio(r.alone(group="elements", program="xdpgate", size=10),
                         peer["hit"]),
                   "acl1, hit": ratio(r.classbench("acl1", 10), peer["miss"]),
                   "acl1, miss": ratio(r.classbench("acl1", 10, "miss"),
                                       peer["miss"])})


def growth(r):
    for size, limit, locality in ((1000, 1.2, "realistic"),
                                  (10000, 1.5, "realistic"),
                                  (100000, 2.0, "realistic"),
                                  (100000, 3.0, "even")):
        yield ratios_at_most(
            f"{size:,} rules against 10, {locality}: at most {limit} ×", limit,
            lambda whole: {
                s: ratio(r.classbench(s, size, "hit", locality, whole=whole),
                         r.classbench("acl1", 10, "hit", locality, whole=whole))
                for s in ("acl1", "fw1", "ipc1")})


def kinds(r):
    yield ratios_at_most(
        "a miss against a hit: at most 1.1 ×", 1.1,
        lambda whole: {
            f"{s} {size:,}": ratio(r.classbench(s, size, "miss", whole=whole),
                                   r.classbench(s, size, whole=whole))
            for s in ("acl1", "fw1", "ipc1") for size in r.sizes() if size >= 10})
    yield ratios_at_most(
        "IPv6 against IPv4: at most 1.4 ×", 1.4,
        lambda whole: {
            f"{size:,} {kind}": ratio(
                r.classbench("acl1", size, kind, ipv6=True, whole=whole),
                r.classbench("acl1", size, kind, whole=whole))
            for size in r.sizes() if size >= 10 for kind in ("hit", "miss")})


def peers(r):
    for kind, limit in (("interval", 15), ("hash", 2)):
        yield at_least(f"100,000 over veth against nft's {kind} set: at least "
                       f"{limit} ×", limit,
                       ratio(r.live(f"nft netdev {kind}", 100000),
                             r.live("xdpgate", 100000)))


def sets(r):
    for ipv6, limit in ((False, 25), (True, 50)):
        added = {}
        for kind in ("anywhere", "listed"):
            big, one = (r.alone(group="sets", size=s, ipv6=ipv6, kind=kind)
                        for s in (1000000, 1))
            added[f"sources {kind}"] = None if big is None else big - one
        yield at_most(f"a set of 1,000,000 {'IPv6' if ipv6 else 'IPv4'} prefixes "
                      f"adds at most {limit} ns", limit, added, "ns")


def builds(r):
    done = [b for b in r.results["builds"] if not b["refused"]]
    of = [b for b in done if 9000 < b["rules"] < 100000]
    yield at_most("image: at most 64 bytes a rule at 10,000 and 100,000", 64,
                  {b["name"]: b["image_bytes"] / b["rules"] for b in of}, "bytes")
    big = [b for b in of if b["rules"] > 80000]
    yield at_most("100,000 rules compile in at most 3 s (of the CPU: see Builds)", 3,
                  {b["name"]: b["cpu_s"] for b in big}, "s")
    yield at_most("... and 1 GB", 1e3,
                  {b["name"]: b["memory_bytes"] / 1e6 for b in big}, "MB")
    for b in r.results["builds"]:
        if b["name"] == "1,000,000 rules":
            told = b["refused"] or (f"{b['build_s']:.1f} s, "
                                    f"{b['memory_bytes'] / 1e6:.0f} MB")
            yield ("1,000,000 rules compile", told,
                   "**missed**" if b["refused"] else "met")


def section(results):
    r = Results(results)
    rows = [row for part in (small, growth, kinds, peers, sets, builds)
            for row in part(r)]
    wrong = [x["name"] for x in results["live"] if x["passed"]]
    note = ("" if not wrong else "\nThese let packets pass that they should drop, so "
            f"their figures mean nothing: {', '.join(wrong)}.\n")
    return ("## Targets\n\nRatios are of costs over the floor and, behind them, of "
            "whole costs, which\nhold what the harness and the driver's call cost "
            "alike. The first are stricter.\n\n" + table(("target", "measured", ""), rows) + note)
