"""A second decoder of the live frame, version 1: written from ../FORMAT.md, not
from the Go code, with the standard library alone. It reads vectors.json and says
where it does not agree. Exit status 0: it agrees with everything."""

import json
import os
import re
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))


class Broken(Exception):
    pass


def own_units():
    """The tables at the end of FORMAT.md: sign or lead number to its own unit."""
    tables, current = {}, None
    with open(os.path.join(HERE, "..", "FORMAT.md"), encoding="utf-8") as f:
        for line in f:
            head = re.match(r"\| (sign|lead) \| code \| own unit \|", line)
            row = re.match(r"\| (\d+) \| \S+ \| (\S+) \|", line)
            if head:
                current = tables.setdefault(head[1], {})
            elif row and current is not None:
                current[int(row[1])] = "" if row[2] == "-" else row[2]
    return tables


UNITS = own_units()


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Broken("too short")
        part = self.data[self.at : self.at + n]
        self.at += n
        return part

    def byte(self):
        return self.take(1)[0]

    def uvarint(self, limit=2**64 - 1):
        value = 0
        for i in range(10):
            b = self.byte()
            value |= (b & 0x7F) << (7 * i)
            if b < 0x80:
                if value > limit:
                    raise Broken("too large")
                return value
        raise Broken("endless number")

    def varint(self):
        z = self.uvarint()
        return z // 2 if z % 2 == 0 else -(z + 1) // 2

    def int32(self):
        v = self.varint()
        if not -(2**31) <= v < 2**31:
            raise Broken("beyond 32 bits")
        return v

    def text(self):
        try:
            return self.take(self.byte()).decode("utf-8")
        except UnicodeDecodeError:
            raise Broken("not UTF-8")

    def decimal(self):
        exponent = self.byte()
        exponent -= 256 if exponent > 127 else 0
        mantissa = self.varint()
        if abs(exponent) > 18 or abs(mantissa) >= 10**18:
            raise Broken("not a decimal")
        return [mantissa, exponent]

    def end(self):
        if self.at != len(self.data):
            raise Broken("bytes left over")


