package vital

// A Waveform is a run of evenly spaced samples of one lead. A sample's physical
// value is (count + Offset) x Scale in Unit.
type Waveform struct {
	Lead Lead
	// Arrived is when the first sample's bytes reached this station. While a
	// monitor stays connected, sessions advance it by sample count, so that
	// traces are drawn by sample time and not by the jitter of arrival.
	Arrived Instant
	Rate    Decimal // samples per second, above 0; 62.5 occurs
	Unit    Unit
	Scale   Decimal // physical units per count; zero when the monitor gives no scale
	Offset  int32   // counts added before scaling
	Min     int32   // lowest count the monitor can send, for drawing; equal to Max when unknown
	Max     int32
	Samples []int32
	// Gaps lists runs of Samples that hold no measurement, in order and apart
	// from each other. Samples inside a gap are drawn as nothing.
	Gaps []Gap
	// Raw is the monitor's own name when Lead is UnknownLead.
	Raw string
}

// A Gap is a run of samples without measurement.
type Gap struct {
	_    struct{} `cbor:",toarray"`
	From int      // index of the first missing sample
	Len  int      // how many, above 0
	Why  State    // never Measured
}
