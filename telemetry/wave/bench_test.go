package wave

import (
	"encoding/json"
	"testing"
	"time"
)

// BenchmarkTenth encodes and decodes real tenths of a second, and writes the same
// as JSON, the peer.
func BenchmarkTenth(b *testing.B) {
	p := readPatient(b, "119", 2, 60)
	tenths := make([]Now, 600)
	for n := range tenths {
		p.at(n, &tenths[n])
	}
	var peer time.Duration
	var peerBytes, bytes int
	b.Run("peer", func(b *testing.B) {
		peerBytes = 0
		for i := 0; b.Loop(); i++ {
			text, err := json.Marshal(&tenths[i%600])
			if err != nil {
				b.Fatal(err)
			}
			peerBytes += len(text)
		}
		peerBytes /= b.N
		peer = b.Elapsed() / time.Duration(b.N)
	})
	b.Run("encode-and-decode", func(b *testing.B) {
		var e Encoder
		var d Decoder
		var f Frame
		var buf []byte
		bytes = 0
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			var err error
			if buf, err = e.Encode(buf[:0], &tenths[i%600]); err != nil {
				b.Fatal(err)
			}
			if err = d.Decode(buf, &f); err != nil {
				b.Fatal(err)
			}
			bytes += len(buf)
		}
		b.ReportMetric(float64(peer)/float64(b.Elapsed()/time.Duration(b.N)), "x-peer")
		b.ReportMetric(float64(peerBytes)*float64(b.N)/float64(bytes), "x-smaller")
	})
}
