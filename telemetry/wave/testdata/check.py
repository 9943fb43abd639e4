#!/usr/bin/env python3
"""A second decoder of the live frame, written from FORMAT.md alone.

It decodes everything in vectors.json and compares with what the vectors say: each frame, with the descriptions
that this receiver was told before it; packets, lists of missing frames and reports; and what must be refused.
The tables of units are read out of FORMAT.md; nothing else than that and the standard library of Python 3 is used.
Exit status 0: all is as told.

    check.py [vectors.json]
"""

import json
import os
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))

DESCRIPTION, WAVES, NUMERICS, FULL, ALARMS, DISK, WALL, ENDED = 1, 2, 4, 8, 16, 32, 64, 128
MOST_BYTES, MOST_SAMPLES = 16384, 8192
MEASURED = 1
KNOWN_DESCRIPTIONS = 4

def own_units():
    """The tables at the end of FORMAT.md: for signs and for leads, the own unit by number."""
    units, table = {"sign": {}, "lead": {}}, None
    with open(os.path.join(HERE, "..", "FORMAT.md"), encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.split("|")[1:-1]]
            if cells[1:] == ["code", "own unit"]:
                table = units[cells[0]]
            elif not cells:
                table = None
            elif table is not None and cells[0].isdigit():
                table[int(cells[0])] = "" if cells[2] == "-" else cells[2]
    assert units["sign"] and units["lead"]
    return units


UNITS = own_units()


class Broken(Exception):
    """Not a live frame: nothing of it is used."""


class OtherVersion(Exception):
    """A frame of another version."""


class NotDescribed(Exception):
    """A frame whose description this receiver was not told; holds sequence and time."""


def need(true, why):
    if not true:
        raise Broken(why)


class Parts:
    """Reads bytes from the front."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def left(self):
        return len(self.data) - self.place

    def bytes(self, count):
        need(count <= self.left(), "ends too early")
        self.place += count
        return self.data[self.place - count:self.place]

    def byte(self):
        return self.bytes(1)[0]

    def uvarint(self, below=1 << 64):
        number = 0
        for place in range(10):
            byte = self.byte()
            number |= (byte & 127) << (7 * place)
            if byte < 128:
                need(number < 1 << 64, "a number of more than 64 bits")
                need(number < below, "a number of %d, not below %d" % (number, below))
                return number
        raise Broken("a number of more than ten bytes")

    def varint(self):
        return signed(self.uvarint())

    def varint32(self):
        return number32(self.varint())

    def text(self):
        data = self.bytes(self.byte())
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise Broken("text that is not UTF-8")

    def mantissa(self):
        number = self.varint()
        need(abs(number) < 10**18, "a mantissa of more than 18 digits")
        return number

    def decimal(self):
        exponent = int.from_bytes(self.bytes(1), "big", signed=True)
        need(-18 <= exponent <= 18, "an exponent beyond 18")
        return [self.mantissa(), exponent]

    def flags(self, known):
        flags = self.byte()
        need(flags & ~known == 0, "unknown flags")
        return flags

    def end(self):
        need(self.left() == 0, "bytes are left over")


class Bits:
    """Reads bits from the highest to the lowest of each byte."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        need(self.place + count <= 8 * len(self.data), "the samples end too early")
        number = 0
        for place in range(self.place, self.place + count):
            number = number << 1 | self.data[place >> 3] >> (7 - (place & 7)) & 1
        self.place += count
        return number

    def end(self):
        left = 8 * len(self.data) - self.place
        need(left < 8, "bytes are left over behind the samples")
        need(self.take(left) == 0, "the last byte is not filled with zeros")


def signed(zigzag):
    return zigzag >> 1 if zigzag & 1 == 0 else -((zigzag + 1) >> 1)


def number32(number):
    need(-(2**31) <= number < 2**31, "a number beyond 32 bits")
    return number


# ---- Description

