// Package datex reads GE Healthcare's Datex-Ohmeda monitors (S/5, CARESCAPE Bx50)
// over their serial Computer Interface: the numbers on the screen, waveforms and
// alarm texts. It also plays the monitor's side. It asks for data and never
// changes what a monitor measures or how it alarms.
//
// # Frame, record, subrecord
//
// A frame is 7E, a record and its sum, 7E; 7D stands before a byte whose bit 5 was
// taken away. A record has a header of 40 bytes, which names its length and up to
// eight subrecords: classes of numbers (basic, extended 1 to 3), waveforms, alarm
// texts. The checksum is eight bits, so length, level, kind and the place of every
// subrecord are checked too before a number is believed.
//
// # Sources
//
// Frames, header, numbers and waves are verified on 3,541 good frames of two real
// S/5 monitors (UN-GCPDS/python-pycollect); field names and order agree with the
// public headers of icu_devices, scales with VSCapture. Alarm records and requests
// follow those headers and M1017617 as quoted there; no real alarm record is
// public. The word that one source calls a waveform's status counts sixteenths of
// the second in both captures (it wraps at 960, a minute), so it is not read as
// flags: only the sample sentinels make gaps.
//
// The heart rate is the one on the screen; the monitor may take it from the ECG, a
// pressure or the pleth, and the bits that say which are not verified. A cuff
// result comes without its time, and is handed on once, when it changes: at the
// first record it may be old.
package datex
