#!/usr/bin/env python3
"""A second reader of journals, written from FORMAT.md alone.

It reads everything in vectors.json and compares with what the vectors say: keys, envelopes, bodies, chains, seals,
pieces, forks, head records, vectors and digests; and it refuses what must be refused. What can be written again from
what the vectors say (bodies, seals, head records, vectors) is written again and must come out with the same bytes.
CBOR and Ed25519 stand here too, and are first tried on published examples: only the standard library of Python 3 is
used. Exit status 0: all is as told.

    check.py [vectors.json]
"""

import hashlib
import json
import os
import sys

MOST_ENVELOPE, MOST_BODY, MOST_LEVELS, MOST_ENTRIES = 1024, 65536, 16, 1024
BITS53 = 2**53 - 1


class Refused(Exception):
    """Bytes that break the format, or a piece that does not hold."""


def need(true, why):
    if not true:
        raise Refused(why)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---- CBOR, of which one encoding of each value is allowed

class Map:
    """A map as it was read: pairs of key and value in their order."""

    def __init__(self, pairs):
        self.pairs = pairs


class Reader:
    def __init__(self, data):
        self.data, self.place = data, 0

    def bytes(self, count):
        need(count <= len(self.data) - self.place, "ends too early")
        self.place += count
        return self.data[self.place - count:self.place]

    def head(self):
        """Major type, the five low bits of the first byte, and the number that follows in its shortest form."""
        first = self.bytes(1)[0]
        major, low = first >> 5, first & 31
        if low < 24 or major == 7:
            return major, low, low
        need(low < 28, "an indefinite length, or a form that is not in use")
        number = int.from_bytes(self.bytes(1 << (low - 24)), "big")
        need(number >= (24, 1 << 8, 1 << 16, 1 << 32)[low - 24], "a number that is not in its shortest form")
        return major, low, number

    def item(self, level):
        need(level <= MOST_LEVELS, "more than 16 levels")
        major, low, number = self.head()
        if major == 0:
            return number
        if major == 1:
            return -1 - number
        if major == 2:
            return self.bytes(number)
        if major == 3:
            try:
                return self.bytes(number).decode("utf-8")
            except UnicodeDecodeError:
                raise Refused("text that is not UTF-8")
        if major == 4:
            items = []
            for _ in range(number):
                items.append(self.item(level + 1))
            return items
        if major == 5:
            pairs, before = [], None
            for _ in range(number):
                key, before = self.key(before, level + 1)
                pairs.append((key, self.item(level + 1)))
            return Map(pairs)
        need(major == 7 and low in (20, 21, 22), "a tag, a float, or a simple value other than false, true and null")
        return {20: False, 21: True, 22: None}[low]

    def key(self, before, level):
        """A map's next key and its encoded bytes, which must be above those of the key before."""
        start = self.place
        key = self.item(level)
        encoded = self.data[start:self.place]
        need(before is None or before < encoded, "map keys that do not rise")
        return key, encoded

    def end(self):
        need(self.place == len(self.data), "something follows the outermost item")


def read_item(data):
    reader = Reader(data)
    item = reader.item(1)
    reader.end()
    return item


def read_keys(data, most):
    """An envelope or a body: a map with whole numbers as keys. Gives value and encoded value by key.

    Each value is read as an outermost item. That is so for a content and for the value of an unknown key; the
    values of all other keys have a shape of fewer levels.
    """
    need(len(data) <= most, "more than %d bytes" % most)
    reader = Reader(data)
    major, _, count = reader.head()
    need(major == 5, "not a map")
    values, raw, before = {}, {}, None
    for _ in range(count):
        key, before = reader.key(before, 2)
        need(is_number(key, 0, 2**63 - 1), "a key that is not a whole number below 2^63")
        start = reader.place
        values[key] = reader.item(1)
        raw[key] = data[start:reader.place]
    reader.end()
    return values, raw


def is_number(item, low=0, high=2**64 - 1):
    return type(item) is int and low <= item <= high


