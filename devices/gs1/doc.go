// Package gs1 reads GS1 element strings from a serial scanner: the GTIN, lot,
// serial number and expiry of a pack. A scan is no vital sign: a session gives the
// chart nothing, and hands scans only to whoever asks it with [Session.Scans]. It
// never sends a byte, and never looks a product up.
//
// # Element string
//
// Application identifiers, each with its data, one after another; those without a
// fixed length end at FNC1, which scanners send as GS (ASCII 29). Scanners may put
// the symbology identifier before it (]C1, ]d2, ]Q3, ]e0, ]J1), and end with CR or
// LF, or a pause.
//
// # Check
//
// A scan is refused whole when a check digit, a date or a length in it is wrong: a
// misread pack must not become another drug.
//
// # Sources
//
// GS1 General Specifications and gs1/gs1-syntax-dictionary for identifiers and
// lengths. Expected values in the tests come from the documents of other projects:
// strich, gs1-go, pharma-datamatrix and ruby's gs1. No recording of a scanner's
// line exists; so the driver is not proven.
package gs1
