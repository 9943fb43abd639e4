#!/usr/bin/env python3
"""A second reader of packed samples, written from FORMAT.md alone.

It reads every block of vectors.json and compares: a block that must be read gives exactly the samples told,
a block that must be refused is refused. The tables of codes are read out of FORMAT.md; nothing else than that and
the standard library of Python 3 is used. Exit status 0: all is as told.

    check.py [vectors.json]
"""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

MOST_SAMPLES = 65536
LOWEST, HIGHEST = -(2**31), 2**31 - 1

class Refused(Exception):
    """The block breaks the format."""


def need(true, why):
    if not true:
        raise Refused(why)


def codes_of(row):
    """The prefix code of one row: (length, code) -> value, counted up as in DEFLATE (RFC 1951, 3.2.2)."""
    lengths = [int(digit, 16) for digit in row]
    codes, code = {}, 0
    for length in range(1, 16):
        code <<= 1
        for value in range(64):
            if lengths[value] == length:
                assert code < 1 << length
                codes[length, code] = value
                code += 1
    assert code == 1 << 15, "the row does not fill all codes"
    return codes


class Bits:
    """Bits of bytes, from the highest to the lowest of each."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        need(self.place + count <= 8 * len(self.data), "the bits end too early")
        number = 0
        for place in range(self.place, self.place + count):
            number = number << 1 | self.data[place >> 3] >> (7 - (place & 7)) & 1
        self.place += count
        return number

    def finish(self):
        left = 8 * len(self.data) - self.place
        need(left < 8, "bytes are left over")
        need(self.take(left) == 0, "the last byte is not filled with zeros")


def signed(zigzag):
    return zigzag >> 1 if zigzag & 1 == 0 else -((zigzag + 1) >> 1)


def uvarint(data, place):
    """The number at a place, and the place behind it: at most ten bytes, below 2^64."""
    number = shift = 0
    while True:
        need(place < len(data), "the number of samples ends too early")
        need(shift < 70, "a number of more than ten bytes")
        byte = data[place]
        place += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            need(number < 1 << 64, "a number of more than 64 bits")
            return number, place


def sample(number):
    need(LOWEST <= number <= HIGHEST, "a sample beyond 32 bits")
    return number


def first(bits):
    length = bits.take(6)
    need(length <= 33, "a first sample of more than 33 bits")
    return sample(signed(bits.take(length)))


def run(bits, count):
    """Form 1: a run as in the live frame, with offset 0."""
    order, k = bits.take(2), bits.take(4)
    length = bits.take(6)
    need(length <= 34, "a run's first sample of more than 34 bits")
    x = [sample(signed(bits.take(length)))]
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
        x.append(sample(p + signed(u)))
    return x


def cut(number, limit):
    return max(-limit, min(limit, number))


def long(bits, count):
    """Form 2: a predictor that learns, and codes chosen by how wrong it was lately. The steps are those of FORMAT.md."""
    x = [first(bits)]
    start = bits.take(5)
    w = [39000, 6500, 0, -6500, 0, 0]
    h = [0] * 6
    slow = fast = (1 << start) * 128
    while len(x) < count:
        # Expect.
        p = (sum(a * b for a, b in zip(w, h)) + 32768) >> 16

        # Context: z is at least 7, as v is at least 64.
        v = ((slow + fast) >> 1) + 64
        z = v.bit_length()
        quarter = (v >> (z - 3)) % 4
        if z <= 11:
            c, b = 4 * (z - 7) + quarter, 0
        else:
            c, b = 16 + quarter, z - 11

        # Code. No code is longer than 15 bits, and every string of bits begins with one.
        code, length = bits.take(1), 1
        while (length, code) not in TABLES[c]:
            code, length = code << 1 | bits.take(1), length + 1
        t = TABLES[c][length, code]
        if t < 63:
            u = (t << b) + bits.take(b)
        else:
            size = bits.take(6)
            need(size <= 56, "a number of more than 56 bits")
            u = bits.take(size)
        e = signed(u)

        d = p + e
        x.append(sample(x[-1] + d))

        # Learn, with the differences of before this sample.
        energy = sum(a * a for a in h) + 16
        s = energy.bit_length()
        g = (cut(e, 1 << (s // 2 + 3)) << 22) >> s
        w = [a + ((g * b + 128) >> 8) for a, b in zip(w, h)]
        h = [cut(d, 1 << 20)] + h[:5]

        a = abs(e) * 256
        slow += (a - slow) >> 3
        fast += (a - fast) >> 1
    return x


def unpack(data):
    count, place = uvarint(data, 0)
    need(count <= MOST_SAMPLES, "more than 65536 samples")
    if count == 0:
        need(place == len(data), "something follows a block of no samples")
        return []
    bits = Bits(data[place:])
    form = bits.take(2)
    need(form != 3, "form 3")
    if form == 0:
        x = [first(bits)] * count
    elif form == 1:
        x = run(bits, count)
    else:
        x = long(bits, count)
    bits.finish()
    return x


def tables():
    """The tables of FORMAT.md: 20 rows of 64 lengths."""
    with open(os.path.join(HERE, "..", "FORMAT.md"), encoding="utf-8") as file:
        rows = re.findall(r"^[0-9a-f]{64}$", file.read(), re.MULTILINE)
    assert len(rows) == 20
    return [codes_of(row) for row in rows]


TABLES = tables()


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "vectors.json")
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    read = refused = wrong = 0
    for vector in vectors:
        data = bytes.fromhex(vector["hex"])
        try:
            got = unpack(data)
        except Refused as why:
            refused += 1
            if not vector.get("refused"):
                wrong += 1
                print("%s: refused, but must be read: %s" % (vector["name"], why))
            continue
        read += 1
        if vector.get("refused"):
            wrong += 1
            print("%s: read, but must be refused" % vector["name"])
        elif got != (vector["samples"] or []):
            wrong += 1
            place = next((i for i, (a, b) in enumerate(zip(got, vector["samples"])) if a != b), len(got))
            print("%s: other samples, from number %d" % (vector["name"], place))
    print("%d read, %d refused, %d wrong" % (read, refused, wrong))
    return 1 if wrong or not vectors else 0


if __name__ == "__main__":
    sys.exit(main())
