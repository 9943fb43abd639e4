// Command live puts our live link beside WebSocket over TCP on the same bad radio
// and prints what each brought to the hospital in time. Both sides run in one go,
// as real processes in network namespaces (build/lab), with the same frames, ten a
// second, and the same seeds. No figure of an earlier run stands in it, and it
// decides nothing: people read its table.
//
// Ours is telemetry/link from the vehicle to telemetry/gateway; a frame counts when
// a page signed in at the gateway has decoded it. The peers are a WebSocket, and
// MQTT 3.1.1 at QoS 1 through mosquitto (Debian's, installed where it is missing;
// Eclipse Paho at both ends), over CUBIC and over BBR where the kernel has them. Both
// are made as well as one can without a protocol of one's own: frames stay with the
// sender until they are acknowledged, a connection silent for 5 s is dialled anew,
// and what was not acknowledged goes again. They are spared TLS. They send every
// frame whole; ours sheds waveforms when the link is narrow, as the station does.
//
// All ways and seeds of a cell run side by side. How late this machine woke a waiting
// program meanwhile is printed with each cell: where that nears what is measured, the
// machine was too small and the figures are its own.
//
//	go run ./build/bench/live            two seeds, 20 s a cell
//	go run ./build/bench/live -long      ten seeds, a minute a cell
//	go run ./build/bench/live -gateway   what the gateway costs, a minute
package main
