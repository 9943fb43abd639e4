// Package vital is what is measured: signs, units, decimals, readings and
// waveforms. It is pure: no clock, no disk, no network, no goroutine, and it
// imports only the standard library. It never decides whether a value is good
// or bad for the patient; that is triage/score and triage/alarm.
//
// # Sign
//
// A kind of measurement: heart rate, SpO2, a cuff's systolic pressure. All signs
// stand in one table, [Signs], with label, unit, codes, possible range and
// ageing rule.
//
// # Reading
//
// One value of a sign, or the reason there is none. Absent is not zero.
//
// # Waveform
//
// A run of evenly spaced samples of one lead, with its gaps named.
//
// # Provenance
//
// Which monitor a value came from, and how far the way it was read is proven.
//
// Codes follow ISO/IEEE 11073-10101 (MDC), LOINC and UCUM; decimals follow
// IEEE 11073-20601's mantissa and exponent.
package vital