class Bits:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        v = 0
        for _ in range(n):
            if self.at >= 8 * len(self.data):
                raise Broken("too few bits")
            v = v << 1 | (self.data[self.at // 8] >> (7 - self.at % 8)) & 1
            self.at += 1
        return v

    def end(self):
        left = 8 * len(self.data) - self.at
        if left >= 8 or self.take(left) != 0:
            raise Broken("bits left over")

    def run(self, count, offset):
        if count == 0:
            return []
        order, k, length = self.take(2), self.take(4), self.take(6)
        if length > 34:
            raise Broken("first sample too long")
        x = [fit(unzigzag(self.take(length)) - offset)]
        for n in range(1, count):
            o = min(order, n)
            p = 0
            if o == 1:
                p = x[n - 1]
            elif o == 2:
                p = 2 * x[n - 1] - x[n - 2]
            elif o == 3:
                p = 3 * x[n - 1] - 3 * x[n - 2] + x[n - 3]
            q = 0
            while q < 20 and self.take(1) == 1:
                q += 1
            u = self.take(40) if q == 20 else (q << k) + self.take(k)
            x.append(fit(p + unzigzag(u)))
        return x


def unzigzag(z):
    return z // 2 if z % 2 == 0 else -(z + 1) // 2


def fit(v):
    if not -(2**31) <= v < 2**31:
        raise Broken("sample beyond 32 bits")
    return v


def read_description(data):
    r = Reader(data)
    bed = {
        "encounter": r.take(16).hex(),
        "station": r.take(32).hex(),
        "boot": r.take(16).hex(),
        "epoch": r.take(16).hex(),
    }
    demo = r.byte()
    if demo > 1:
        raise Broken("neither patient nor demonstration")
    bed["demo"] = demo == 1
    bed["tag"], bed["monitor"], bed["call_sign"] = r.text(), r.text(), r.text()
    waves = r.byte()
    if waves > 64:
        raise Broken("too many waves")
    table = []
    for _ in range(waves):
        lead = r.uvarint(65535)
        flags = r.byte()
        if flags > 7:
            raise Broken("unknown flags of a wave")
        w = {"lead": lead, "rate": r.decimal(), "scale": r.decimal(), "offset": r.int32()}
        if w["rate"][0] <= 0:
            raise Broken("no rate")
        w["unit"] = r.text() if flags & 1 else UNITS["lead"].get(lead, "")
        w["range"] = [r.int32(), r.int32()] if flags & 2 else [0, 0]
        w["name"] = r.text() if flags & 4 else ""
        table.append(w)
    r.end()
    return bed, table


def read_numeric(r, now):
    n = {"sign": r.uvarint(65535), "name": "", "site": "", "value": None}
    if n["sign"] == 0:
        n["name"] = r.text()
    flags = r.byte()
    n["unit"] = r.text() if flags & 4 else UNITS["sign"].get(n["sign"], "")
    if flags & 8:
        n["site"] = r.text()
    n["questionable"], n["aperiodic"] = bool(flags & 2), bool(flags & 16)
    if flags & 1:
        scale = flags >> 5
        value = r.decimal() if scale == 7 else [r.varint(), -scale]
        if abs(value[0]) >= 10**18:
            raise Broken("not a decimal")
        n["value"], n["state"] = value, 1
    else:
        n["state"] = r.byte()
        if n["state"] == 1:
            n["state"] = 0
    n["arrived"] = now - 100 * r.uvarint(9223372036)
    return n


def read_waves(r, table, now):
    told, total = [], 0
    for described in table:
        head = r.uvarint()
        count = head >> 2
        total += count
        if total > 8192 or (count == 0 and head != 0):
            raise Broken("head of a wave")
        if count == 0:
            continue
        w = dict(described, arrived=now, gaps=None)
        if head & 1:
            w["arrived"] = now + r.uvarint(4096)
        gaps, end = [], 0
        if head & 2:
            number = r.uvarint(64)
            if number == 0:
                raise Broken("no gaps")
            for _ in range(number):
                start = end + r.uvarint()
                length = r.uvarint()
                why = r.byte()
                end = start + length
                if length == 0 or end > count or why == 1:
                    raise Broken("gap")
                gaps.append([start, length, why])
            w["gaps"] = gaps
        told.append((w, count, gaps))
    bits = Bits(r.take(len(r.data) - r.at))
    out = []
    for w, count, gaps in told:
        samples, at = [], 0
        for start, length, _ in gaps:
            samples += bits.run(start - at, w["offset"]) + [0] * length
            at = start + length
        w["samples"] = samples + bits.run(count - at, w["offset"])
        out.append(w)
    bits.end()
    return out


class Decoder:
    def __init__(self):
        self.known = []  # (mark, description), the latest last

    def decode(self, data):
        try:
            return self.frame(data)
        except Broken:
            return {"error": "not a live frame"}

    def frame(self, data):
        if not 0 < len(data) <= 16384:
            raise Broken("length")
        r = Reader(data)
        if r.byte() != 1:
            return {"error": "live frame of another version"}
        flags = r.byte()
        f = {"seq": r.uvarint(), "time": r.uvarint(9223372036854)}
        mark = int.from_bytes(r.take(4), "big")
        if flags & 1:
            told = r.take(r.uvarint(16384))
            if zlib.crc32(told) != mark:
                raise Broken("mark")
            description = read_description(told)
            if mark not in [m for m, _ in self.known]:
                self.known = (self.known + [(mark, description)])[-4:]
        found = [d for m, d in self.known if m == mark]
        if not found:
            return dict(f, error="live frame not yet described")
        f["binding"], table = found[0]
        f.update(ended=bool(flags & 128), full=bool(flags & 8), wall=None, disk=None, numerics=None, alarms=None, waves=None)
        if f["ended"]:
            if flags != 129:
                raise Broken("an end with more")
            r.end()
            return f
        if flags & 64:
            f["wall"] = [r.varint(), r.byte()]
        if flags & 32:
            f["disk"] = r.uvarint()
        if flags & 8 and not flags & 4:
            raise Broken("full of nothing")
        if flags & 4:
            f["numerics"] = [read_numeric(r, f["time"]) for _ in range(r.uvarint(256))] or None
        if flags & 16:
            f["alarms"] = []
            for _ in range(r.uvarint(64)):
                a = {"id": r.uvarint(2**32 - 1)}
                b = r.byte()
                if b > 31:
                    raise Broken("unknown flags of an alarm")
                a.update(priority=b & 3, technical=bool(b & 4), acknowledged=bool(b & 8), silenced=bool(b & 16), text=r.text())
                f["alarms"].append(a)
        if flags & 2:
            f["waves"] = read_waves(r, table, f["time"]) or None
        r.end()
        return f


def split(data):
    r = Reader(data)
    if r.byte() != 0x11:
        raise Broken("no packet")
    n = r.byte()
    if not 1 <= n <= 4:
        raise Broken("number of frames")
    frames = []
    for _ in range(n):
        length = r.uvarint(16384)
        if length == 0:
            raise Broken("empty frame")
        frames.append(r.take(length).hex())
    r.end()
    return frames


def missing(data):
    r = Reader(data)
    if r.byte() != 0x12:
        raise Broken("no request")
    n, seqs, last = r.byte(), [], 0
    if n > 64:
        raise Broken("too many")
    for _ in range(n):
        step = r.uvarint()
        last += step
        if step == 0 or last >= 2**64:
            raise Broken("not rising")
        seqs.append(last)
    r.end()
    return seqs


def report(data):
    r = Reader(data)
    if r.byte() != 0x13:
        raise Broken("no report")
    fields = [r.uvarint(2**64 - 1 if i < 5 else 3600000) for i in range(7)]
    r.end()
    return fields


def refused(data):
    try:
        {0x11: split, 0x12: missing, 0x13: report}[data[0]](data)
    except Broken:
        return True
    return False


def main():
    with open(os.path.join(HERE, "vectors.json"), encoding="utf-8") as f:
        vectors = json.load(f)
    bad, decoder = 0, Decoder()
    for v in vectors:
        data = bytes.fromhex(v["hex"])
        if v.get("fresh"):
            decoder = Decoder()
        if v["is_frame"]:
            got, want = decoder.decode(data), v["frame"]
            if "error" in want or "error" in got:
                keys = ["error", "seq"] + (["time"] if "seq" in want else [])
                ok = all(got.get(k) == want.get(k) for k in keys)
            else:
                ok = got == want
        elif v.get("is_broken"):
            ok, got, want = refused(data), "taken", "refused"
        elif "packet" in v:
            got, want = split(data), v["packet"]
            ok = got == want
        elif "missing" in v:
            got, want = missing(data), v["missing"]
            ok = got == want
        else:
            got, want = report(data), v["report"]
            ok = got == want
        if not ok:
            bad += 1
            print("%s:\n  got  %s\n  want %s" % (v["name"], got, want))
    print("%d vectors, %d disagree" % (len(vectors), bad))
    return 1 if bad or not vectors else 0


if __name__ == "__main__":
    sys.exit(main())
