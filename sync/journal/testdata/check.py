#!/usr/bin/env python3
"""A second reader of the journal, written from FORMAT.md; it shares nothing with
the Go code.

    check.py vectors.json

Reads, verifies and refuses what the vectors say, with nothing but Python's
standard library: its own CBOR reader, its own Ed25519. First it tries both on
published examples (RFC 8949 appendix A, RFC 8032 section 7.1). It ends with a
count, or with the first thing that is wrong and exit status 1.
"""
import hashlib
import json
import sys

# ---------------------------------------------------------------- encoding (1)

MAX_DEPTH = 16
MAX_53 = (1 << 53) - 1


class Refused(Exception):
    pass


def must(ok, why):
    if not ok:
        raise Refused(why)


class Reader:
    """Takes one deterministic item after another."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        must(n <= len(self.data) - self.at, "ends early")
        out = self.data[self.at:self.at + n]
        self.at += n
        return out

    def head(self):
        first = self.take(1)[0]
        major, low = first >> 5, first & 31
        must(major != 6, "a tag")
        if major == 7:
            must(first in (0xF4, 0xF5, 0xF6), "a float or unknown simple value")
            return major, low
        if low < 24:
            return major, low
        must(low <= 27, "an indefinite length")
        n = int.from_bytes(self.take(1 << (low - 24)), "big")
        least = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}[low]
        must(n >= least, "not in shortest form")
        return major, n

    def item(self, depth=1):
        must(depth <= MAX_DEPTH, "nested too deep")
        major, n = self.head()
        if major == 0:
            return n
        if major == 1:
            return -1 - n
        if major == 2:
            return self.take(n)
        if major == 3:
            try:
                return self.take(n).decode("utf-8", "strict")
            except UnicodeDecodeError:
                raise Refused("text is not UTF-8")
        if major == 4:
            must(n <= len(self.data) - self.at, "longer than what follows")
            return [self.item(depth + 1) for _ in range(n)]
        if major == 5:
            must(n <= len(self.data) - self.at, "longer than what follows")
            return Map(self, n, depth)
        return {20: False, 21: True, 22: None}[n]

    def end(self):
        must(self.at == len(self.data), "bytes after the end")


class Map:
    """A map as (key, value) pairs in order, with each value's own bytes."""

    def __init__(self, reader, n, depth):
        self.pairs, self.raw, last = [], {}, None
        for _ in range(n):
            start = reader.at
            key = reader.item(depth + 1)
            encoded = reader.data[start:reader.at]
            must(last is None or last < encoded, "keys out of order or twice")
            last = encoded
            start = reader.at
            value = reader.item(depth + 1)
            self.pairs.append((key, value))
            self.raw[encoded] = reader.data[start:reader.at]


def keyed(data, known, later=False):
    """A map with whole numbers as keys: {key: value} and {key: bytes of value}."""
    r = Reader(data)
    major, n = r.head()
    must(major == 5, "not a map")
    must(n <= len(data) - r.at, "longer than what follows")
    values, raw, last = {}, {}, -1
    for _ in range(n):
        major, key = r.head()
        must(major == 0, "a key that is not a whole number")
        must(key > last, "keys out of order or twice")
        last = key
        must(key in known or later and values.get(0, 0) > 1, "a key of no meaning")
        start = r.at
        values[key] = r.item()
        raw[key] = data[start:r.at]
    r.end()
    return values, raw


def is_bytes(v, n):
    must(isinstance(v, bytes) and len(v) == n, "wanted %d bytes" % n)


def is_number(v, low, high):
    must(isinstance(v, int) and not isinstance(v, bool) and low <= v <= high, "wanted a number from %d to %d" % (low, high))


