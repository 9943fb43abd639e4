// Package medibus reads Draeger ventilators and anaesthesia machines over Medibus and
// Medibus.X: measured data, alarms and realtime curves. It opens the conversation,
// answers the device and asks for data; it changes no setting of the device.
//
// # Telegram
//
// ESC (a command) or SOH (an answer), a code, data, two hex digits, CR. The digits are
// the 8-bit sum of all before them. Bytes from 80 up belong to the realtime stream and
// may stand anywhere between. Either side may command, and must be answered; a device
// that hears nothing for three seconds closes the conversation.
//
// # Realtime stream
//
// A sync byte says which of four curves have a sample; each sample is two bytes of
// six bits. Their ranges and rates come in an answer before; without it, on a tapped
// line, they cannot be told and are counted as unknown.
//
// # Sources
//
// mdpnp OpenICE (codes, units, telegrams) and VSCaptureDrgVent. The bytes that enable
// the stream follow one reading of OpenICE. Respiratory rates, volumes and
// gases that come in units this project cannot convert keep their raw code. The
// device's clock is not asked for. No recording is public: the driver is not proven.
package medibus