def is_bytes(item, count):
    return type(item) is bytes and len(item) == count


def is_id(item):
    return is_bytes(item, 16) and any(item)


def is_seq(item):
    return is_number(item, 1, BITS53)


def is_array(item, *counts):
    return type(item) is list and len(item) in counts


def write(item):
    """The one allowed encoding of a value. A dict is a map; its keys are put in order here."""
    if item is None or type(item) is bool:
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[item]
    if type(item) is int:
        return write_head(0, item) if item >= 0 else write_head(1, -1 - item)
    if type(item) is bytes:
        return write_head(2, len(item)) + item
    if type(item) is str:
        data = item.encode("utf-8")
        return write_head(3, len(data)) + data
    if type(item) is list:
        return write_head(4, len(item)) + b"".join(map(write, item))
    if type(item) is Raw:
        return item.data
    return write_head(5, len(item)) + b"".join(sorted(write(key) + write(value) for key, value in item.items()))


class Raw:
    """An item that is encoded already."""

    def __init__(self, data):
        self.data = data


def write_head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for low, count in (24, 1), (25, 2), (26, 4), (27, 8):
        if number < 1 << 8 * count:
            return bytes([major << 5 | low]) + number.to_bytes(count, "big")
    raise OverflowError(number)


# ---- Ed25519 (RFC 8032)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    """The sum of two points (X, Y, Z, T), where x = X/Z, y = Y/Z and T = XY/Z."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    i, j, k, l = f - e, h - g, h + g, f + e
    return i * j % P, k * l % P, j * k % P, i * l % P


def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def negative(point):
    return -point[0] % P, point[1], point[2], -point[3] % P


