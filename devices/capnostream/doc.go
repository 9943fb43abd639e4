// Package capnostream reads Oridion's (Medtronic's) Capnostream 20 bedside
// capnograph and oximeter: numbers, the CO2 wave and alarms. It enables the
// monitor's data port, starts the transfer and says every few seconds that it is
// there; it changes no setting and sends no patient's name.
//
// # Frame
//
// 85, length of code and data, code, data, and the xor of length, code and data. 85
// and 80 inside are sent as 80 05 and 80 00, so 85 always begins a frame. The check
// is eight bits: lengths and ranges are checked too.
//
// # Sources
//
// mdpnp OpenICE alone, which was tried on a monitor. It found that the data of a
// numbers frame are at times one place off, so that SpO2 shows the respiratory rate of
// the second before: such a frame is refused. In what unit the wave comes while the
// monitor shows other than mmHg is not known: it is then not shown. No recording is
// public: the driver is not proven.
package capnostream
