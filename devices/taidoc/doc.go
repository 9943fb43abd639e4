// Package taidoc reads TaiDoc's TD-42xx glucose meters (GlucoRx Nexus and others of
// that maker) in eight-byte frames. It asks for the newest result only, since a
// meter may hold other people's; on a tapped line it reads every result it hears.
// It never sets the clock, never clears the memory and never switches the meter off.
//
// # Frame
//
// 51, command, four bytes, A3 from the host or A5 from the meter, and the 8-bit sum
// of the seven. A result is two answers: its time (25), then its value (26). A value
// is used only right after the time of the same conversation.
//
// # Sources
//
// glucometer-protocols and glucometerutils, with its three example dates and one
// example frame. A mark for control solution is not known. The meters are sold with a
// CP2110 bridge, which is no serial port to the operating system; others have a
// plain one. No recording of a meter is public, so the driver is not proven.
package taidoc