def H(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---------------------------------------------------------------- Ed25519 (5)

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q


def point(b):
    y = int.from_bytes(b, "little")
    x = recover_x(y & (1 << 255) - 1, y >> 255)
    return None if x is None else (x, y & (1 << 255) - 1, 1, x * (y & (1 << 255) - 1) % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def verifies(public, message, signature):
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or len(signature) != 64:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# ------------------------------------------------------- envelope, chain (3, 4)

def envelope(data):
    must(len(data) <= 1024, "over 1024 bytes")
    v, _ = keyed(data, range(10), later=True)
    must(all(k in v for k in range(7)), "a key is missing")
    is_number(v[0], 1, MAX_53)
    is_number(v[1], 1, 255 if v[0] > 1 else 5)
    is_bytes(v[2], 16)
    must(v[2] != bytes(16), "an epoch of zeros")
    is_number(v[3], 1, MAX_53)
    is_number(v[4], 0, (1 << 64) - 1)
    is_number(v[5], 1, 65536)
    is_bytes(v[6], 32)
    must((7 in v) == (8 in v) == (v[3] == 1), "an opening elsewhere than at seq 1")
    if 7 in v:
        is_bytes(v[7], 32)
        is_bytes(v[8], 32)
    if 9 in v:
        must(v[3] == 1, "previous elsewhere than at seq 1")
        must(isinstance(v[9], list) and len(v[9]) == 3, "previous is not three parts")
        is_bytes(v[9][0], 16)
        is_number(v[9][1], 1, MAX_53)
        is_bytes(v[9][2], 32)
        must(v[9][0] != v[2], "previous names its own epoch")
    return v


def start(team, device, log, epoch):
    return H(b"fieldkit journal chain 1\0", team, device, bytes([log]), epoch)


# ----------------------------------------------------------------- pieces (6)

class Head:
    def __init__(self, team, device, log, epoch):
        self.team, self.device, self.log, self.epoch = team, device, log, epoch
        self.seq, self.chain = 0, start(team, device, log, epoch)


def extend(h, after, entries, seal, public):
    must(H(public) == h.device, "another device's key")
    must(after == h.seq, "does not begin at the head held")
    must(1 <= len(entries) <= 1024, "empty or too long")
    n = Head(h.team, h.device, h.log, h.epoch)
    n.seq, n.chain = h.seq, h.chain
    for data, body in entries:
        e = envelope(data)
        must(e[1] == n.log and e[2] == n.epoch and e[3] == n.seq + 1, "out of place")
        if e[3] == 1:
            must(e[7] == n.team and e[8] == n.device, "another team's or device's")
        if body is not None:
            must(len(body) == e[5] and H(body) == e[6], "not the body that the envelope names")
        n.seq, n.chain = e[3], H(n.chain, data)
    must(seal[0] == n.seq and seal[1] == n.chain, "the seal is of another place")
    message = b"fieldkit journal seal 1\0" + n.team + bytes([n.log]) + n.epoch + n.seq.to_bytes(8, "big") + n.chain
    must(verifies(public, message, seal[2]), "the seal is not the device's signature")
    return n


# --------------------------------------------------------------- bodies (7)

def author(v):
    must(isinstance(v, list) and len(v) == 2 and isinstance(v[0], str), "not an author")
    must(len(v[0].encode()) <= 128, "a staff id over 128 bytes")
    is_number(v[1], 0, 3)
    return {"staff": v[0], "checked": v[1]}


def places(v):
    must(isinstance(v, Map), "places are a map")
    out = []
    for device, epochs in v.pairs:
        is_bytes(device, 32)
        must(isinstance(epochs, Map) and epochs.pairs, "a device without epochs")
        for epoch, seq in epochs.pairs:
            is_bytes(epoch, 16)
            is_number(seq, 1, MAX_53)
            out.append({"device": device.hex(), "epoch": epoch.hex(), "seq": seq})
    return out


def body(data):
    must(len(data) <= 65536, "over 65536 bytes")
    v, raw = keyed(data, range(1, 15))
    must(all(k in v for k in (1, 2, 3, 4, 5, 7, 11, 14)), "a key is missing")
    is_bytes(v[1], 16)
    is_number(v[2], -MAX_53, MAX_53)
    is_number(v[3], 0, 4)
    is_bytes(v[4], 16)
    is_number(v[5], 0, MAX_53)
    out = {"salt": v[1].hex(), "wall": v[2], "trust": v[3], "boot": v[4].hex(), "monotonic": v[5], "happened": v[2]}
    if 6 in v:
        is_number(v[6], -MAX_53, MAX_53)
        must(v[6] != v[2], "happened spelled out though equal to wall")
        out["happened"] = v[6]
    out["author"] = author(v[7])
    if 8 in v:
        out["witness"] = author(v[8])
    for key, name in ((9, "patient"), (10, "encounter")):
        if key in v:
            is_bytes(v[key], 16)
            must(v[key] != bytes(16), "an id of zeros")
            out[name] = v[key].hex()
    is_number(v[11], 1, 65535)
    out["type"] = v[11]
    if 12 in v:
        out["saw"] = places(v[12])
        must(out["saw"], "saw spelled out though empty")
    if 13 in v:
        must(v[13] is True, "demo spelled out though false")
        out["demo"] = True
    out["content"] = raw[14].hex()
    return out


# ------------------------------------------ heads, vectors, digests, forks (8)

def one(data):
    r = Reader(data)
    v = r.item()
    r.end()
    return v


def heads(data):
    v, out = one(data), []
    must(isinstance(v, Map), "heads are a map")
    for team, logs in v.pairs:
        is_bytes(team, 32)
        must(isinstance(logs, Map) and logs.pairs, "a team without logs")
        for log, epochs in logs.pairs:
            is_number(log, 0, 255)
            must(isinstance(epochs, Map) and epochs.pairs, "a log without epochs")
            for epoch, parts in epochs.pairs:
                is_bytes(epoch, 16)
                must(isinstance(parts, list) and len(parts) in (2, 3), "not seq and chain")
                is_number(parts[0], 1, MAX_53)
                is_bytes(parts[1], 32)
                record = {"team": team.hex(), "log": log, "epoch": epoch.hex(), "seq": parts[0], "chain": parts[1].hex()}
                if len(parts) == 3:
                    is_bytes(parts[2], 16)
                    must(parts[2] != bytes(16), "a branch of no epoch")
                    record["of"] = parts[2].hex()
                out.append(record)
    return out


def device_digest(device, records):
    parts = []
    for r in sorted(records, key=lambda r: (r["team"], r["log"], r["epoch"])):
        if r["log"] == 5:
            continue
        parts += [x(r["team"]), bytes([r["log"]]), x(r["epoch"]), r["seq"].to_bytes(8, "big"), x(r["chain"]), x(r.get("of", "00" * 16))]
    return H(b"fieldkit journal device digest 1\0", device, *parts)[:16]


def vector_digest(devices):
    parts = [x(d["device"]) + x(d["digest"]) for d in sorted(devices, key=lambda d: d["device"])]
    return H(b"fieldkit journal vector digest 1\0", *parts)[:16]


# ------------------------------------------------------------ the vectors (11)

def x(text):
    return bytes.fromhex(text)


def equal(what, got, want):
    if got != want:
        sys.exit("%s: got\n%s\nwanted\n%s" % (what, got, want))


def refuses(read, data, what):
    try:
        read(data)
    except Refused:
        return
    sys.exit(what + " was taken")


def entries(piece):
    return [(x(e["envelope"]), x(e["body"]) if "body" in e else None) for e in piece["entries"] or []]


def seal(piece):
    s = piece["seal"]
    return s["seq"], x(s["chain"]), x(s["signature"])


def published():
    """RFC 8949 appendix A: what of it this format allows, and what it does not."""
    for text, want in (("00", 0), ("17", 23), ("1818", 24), ("1903e8", 1000), ("1b000000e8d4a51000", 10 ** 12), ("1bffffffffffffffff", 2 ** 64 - 1),
                       ("20", -1), ("3903e7", -1000), ("3bffffffffffffffff", -2 ** 64), ("f4", False), ("f5", True), ("f6", None), ("40", b""),
                       ("4401020304", b"\1\2\3\4"), ("6449455446", "IETF"), ("62c3bc", "\u00fc"), ("64f0908591", "\U00010151"), ("83010203", [1, 2, 3]),
                       ("8301820203820405", [1, [2, 3], [4, 5]])):
        equal("RFC 8949 " + text, one(x(text)), want)
    for text in ("f90000", "fb3ff199999999999a", "f7", "f0", "f8ff", "c11a514b67b0", "5f42010243030405ff", "9fff", "bf61610161629f0203ffff", "c249010000000000000000"):
        refuses(one, x(text), "RFC 8949 " + text)
    for public, message, signature in (
            ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
             "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
            ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
            ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
             "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")):
        equal("RFC 8032 7.1", verifies(x(public), x(message), x(signature)), True)
        equal("RFC 8032 7.1, spoiled", verifies(x(public), x(message) + b"!", x(signature)), False)


def main(path):
    published()
    with open(path) as f:
        v = json.load(f)
    keys = {k["name"]: k for k in v["keys"]}
    for k in v["keys"]:
        equal(k["name"], H(x(k["public"])).hex(), k["device"])
    before, records, count = {}, {}, 0
    for e in v["epochs"]:
        k = keys[e["key"]]
        h = Head(x(e["team"]), x(k["device"]), e["log"], x(e["epoch"]))
        equal(e["name"] + ", chain before", h.chain.hex(), e["chain_before"])
        before[e["name"]], records[e["name"]] = [], []
        for p in e["pieces"]:
            before[e["name"]].append(h)
            h = extend(h, p["after"], entries(p), seal(p), x(k["public"]))
            for r in p["entries"]:
                count += 1
                records[e["name"]].append(x(r["envelope"]))
                parsed = envelope(x(r["envelope"]))
                equal(e["name"] + ", clock", parsed[4], r["clock"])
                if "says" in r:
                    equal(e["name"], body(x(r["body"])), r["says"])
                elif r.get("unread") and parsed[0] == 1:
                    refuses(body, x(r["body"]), "a body that cannot be read")
        equal(e["name"] + ", end", (h.seq, h.chain.hex()), (e["seq_after"], e["chain_after"]))
    for f in v["forks"]:
        ours, theirs = records[f["ours"]], records[f["theirs"]]
        at = next(i for i in range(len(ours)) if ours[i] != theirs[i])
        equal("fork", (at, H(ours[at])[:16].hex(), H(theirs[at])[:16].hex()), (f["shared_up_to"], f["ours_branch"], f["theirs_branch"]))
    for h in v["heads"] + [f["heads"] for f in v["forks"]]:
        key = lambda r: (r["team"], r["log"], r["epoch"])
        equal("heads", heads(x(h["bytes"])), sorted(h["records"] or [], key=key))
        equal("device digest", device_digest(x(h["device"]), h["records"] or []).hex(), h["digest"])
    for w in v["vectors"]:
        equal("vector", places(one(x(w["bytes"]))), w["places"] or [])
    for d in v["digests"]:
        equal("vector digest", vector_digest(d["devices"]).hex(), d["digest"])
    for r in v["refused"]:
        if r["what"] == "piece":
            e = next(e for e in v["epochs"] if e["name"] == r["epoch"])
            h, p = before[r["epoch"]][1], r["piece"]
            refuses(lambda _: extend(h, p["after"], entries(p), seal(p), x(keys[e["key"]]["public"])), None, "piece with " + r["why"])
        else:
            read = {"envelope": envelope, "body": body, "heads": heads, "vector": lambda b: places(one(b))}[r["what"]]
            refuses(read, x(r.get("bytes", "")), "%s with %s" % (r["what"], r["why"]))
    print("%d entries of %d epochs read as they say, %d refusals refused" % (count, len(v["epochs"]), len(v["refused"])))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
