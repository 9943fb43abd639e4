// Package berry reads oximeters that speak the BCI protocol: Berry's BM1000 family
// (serial, or the same bytes through a Bluetooth UART) and the older Smiths and BCI
// boards. It also plays the oximeter's side. The oximeter speaks by itself; nothing
// is ever sent to it.
//
// # Packet
//
// Five bytes, of which only the first has its top bit set; 100 a second from
// Berry's, 60 from the older ones: which it is, is measured from the first second.
// There is no checksum, so rate and saturation are handed on only when three
// packets in a row say the same. Rates above 254 do not fit.
//
// # Sources
//
// "BCI Protocol V1.2" (zh2x/BCI_Protocol), agreed by Adafruit's BerryMed but for
// one bit: Adafruit's comment says bit 4 of the first byte is "signal", the vendor
// says "no signal", and the vendor is followed. Speed and parity of the older
// boards (4800 8E1) rest on one mention. No recording is public: not proven.
package berry
