package vital

// Provenance says which instrument a value came from and how far to trust the
// way it was read. Empty fields are not known.
type Provenance struct {
	Make     string `cbor:"1,keyasint,omitempty" json:"make,omitempty"`
	Model    string `cbor:"2,keyasint,omitempty" json:"model,omitempty"`
	Serial   string `cbor:"3,keyasint,omitempty" json:"serial,omitempty"`
	Firmware string `cbor:"4,keyasint,omitempty" json:"firmware,omitempty"`
	Driver   string `cbor:"5,keyasint,omitempty" json:"driver,omitempty"` // the driver's name, or "hand" for a value a person typed
	// Proven is true when the driver is tested on bytes of a real monitor that
	// this project did not make. Unproven is said on screen.
	Proven bool   `cbor:"6,keyasint,omitempty" json:"proven"`
	Method string `cbor:"7,keyasint,omitempty" json:"method,omitempty"` // e.g. "oscillometric"
	// Simulated is true for demonstration and training data, which must never
	// mix with a patient's.
	Simulated bool `cbor:"8,keyasint,omitempty" json:"simulated,omitempty"`
}
