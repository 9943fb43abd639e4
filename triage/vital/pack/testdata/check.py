"""A second reader of packed samples, version 1: written from ../FORMAT.md, not
from the Go code, with the standard library alone. It reads vectors.json and says
where it does not agree. Exit status 0: it agrees with everything."""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Broken(Exception):
    pass


def tables():
    """The rows of FORMAT.md as dictionaries from (length, code) to value."""
    with open(os.path.join(HERE, "..", "FORMAT.md"), encoding="utf-8") as f:
        rows = re.findall(r"^([0-9a-f]{64})$", f.read(), re.M)
    assert len(rows) == 20
    out = []
    for row in rows:
        table, code = {}, 0
        for length in range(1, 16):
            for value, digit in enumerate(row):
                if int(digit, 16) == length:
                    table[length, code] = value
                    code += 1
            code *= 2
        out.append(table)
    return out


TABLES = tables()


def unzigzag(u):
    return u // 2 if u % 2 == 0 else -(u + 1) // 2


def fit(v):
    if not -(2**31) <= v < 2**31:
        raise Broken("sample beyond 32 bits")
    return v


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

    def first(self):
        length = self.take(6)
        if length > 33:
            raise Broken("first sample too long")
        return fit(unzigzag(self.take(length)))

    def code(self, table):
        code = 0
        for length in range(1, 16):
            code = code << 1 | self.take(1)
            if (length, code) in table:
                return table[length, code]
        raise Broken("no such code")

    def run(self, count):
        order, k, length = self.take(2), self.take(4), self.take(6)
        if length > 34:
            raise Broken("first sample too long")
        x = [fit(unzigzag(self.take(length)))]
        for n in range(1, count):
            o = min(order, n)
            p = [0, x[n - 1], 0, 0][o]
            if o == 2:
                p = 2 * x[n - 1] - x[n - 2]
            if o == 3:
                p = 3 * x[n - 1] - 3 * x[n - 2] + x[n - 3]
            q = 0
            while q < 20 and self.take(1) == 1:
                q += 1
            u = self.take(40) if q == 20 else (q << k) + self.take(k)
            x.append(fit(p + unzigzag(u)))
        return x

    def long(self, count):
        x = [self.first()]
        slow = fast = 2 ** self.take(5) * 128
        w = [39000, 6500, 0, -6500, 0, 0]
        h = [0] * 6
        for n in range(1, count):
            p = (sum(a * b for a, b in zip(w, h)) + 32768) >> 16
            v = ((slow + fast) >> 1) + 64
            z = v.bit_length()
            quarter = (v >> (z - 3)) % 4
            c, b = (4 * (z - 7) + quarter, 0) if z <= 11 else (16 + quarter, z - 11)
            t = self.code(TABLES[c])
            if t < 63:
                u = t * 2**b + self.take(b)
            else:
                length = self.take(6)
                if length > 56:
                    raise Broken("error too long")
                u = self.take(length)
            e = unzigzag(u)
            d = p + e
            x.append(fit(x[-1] + d))
            s = (sum(a * a for a in h) + 16).bit_length()
            limit = 2 ** (s // 2 + 3)
            g = max(-limit, min(limit, e)) * 2**22 >> s
            w = [a + ((g * b + 128) >> 8) for a, b in zip(w, h)]
            h = [max(-(2**20), min(2**20, d))] + h[:5]
            a = abs(e) * 256
            slow += (a - slow) >> 3
            fast += (a - fast) >> 1
        return x


def read(data):
    count, at = 0, 0
    while True:
        if at >= min(len(data), 10):
            raise Broken("number of samples")
        count |= (data[at] & 0x7F) << (7 * at)
        at += 1
        if data[at - 1] < 0x80:
            break
    if count > 65536:
        raise Broken("too many samples")
    bits = Bits(data[at:])
    if count == 0:
        if bits.data:
            raise Broken("something after nothing")
        return []
    form = bits.take(2)
    if form == 0:
        x = [bits.first()] * count
    elif form == 1:
        x = bits.run(count)
    elif form == 2:
        x = bits.long(count)
    else:
        raise Broken("form")
    bits.end()
    return x


def main():
    with open(os.path.join(HERE, "vectors.json"), encoding="utf-8") as f:
        vectors = json.load(f)
    bad = 0
    for v in vectors:
        try:
            got = read(bytes.fromhex(v["hex"]))
        except Broken:
            got = None
        want = None if v.get("refused") else v["samples"]
        if got != want:
            bad += 1
            print("%s: got %s, want %s" % (v["name"], got, want))
    print("%d vectors, %d disagree" % (len(vectors), bad))
    return 1 if bad or not vectors else 0


if __name__ == "__main__":
    sys.exit(main())
