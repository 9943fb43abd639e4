package journal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readItem(b []byte) error {
	r := reader{b: b}
	r.item()
	return r.end()
}

// The examples are RFC 8949, appendix A.
func TestOneEncodingOfEachValue(t *testing.T) {
	for _, text := range []string{
		"00", "01", "0a", "17", "1818", "1819", "1864", "1903e8", "1a000f4240", "1b000000e8d4a51000", "1bffffffffffffffff", "3bffffffffffffffff",
		"20", "29", "3863", "3903e7", "f4", "f5", "f6", "40", "4401020304", "60", "6161", "6449455446", "62225c", "62c3bc", "63e6b0b4", "64f0908591",
		"80", "83010203", "8301820203820405", "98190102030405060708090a0b0c0d0e0f101112131415161718181819", "a0", "a201020304",
		"a26161016162820203", "826161a161626163", "a56161614161626142616361436164614461656145",
	} {
		if err := readItem(unhex(t, text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{
		"", "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", // longer than needed
		"f90000", "f93c00", "fb3ff199999999999a", "f97e00", "f97c00", // floats, not a number, infinity
		"f7", "f0", "f818", "f8ff", // undefined, other simple values
		"c074323031332d30332d32315432303a30343a30305a", "c11a514b67b0", "c249010000000000000000", // tags
		"5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "bf61610161629f0203ffff", "ff", // indefinite lengths
		"0000", "62c328", "61ff", "a202010102", "a201010102", "a2010102", "44010203", "830102",
	} {
		if err := readItem(unhex(t, text)); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: %v, wanted ErrEncoding", text, err)
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	for levels, ok := range map[int]bool{1: true, 15: true, 16: false, 200: false} {
		b := append(bytes.Repeat([]byte{0x81}, levels), 0)
		if err := readItem(b); (err == nil) != ok {
			t.Errorf("%d arrays around a number: %v", levels, err)
		}
	}
}

// A length of four thousand million costs nothing: it is refused before anything
// is made to hold it.
func TestLongLengthsCostNothing(t *testing.T) {
	for _, text := range []string{"9affffffff", "baffffffff", "5affffffff", "7affffffff", "9bffffffffffffffff", "bbffffffffffffffff", "5bffffffffffffffff"} {
		b := unhex(t, text)
		got := testing.AllocsPerRun(10, func() { readItem(b) })
		if readItem(b) == nil || got > 10 {
			t.Errorf("%s: taken, or %v allocations", text, got)
		}
	}
}

// The peer is fxamacker/cbor, which encodes by the same section of RFC 8949.
func TestWhatThePeerEncodesIsTaken(t *testing.T) {
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		v := valueOf(t, 4)
		b, err := enc.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := readItem(b); err != nil {
			t.Fatalf("%x: %v", b, err)
		}
	})
}

func valueOf(t *rapid.T, depth int) any {
	switch kind := rapid.IntRange(0, 7).Draw(t, "kind"); {
	case kind == 0:
		return rapid.Int64().Draw(t, "int")
	case kind == 1:
		return rapid.Uint64().Draw(t, "uint")
	case kind == 2:
		return rapid.String().Draw(t, "text")
	case kind == 3:
		return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
	case kind == 4:
		return rapid.Bool().Draw(t, "bool")
	case kind == 5 && depth > 0:
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) any { return valueOf(t, depth-1) }), 0, 5).Draw(t, "array")
	case kind == 6 && depth > 0:
		return rapid.MapOfN(rapid.Int64(), rapid.Custom(func(t *rapid.T) any { return valueOf(t, depth-1) }), 0, 5).Draw(t, "map")
	}
	return nil
}

// FuzzItem holds the reader against the peer: what it takes, the peer decodes and
// encodes to the same bytes.
func FuzzItem(f *testing.F) {
	for _, text := range []string{"00", "a201020304", "8301820203820405", "a26161016162820203", "3bffffffffffffffff", "62c3bc", "f6", "a1a10102f4"} {
		f.Add(unhex(f, text))
	}
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		f.Fatal(err)
	}
	dec, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 20, IntDec: cbor.IntDecConvertNone, MapKeyByteString: cbor.MapKeyByteStringAllowed}.DecMode()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if readItem(b) != nil {
			return
		}
		var v any
		if err := dec.Unmarshal(b, &v); err != nil {
			var unhashable *cbor.InvalidMapKeyTypeError
			if errors.As(err, &unhashable) {
				return // maps and arrays as keys cannot be held in Go
			}
			t.Fatalf("%x was taken, but the peer says %v", b, err)
		}
		again, err := enc.Marshal(v)
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%x was taken, but the peer writes %x, %v", b, again, err)
		}
	})
}
