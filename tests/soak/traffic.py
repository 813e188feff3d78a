"""What the soak sends, and the policies that judge it.

Each kind of frames falls to certain rules, whichever variant of the policy is
in force, so what these count is known from what was sent."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/peers"))

import scene  # noqa: E402

NAME = "soak"
SENT_TO, FILTERED = "s1", "r1"      # the veth of the traffic
OUT, OUT_END = "s2", "r2"           # where `redirected` leaves by
HOST = 1                            # 198.18.0.1, the filtered end's address
CHURN = [f"10.1.{i // 256}.{i % 256}" for i in range(1024)]

# kind: of 64 frames, UDP port, first source, sources, rules that take it.
UDP = {
    "churn": (16, 1, 0x0A010000, 1024, ("listed", "unlisted")),
    "dropped": (20, 2, 0x0A020000, 4096, ("dropped",)),
    "limited": (8, 3, 0x0A030000, 256, ("limited",)),
    "guesses": (6, 4, 0x0A040000, 256, ("guesses", "banned")),
    "rejected": (1, 5, 0x0A050000, 256, ("rejected",)),
    "redirected": (4, 6, 0x0A060000, 256, ("redirected",)),
    "passed": (1, 7, 0x0A070000, 256, ("passed",)),
    "others": (2, 99, 0x0A080000, 256, ("(default)",)),
}
OTHER = {"malformed": (2, ("(malformed)",)), "six": (4, ("six",))}
RULES = {kind: told[-1] for kind, told in (UDP | OTHER).items()}
ROUND = 64
FRAMES = 64 * ROUND

# Fillers behind the rules of the traffic, which match none of it, and the size
# of the set `churn`: a swap moves, adds and removes rules, and copies a set.
VARIANTS = ((10, 4096), (100, 4096), (300, 8192), (100, 8192))


def kinds():
    """The kind of each frame, in order."""
    shares = {k: told[0] for k, told in (UDP | OTHER).items()}
    assert sum(shares.values()) == ROUND
    one = [kind for kind, share in shares.items() for _ in range(share)]
    random.Random(3).shuffle(one)
    return one * (FRAMES // ROUND)


def frames():
    dice, seen = random.Random(5), dict.fromkeys(RULES, 0)
    for kind in kinds():
        number = seen[kind]
        seen[kind] += 1
        if kind == "six":
            yield scene.random_packet(dice, scene.random_address(dice, True), True)
            continue
        _, port, first, sources, _ = UDP.get(kind, UDP["dropped"])
        frame = scene.udp_frame(first + number % sources, HOST, number & 0xFFFF,
                                1024 + number % 1000, port)
        if kind == "malformed":
            frame = frame[:14] + b"\x44" + frame[15:]  # an IHL below 5
        yield frame


def sent_by_kind(total):
    """How often each kind was sent, of `total` frames in turn."""
    order, result = kinds(), dict.fromkeys(RULES, 0)
    whole, rest = divmod(total, len(order))
    for place, kind in enumerate(order):
        result[kind] += whole + (place < rest)
    return result


def udp(name, port, rest):
    return (f"  - {{name: {name}, match: {{protocol: udp, dst_port: {port}}}, "
            f"{rest}}}\n")


def fillers(prefix, count, seed):
    numbers = list(range(count))
    random.Random(seed).shuffle(numbers)
    return "".join(
        f"  - {{name: {prefix}{i}, match: {{src: 172.16.{i // 256}.{i % 256}, "
        f"dst_port: {i + 1}}}, action: drop}}\n" for i in numbers)


def policy(variant):
    count, size = VARIANTS[variant]
    return f"""version: 1
name: {NAME}
interfaces: [{FILTERED}]
default: drop
malformed: drop
sets:
  churn: {{type: address, dynamic: true, size: {size}}}
  banned: {{type: address, dynamic: true, size: 1024, timeout: 2s}}
rules:
  - {{name: counted, match: {{src: 10.0.0.0/8}}, action: count}}
  - {{name: banned, match: {{src: "@banned"}}, action: drop}}
  - {{name: listed, match: {{src: "@churn"}}, action: drop}}
""" + fillers("f", count // 2, variant) + "".join((
        udp("unlisted", 1, "action: drop"),
        udp("dropped", 2, "action: drop, log: {every: 1000}"),
        udp("limited", 3, "limit: {rate: 50/s, burst: 50, per: src}, action: pass"),
        udp("guesses", 4, "limit: {rate: 1000/s, burst: 10, per: src}, "
                          "action: drop, ban: {set: banned, for: 2s}"),
        udp("rejected", 5, "action: reject"),
        udp("redirected", 6, f"redirect: {OUT}"),
        udp("passed", 7, "action: pass, log: {every: 100}"),
        "  - {name: six, match: {family: ipv6}, action: drop}\n",
    )) + fillers("g", count, variant)