def read_description(data):
    parts = Parts(data)
    binding = {"encounter": parts.bytes(16).hex(), "station": parts.bytes(32).hex(), "boot": parts.bytes(16).hex(),
               "epoch": parts.bytes(16).hex()}
    demo = parts.byte()
    need(demo <= 1, "demonstration is neither 0 nor 1")
    binding["demo"] = demo == 1
    binding["tag"], binding["monitor"], binding["call_sign"] = parts.text(), parts.text(), parts.text()
    waves = []
    count = parts.byte()
    need(count <= 64, "more than 64 waves")
    for _ in range(count):
        wave = {"lead": parts.uvarint(1 << 16)}
        flags = parts.flags(7)
        wave["rate"] = parts.decimal()
        need(wave["rate"][0] > 0, "a rate that is not above 0")
        wave["scale"] = parts.decimal()
        wave["offset"] = parts.varint32()
        wave["unit"] = parts.text() if flags & 1 else UNITS["lead"].get(wave["lead"], "")
        wave["range"] = [parts.varint32(), parts.varint32()] if flags & 2 else [0, 0]
        wave["name"] = parts.text() if flags & 4 else ""
        waves.append(wave)
    parts.end()
    return binding, waves


# ---- Numerics and alarms

def read_numerics(parts, time):
    numerics = []
    for _ in range(parts.uvarint(257)):
        numeric = {"sign": parts.uvarint(1 << 16), "name": ""}
        if numeric["sign"] == 0:
            numeric["name"] = parts.text()
        flags = parts.byte()
        scale = flags >> 5
        numeric["questionable"], numeric["aperiodic"] = flags & 2 != 0, flags & 16 != 0
        numeric["unit"] = parts.text() if flags & 4 else UNITS["sign"].get(numeric["sign"], "")
        numeric["site"] = parts.text() if flags & 8 else ""
        if flags & 1:
            numeric["value"] = parts.decimal() if scale == 7 else [parts.mantissa(), -scale]
            numeric["state"] = MEASURED
        else:
            numeric["value"] = None
            numeric["state"] = parts.byte()
            if numeric["state"] == MEASURED:
                numeric["state"] = 0
        numeric["arrived"] = time - 100 * parts.uvarint(9223372037)
        numerics.append(numeric)
    return numerics


def read_alarms(parts):
    alarms = []
    for _ in range(parts.uvarint(65)):
        number = parts.uvarint(1 << 32)
        flags = parts.flags(31)
        alarms.append({"id": number, "priority": flags & 3, "technical": flags & 4 != 0, "acknowledged": flags & 8 != 0,
                       "silenced": flags & 16 != 0, "text": parts.text()})
    return alarms


# ---- Waves

def read_waves(parts, described, time):
    waves, stretches, total = [], [], 0
    for wave in described:
        head = parts.uvarint()
        if head == 0:
            continue
        count = head >> 2
        need(count > 0, "no samples, but a start or gaps")
        total += count
        need(total <= MOST_SAMPLES, "more than 8192 samples")
        start = parts.uvarint(4097) if head & 1 else 0
        gaps, place = [], 0
        if head & 2:
            number = parts.uvarint(65)
            need(number > 0, "gaps are told, but none follow")
            for _ in range(number):
                begin = place + parts.uvarint()
                length = parts.uvarint()
                need(length > 0, "a gap of no samples")
                state = parts.byte()
                need(state != MEASURED, "a gap because it was measured")
                place = begin + length
                need(place <= count, "a gap beyond the samples")
                gaps.append([begin, length, state])
        told = dict(wave, arrived=time + start, samples=[0] * count, gaps=gaps)
        waves.append(told)
        begin = 0
        for gap_begin, gap_length, _ in gaps + [[count, 0, 0]]:
            if gap_begin > begin:
                stretches.append((told, begin, gap_begin))
            begin = gap_begin + gap_length
    bits = Bits(parts.bytes(parts.left()))
    for told, begin, end in stretches:
        told["samples"][begin:end] = read_run(bits, end - begin, told["offset"])
    bits.end()
    return waves


def read_run(bits, count, offset):
    order, k = bits.take(2), bits.take(4)
    length = bits.take(6)
    need(length <= 34, "a first sample of more than 34 bits")
    x = [number32(signed(bits.take(length)) - offset)]
    while len(x) < count:
        use = min(order, len(x))
        if use == 0:
            p = 0
        elif use == 1:
            p = x[-1]
        elif use == 2:
            p = 2 * x[-1] - x[-2]
        else:
            p = 3 * x[-1] - 3 * x[-2] + x[-3]
        q = 0
        while q < 20 and bits.take(1):
            q += 1
        u = bits.take(40) if q == 20 else (q << k) + bits.take(k)
        x.append(number32(p + signed(u)))
    return x