def write_point(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def read_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = read_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def hash512(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def verify(public, message, signature):
    point = read_point(public)
    s = int.from_bytes(signature[32:], "little")
    if point is None or len(signature) != 64 or s >= ORDER:
        return False
    k = hash512(signature[:32], public, message) % ORDER
    return write_point(add(times(s, BASE), negative(times(k, point)))) == signature[:32]


def expand(seed):
    digest = hashlib.sha512(seed).digest()
    secret = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    return secret, digest[32:]


def public_of(seed):
    return write_point(times(expand(seed)[0], BASE))


def sign(seed, message):
    secret, prefix = expand(seed)
    r = hash512(prefix, message) % ORDER
    first = write_point(times(r, BASE))
    k = hash512(first, public_of(seed), message) % ORDER
    return first + ((r + k * secret) % ORDER).to_bytes(32, "little")


# ---- Envelope (section 3)

def read_envelope(data):
    values, _ = read_keys(data, MOST_ENVELOPE)
    get = values.get
    need(is_number(get(0), 0, BITS53), "no version")
    need(get(0) >= 1, "version 0")
    need(is_number(get(1), 1, 255), "no log from 1 to 255")
    need(is_id(get(2)), "no epoch of 16 bytes, not all zero")
    need(is_seq(get(3)), "no seq from 1 to 2^53-1")
    need(is_number(get(4)), "no clock")
    need(is_number(get(5), 1, MOST_BODY), "no size from 1 to 65536")
    need(is_bytes(get(6), 32), "no hash of the body")
    if get(3) == 1:
        need(is_bytes(get(7), 32) and is_bytes(get(8), 32), "seq 1 without team and device")
    else:
        need(not {7, 8, 9} & set(values), "team, device or previous in another envelope than that of seq 1")
    if 9 in values:
        previous = get(9)
        need(is_array(previous, 3), "previous is not an array of three")
        need(is_bytes(previous[0], 16) and is_seq(previous[1]) and is_bytes(previous[2], 32), "previous of another shape")
        need(previous[0] != get(2), "the epoch names itself as the one before")
    if get(0) == 1:
        need(get(1) <= 5, "a log that version 1 does not know")
        need(max(values) <= 9, "a key that version 1 does not know")
    return {"version": get(0), "log": get(1), "epoch": get(2), "seq": get(3), "clock": get(4), "size": get(5),
            "body": get(6), "team": get(7), "device": get(8), "previous": get(9)}


# ---- Body (section 7)

def read_body(data):
    values, raw = read_keys(data, MOST_BODY)
    get = values.get
    need(is_bytes(get(1), 16), "no salt")
    need(is_number(get(2), -BITS53, BITS53), "no wall time within 53 bits")
    need(is_number(get(3), 0, 4), "no trust from 0 to 4")
    need(is_bytes(get(4), 16), "no boot")
    need(is_number(get(5), 0, BITS53), "no monotonic time within 53 bits")
    need(7 in values, "no author")
    need(is_number(get(11), 1, 65535), "no type from 1 to 65535")
    need(14 in values, "no content")
    need(set(values) <= set(range(1, 15)), "a key that version 1 does not know")
    says = {"salt": get(1).hex(), "wall": get(2), "trust": get(3), "boot": get(4).hex(), "monotonic": get(5),
            "happened": get(2), "author": read_author(get(7)), "type": get(11), "content": raw[14].hex()}
    if 6 in values:
        need(is_number(get(6), -BITS53, BITS53), "happened is no time within 53 bits")
        need(get(6) != get(2), "happened is spelled out though equal to wall")
        says["happened"] = get(6)
    if 8 in values:
        says["witness"] = read_author(get(8))
    if 9 in values:
        need(is_id(get(9)), "patient is not 16 bytes, not all zero")
        says["patient"] = get(9).hex()
    if 10 in values:
        need(is_id(get(10)), "encounter is not 16 bytes, not all zero")
        says["encounter"] = get(10).hex()
    if 12 in values:
        says["saw"] = read_places(get(12))
        need(says["saw"], "saw is empty")
    if 13 in values:
        need(get(13) is True, "demo is spelled out though not true")
        says["demo"] = True
    return says


def read_author(item):
    need(is_array(item, 2), "an author is not an array of two")
    need(type(item[0]) is str and len(item[0].encode("utf-8")) <= 128, "a staff id is not text of at most 128 bytes")
    need(is_number(item[1], 0, 3), "an author is checked in an unknown way")
    return {"staff": item[0], "checked": item[1]}


def pairs_of(item, what):
    need(type(item) is Map, "%s is not a map" % what)
    return item.pairs


def full_pairs_of(item, what):
    pairs = pairs_of(item, what)
    need(pairs, "%s is empty" % what)
    return pairs


def read_places(item):
    places = []
    for device, epochs in pairs_of(item, "places"):
        need(is_bytes(device, 32), "a device is not 32 bytes")
        for epoch, seq in full_pairs_of(epochs, "a device's places"):
            need(is_bytes(epoch, 16), "an epoch is not 16 bytes")
            need(is_seq(seq), "a place is not a number from 1")
            places.append({"device": device.hex(), "epoch": epoch.hex(), "seq": seq})
    return places


def write_places(places):
    devices = {}
    for place in places:
        devices.setdefault(bytes.fromhex(place["device"]), {})[bytes.fromhex(place["epoch"])] = place["seq"]
    return devices


def write_body(says):
    """The bytes of a body that says this."""
    values = {1: bytes.fromhex(says["salt"]), 2: says["wall"], 3: says["trust"], 4: bytes.fromhex(says["boot"]),
              5: says["monotonic"], 7: [says["author"]["staff"], says["author"]["checked"]], 11: says["type"],
              14: Raw(bytes.fromhex(says["content"]))}
    if says["happened"] != says["wall"]:
        values[6] = says["happened"]
    if "witness" in says:
        values[8] = [says["witness"]["staff"], says["witness"]["checked"]]
    for key, name in (9, "patient"), (10, "encounter"):
        if name in says:
            values[key] = bytes.fromhex(says[name])
    if "saw" in says:
        values[12] = write_places(says["saw"])
    if says.get("demo"):
        values[13] = True
    return write(values)


# ---- Chain, seal and piece (sections 4 to 6)

class Head:
    """The end of what is held of an epoch: all that a piece must go on from."""

    def __init__(self, team, device, log, epoch, seq=0, chain=None):
        self.team, self.device, self.log, self.epoch, self.seq = team, device, log, epoch, seq
        self.chain = chain or sha256(b"fieldkit journal chain 1\0", team, device, bytes([log]), epoch)

    def place(self):
        return self.team, self.device, self.log, self.epoch

    def after(self, envelope):
        return Head(*self.place(), self.seq + 1, sha256(self.chain, envelope))

    def sealed(self):
        """What a seal at this head signs."""
        return b"".join((b"fieldkit journal seal 1\0", self.team, bytes([self.log]), self.epoch,
                         self.seq.to_bytes(8, "big"), self.chain))


def verify_piece(held, public, start, entries, seal):
    """Checks a piece that goes on from a head that is held, and gives the heads after each of its entries.

    start is the head that the piece itself says it begins at; entries are pairs of envelope and body, or None for a
    body that is not there; seal is seq, chain and signature.
    """
    need(sha256(public) == held.device, "the public key is not the device's")
    need(start.place() == held.place(), "the piece is of another log")
    need(start.seq <= held.seq, "entries are missing before the piece")
    need(start.seq >= held.seq, "the piece overlaps what is held")
    need(start.chain == held.chain, "the log is forked")
    need(1 <= len(entries) <= MOST_ENTRIES, "not 1 to 1024 entries")
    heads, head = [], held
    for data, body in entries:
        where = "entry %d: " % (head.seq + 1)
        try:
            envelope = read_envelope(data)
        except Refused as why:
            raise Refused(where + str(why))
        need((envelope["log"], envelope["epoch"]) == (head.log, head.epoch), where + "of another log or epoch")
        need(envelope["seq"] == head.seq + 1, where + "its seq is %d" % envelope["seq"])
        if envelope["seq"] == 1:
            need((envelope["team"], envelope["device"]) == (head.team, head.device), where + "of another team or device")
        if body is not None:
            need(len(body) == envelope["size"] and sha256(body) == envelope["body"], where + "its body is another")
        head = head.after(data)
        heads.append(head)
    seq, chain, signature = seal
    need((seq, chain) == (head.seq, head.chain), "the seal is not of the last entry")
    need(verify(public, head.sealed(), signature), "the signature is not the device's")
    return heads


# ---- Head records, vectors and digests (section 8)

def read_heads(data):
    records = []
    for team, logs in pairs_of(read_item(data), "head records"):
        need(is_bytes(team, 32), "a team is not 32 bytes")
        for log, epochs in full_pairs_of(logs, "a team's logs"):
            need(is_number(log, 0, 255), "a log is not a number of at most 255")
            for epoch, record in full_pairs_of(epochs, "a log's epochs"):
                need(is_bytes(epoch, 16), "an epoch is not 16 bytes")
                need(is_array(record, 2, 3), "a head record is not an array of two or three")
                need(is_seq(record[0]) and is_bytes(record[1], 32), "a head record of another shape")
                told = {"team": team.hex(), "log": log, "epoch": epoch.hex(), "seq": record[0], "chain": record[1].hex()}
                if len(record) == 3:
                    need(is_id(record[2]), "a branch's epoch is not 16 bytes, not all zero")
                    told["of"] = record[2].hex()
                records.append(told)
    return records


def write_heads(records):
    teams = {}
    for told in records:
        record = [told["seq"], bytes.fromhex(told["chain"])] + ([bytes.fromhex(told["of"])] if "of" in told else [])
        logs = teams.setdefault(bytes.fromhex(told["team"]), {})
        logs.setdefault(told["log"], {})[bytes.fromhex(told["epoch"])] = record
    return write(teams)


def record_order(told):
    return bytes.fromhex(told["team"]), told["log"], bytes.fromhex(told["epoch"])


def digest_of_device(device, records):
    parts = [b"fieldkit journal device digest 1\0", device]
    for told in sorted(records, key=record_order):
        if told["log"] != 5:
            parts += [bytes.fromhex(told["team"]), bytes([told["log"]]), bytes.fromhex(told["epoch"]),
                      told["seq"].to_bytes(8, "big"), bytes.fromhex(told["chain"]), bytes.fromhex(told.get("of", "00" * 16))]
    return sha256(*parts)[:16]


def digest_of_vector(devices):
    return sha256(b"fieldkit journal vector digest 1\0", *(device + devices[device] for device in sorted(devices)))[:16]


def read_vector(data):
    return read_places(read_item(data))


# ---- Published examples

CBOR_EXAMPLES = [
    ("00", 0), ("17", 23), ("1818", 24), ("18ff", 255), ("190100", 256), ("1903e8", 1000), ("1a000f4240", 1000000),
    ("1b000000e8d4a51000", 10**12), ("1bffffffffffffffff", 2**64 - 1), ("20", -1), ("3863", -100), ("3903e7", -1000),
    ("3bffffffffffffffff", -(2**64)), ("f4", False), ("f5", True), ("f6", None), ("40", b""), ("4401020304", b"\1\2\3\4"),
    ("60", ""), ("6449455446", "IETF"), ("62225c", '"\\'), ("62c3bc", "\u00fc"), ("63e6b0b4", "\u6c34"),
    ("64f0908591", "\U00010151"), ("80", []), ("83010203", [1, 2, 3]), ("8301820203820405", [1, [2, 3], [4, 5]]),
]
# Floats, undefined, simple values, tags, indefinite lengths.
CBOR_REFUSED = [
    "f90000", "f97e00", "fa47c35000", "fb3ff199999999999a", "f7", "f0", "f8ff", "c074323031332d30332d32315432303a30343a30305a",
    "c11a514b67b0", "c249010000000000000000", "d74401020304", "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff",
    "83018202039f0405ff", "bf61610161629f0203ffff",
]
# Seed, public key, message, signature.
ED25519_EXAMPLES = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]


# ---- The vectors

class Check:
    def __init__(self, vectors):
        self.vectors, self.wrong, self.accepted, self.refused = vectors, 0, 0, 0
        self.keys = {key["name"]: key for key in vectors["keys"]}
        self.heads = {}  # by the name of an epoch of the vectors: the heads at seq 0, 1, 2 and on
        self.envelopes = {}  # by the same name: the envelopes from seq 1

    def same(self, what, got, want):
        if got != want:
            self.wrong += 1
            print("%s: %r, told is %r" % (what, got, want))

    def accept(self, what, read, *arguments):
        """What is read, or None if it was refused, which is wrong here."""
        try:
            got = read(*arguments)
        except Refused as why:
            self.wrong += 1
            print("%s: refused, but must be accepted: %s" % (what, why))
            return None
        self.accepted += 1
        return got

    def refuse(self, what, read, *arguments):
        try:
            read(*arguments)
        except Refused:
            self.refused += 1
            return
        self.wrong += 1
        print("%s: accepted, but must be refused" % what)

    def published(self):
        """CBOR on examples of RFC 8949, appendix A, and Ed25519 on those of RFC 8032, section 7.1."""
        for data, value in CBOR_EXAMPLES:
            self.same("RFC 8949, " + data, read_item(bytes.fromhex(data)), value)
            self.same("RFC 8949, %r written" % (value,), write(value).hex(), data)
        for data in CBOR_REFUSED:
            self.refuse("RFC 8949, " + data, read_item, bytes.fromhex(data))
        for seed, public, message, signature in ED25519_EXAMPLES:
            seed, message = bytes.fromhex(seed), bytes.fromhex(message)
            self.same("RFC 8032, public key", public_of(seed).hex(), public)
            self.same("RFC 8032, signed", sign(seed, message).hex(), signature)
            for signed, right in (message, True), (message + b"\0", False):
                self.same("RFC 8032, verified", verify(public_of(seed), signed, bytes.fromhex(signature)), right)

    def all(self):
        self.published()
        for key in self.vectors["keys"]:
            public = public_of(bytes.fromhex(key["seed"]))
            self.same(key["name"] + ": public key", public.hex(), key["public"])
            self.same(key["name"] + ": device", sha256(public).hex(), key["device"])
        for epoch in self.vectors["epochs"]:
            self.epoch(epoch)
        for fork in self.vectors["forks"]:
            self.fork(fork)
        for heads in self.vectors["heads"]:
            self.head_records(heads)
        for vector in self.vectors["vectors"]:
            data, want = bytes.fromhex(vector["bytes"]), vector["places"] or []
            self.same("a vector", self.accept("a vector", read_vector, data), want)
            self.same("a vector written again", write(write_places(want)).hex(), vector["bytes"])
        for digest in self.vectors["digests"]:
            devices = {bytes.fromhex(each["device"]): bytes.fromhex(each["digest"]) for each in digest["devices"]}
            self.same("the digest of a vector", digest_of_vector(devices).hex(), digest["digest"])
        for refused in self.vectors["refused"]:
            self.refusal(refused)

    def epoch(self, epoch):
        name, key = epoch["name"], self.keys[epoch["key"]]
        public = bytes.fromhex(key["public"])
        head = Head(bytes.fromhex(epoch["team"]), bytes.fromhex(key["device"]), epoch["log"], bytes.fromhex(epoch["epoch"]))
        self.same(name + ": chain before", head.chain.hex(), epoch["chain_before"])
        heads, envelopes, every = [head], [], []
        for piece in epoch["pieces"]:
            what = "%s, after %d" % (name, piece["after"])
            self.same(what + ": place", piece["after"], head.seq)
            entries, seal = parts_of(piece)
            more = self.accept(what, verify_piece, head, public, head, entries, seal)
            if more is None:
                return
            self.same(what + ": signed again", sign(bytes.fromhex(key["seed"]), more[-1].sealed()).hex(),
                      piece["seal"]["signature"])
            self.damaged(what, head, public, entries, seal)
            for told in piece["entries"]:
                self.entry("%s, entry %d" % (name, len(envelopes) + 1), told)
                envelopes.append(bytes.fromhex(told["envelope"]))
            heads += more
            every += entries
            head = heads[-1]
        self.same(name + ": seq after", head.seq, epoch["seq_after"])
        self.same(name + ": chain after", head.chain.hex(), epoch["chain_after"])
        if len(epoch["pieces"]) > 1:
            self.accept(name + " in one piece, without the seals between", verify_piece, heads[0], public, heads[0], every, seal)
        self.heads[name], self.envelopes[name] = heads, envelopes

    def damaged(self, what, head, public, entries, seal):
        """A piece that holds, but not against these: another key, another head, another seal."""
        def against(why, held, public=public, start=head, seal=seal):
            self.refuse("%s: %s" % (what, why), verify_piece, held, public, start, entries, seal)

        seq, chain, signature = seal
        for other in self.keys.values():
            if bytes.fromhex(other["public"]) != public:
                against("another device's key", head, public=bytes.fromhex(other["public"]))
        place = list(head.place())
        for number, why in enumerate(("team", "device", "log", "epoch")):
            others = list(place)
            others[number] = place[2] + 1 if number == 2 else flipped(place[number])
            against("a head of another " + why, Head(*others, head.seq, head.chain))
        against("a head behind", Head(*place, head.seq + 1, head.chain))
        against("a forked head", Head(*place, head.seq, flipped(head.chain)))
        against("the seal of another seq", head, seal=(seq + 1, chain, signature))
        against("the seal of another chain", head, seal=(seq, flipped(chain), signature))
        against("a signature of a higher number", head, seal=(seq, chain, signature[:32] + raised(signature[32:])))

    def entry(self, what, told):
        envelope = self.accept(what, read_envelope, bytes.fromhex(told["envelope"]))
        if envelope is None:
            return
        self.same(what + ": clock", envelope["clock"], told["clock"])
        if "body" not in told:
            self.same(what + ": a known reason", told["absent"] in ("on its way", "withheld", "pruned", "erased"), True)
            return
        body = bytes.fromhex(told["body"])
        if told.get("unread"):
            if envelope["version"] == 1:
                self.refuse(what + ": body", read_body, body)
            return
        self.same(what + ": version", envelope["version"], 1)
        self.same(what + ": body", self.accept(what, read_body, body), told["says"])
        self.same(what + ": body written again", write_body(told["says"]).hex(), told["body"])

    def fork(self, fork):
        shared = fork["shared_up_to"]
        ours, theirs = self.heads[fork["ours"]], self.heads[fork["theirs"]]
        self.same("the fork's shared chain", ours[shared].chain, theirs[shared].chain)
        records, epoch = [], ours[0]
        if shared:
            records.append(record_of(ours[shared]))
        for run, name in (fork["ours"], fork["ours_branch"]), (fork["theirs"], fork["theirs_branch"]):
            branch = sha256(self.envelopes[run][shared])[:16]
            self.same("the name of " + run, branch.hex(), name)
            record = record_of(self.heads[run][-1])
            records.append(dict(record, epoch=branch.hex(), of=record["epoch"]))
        self.same("the two branches' first envelopes are one", records[-1]["epoch"] == records[-2]["epoch"], False)
        told = fork["heads"]
        self.same("the fork's device", told["device"], epoch.device.hex())
        self.same("the fork's head records", sorted(told["records"], key=record_order), sorted(records, key=record_order))
        self.head_records(told)

    def head_records(self, told):
        what = "head records of " + told["device"][:8]
        want = sorted(told["records"] or [], key=record_order)
        self.same(what, self.accept(what, read_heads, bytes.fromhex(told["bytes"])), want)
        self.same(what + " written again", write_heads(want).hex(), told["bytes"])
        self.same(what + ": digest", digest_of_device(bytes.fromhex(told["device"]), want).hex(), told["digest"])

    def refusal(self, refused):
        what = "%s, %s" % (refused["what"], refused["why"])
        read = {"envelope": read_envelope, "body": read_body, "heads": read_heads, "vector": read_vector}.get(refused["what"])
        if read is not None:
            self.refuse(what, read, bytes.fromhex(refused.get("bytes", "")))
            return
        epoch = next(each for each in self.vectors["epochs"] if each["name"] == refused["epoch"])
        head = self.heads[refused["epoch"]][refused["piece"]["after"]]
        entries, seal = parts_of(refused["piece"])
        self.refuse(what, verify_piece, head, bytes.fromhex(self.keys[epoch["key"]]["public"]), head, entries, seal)


def parts_of(piece):
    """A piece of the vectors as pairs of envelope and body, and its seal."""
    entries = [(bytes.fromhex(told["envelope"]), bytes.fromhex(told["body"]) if "body" in told else None)
               for told in piece["entries"] or []]
    seal = piece["seal"]
    return entries, (seal["seq"], bytes.fromhex(seal["chain"]), bytes.fromhex(seal["signature"]))


def record_of(head):
    return {"team": head.team.hex(), "log": head.log, "epoch": head.epoch.hex(), "seq": head.seq, "chain": head.chain.hex()}


def flipped(data):
    return bytes([data[0] ^ 1]) + data[1:]


def raised(number):
    """The second half of a signature with the group's order added: the same number to the curve, but not allowed."""
    return (int.from_bytes(number, "little") + ORDER).to_bytes(32, "little")


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors.json")
    with open(path, encoding="utf-8") as file:
        check = Check(json.load(file))
    check.all()
    print("%d accepted, %d refused, %d wrong" % (check.accepted, check.refused, check.wrong))
    return 1 if check.wrong or not check.accepted or not check.refused else 0


if __name__ == "__main__":
    sys.exit(main())
