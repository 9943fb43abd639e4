// Package bluetooth brings Bluetooth health devices to the supervisor as ports: it
// scans for the services it is told, connects, reads who the device is, subscribes to
// what it measures and asks a glucose meter for its records. A notification is handed
// on as a line of text, "00002a37-0000-1000-8000-00805f9b34fb 0055", which a driver
// decodes. It knows no meaning of any payload, pairs with nobody and deletes nothing.
//
// The radio is behind the small interface [Radio]. [System] is the machine's own, by
// tinygo.org/x/bluetooth, in programs built with the tag bluetooth; without the tag
// nothing of that library is linked, and System says so. This package is the only one
// that imports it.
//
// No radio was at hand where this was written. All but the file with the tag is tested
// through a fake radio with behaviour; that file compiles and is vetted, and was never
// run against a device. Devices that must be paired are to be paired by the system's
// own means first.
package bluetooth