# ---- Frame

class Receiver:
    """Decodes the frames of one stream; it keeps the last descriptions that it was told."""

    def __init__(self):
        self.told = {}

    def frame(self, data):
        need(len(data) <= MOST_BYTES, "more than 16384 bytes")
        parts = Parts(data)
        if parts.byte() != 1:
            raise OtherVersion()
        flags = parts.byte()
        frame = {"ended": flags & ENDED != 0, "full": flags & FULL != 0, "wall": None, "disk": None, "numerics": None,
                 "alarms": None, "waves": None}
        frame["seq"] = parts.uvarint()
        frame["time"] = parts.uvarint(9223372036855)
        mark = int.from_bytes(parts.bytes(4), "big")

        if flags & DESCRIPTION:
            description = parts.bytes(parts.uvarint())
            need(zlib.crc32(description) == mark, "description and mark differ")
            binding, waves = read_description(description)
            # It is learned before the rest is read: the mark vouches for it, whatever is wrong behind it.
            if mark not in self.told:
                self.told[mark] = binding, waves
                if len(self.told) > KNOWN_DESCRIPTIONS:
                    del self.told[next(iter(self.told))]
        elif mark in self.told:
            binding, waves = self.told[mark]
        else:
            raise NotDescribed(frame["seq"], frame["time"])
        frame["binding"] = binding

        need(not flags & ENDED or flags == ENDED | DESCRIPTION, "an end with other flags")
        need(not flags & FULL or flags & NUMERICS, "full, but no numerics")

        if flags & WALL:
            frame["wall"] = [parts.varint(), parts.byte()]
        if flags & DISK:
            frame["disk"] = parts.uvarint()
        if flags & NUMERICS:
            frame["numerics"] = read_numerics(parts, frame["time"])
        if flags & ALARMS:
            frame["alarms"] = read_alarms(parts)
        if flags & WAVES:
            frame["waves"] = read_waves(parts, waves, frame["time"])
        parts.end()
        return frame


# ---- Vectors

def plain(told):
    """A frame as the vectors tell it, with an empty list where they may say null. Alarms are left: an empty list of
    alarms says that none stands, null that nothing changed."""
    told = dict(told, numerics=told.get("numerics") or [])
    told["waves"] = [dict(wave, gaps=wave["gaps"] or [], samples=wave["samples"] or []) for wave in told.get("waves") or []]
    return told


def check_frame(receiver, vector, data):
    nothing = {"ended": False, "full": False, "wall": None, "disk": None, "numerics": None, "alarms": None, "waves": None}
    try:
        got, accepted = receiver.frame(data), True
    except Broken:
        got, accepted = dict(nothing, error="not a live frame", time=0), False
    except OtherVersion:
        got, accepted = dict(nothing, error="live frame of another version", time=0), False
    except NotDescribed as told:
        got, accepted = dict(nothing, error="live frame not yet described", seq=told.args[0], time=told.args[1]), False
    got, want = plain(got), plain(vector["frame"])
    return accepted, [(key, got.get(key, "nothing"), want.get(key, "nothing")) for key in sorted(set(got) | set(want))
                      if key not in got or key not in want or got[key] != want[key]]


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "vectors.json")
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    counts, wrong, receiver = {True: 0, False: 0}, 0, Receiver()
    for vector in vectors:
        data = bytes.fromhex(vector["hex"])
        if vector.get("fresh"):
            receiver = Receiver()
        accepted, differences = check_frame(receiver, vector, data)
        counts[accepted] += 1
        wrong += len(differences) > 0
        for key, got, want in differences:
            print("%s: %s is %r, told is %r" % (vector["name"], key, got, want))
    print("%d read, %d refused, %d wrong" % (counts[True], counts[False], wrong))
    return 1 if wrong or not vectors else 0


if __name__ == "__main__":
    sys.exit(main())
