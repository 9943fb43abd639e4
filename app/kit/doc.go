// Package kit is the recorder's wiring: the one place where devices, triage,
// sync, telemetry, the store and the API meet. One file and one type per flow.
//
//	record.go   monitor to journal
//	share.go    journal to peers and back
//	grant.go    who may read an encounter; view.go what a peer sees of the record
//	destination.go which station a destination or a handover is for
//	strangers.go one encounter shared with a station on no roster; vouching.go what that is told
//	guest.go    one encounter that another team's station shares with this one; visiting.go its acts
//	live.go     readings to faces: the window, the hospital
//	lag.go      by how much traces are shown after they were measured
//	prompt.go   between tenths, to the faces here; hints.go what became of a patient, to live
//	door.go     the hospital's way in through a relay
//	session.go  tokens and the lock; access.go who came in, went out and was turned away
//	people.go   the staff: PIN, badge, roles
//	teams.go    several teams in one store; placing.go which one an entry is of
//	team.go     who belongs: withdrawing, accepting
//	enrol.go    inviting, answering, approving
//	gossip.go   the team's gossip key and its change
//	withdrawn.go what a tablet does that reads its own withdrawal
//	recover.go  acts of the recovery words
//	transfer.go what a patient handed to another vehicle means for the monitors
//	retaining.go what is past its keeping time; keepclock.go when a date is believed for it
//	check.go    how ready the station is for a shift
//	courier.go  the record in a sealed file
//	drivers.go  the list of drivers
//	supervise.go the parent of the two processes, which parses nothing
//	between.go  the socket between recorder and live
//	outside.go  the live process: everything that faces the internet
//
// It never decides a clinical question (triage does) and never draws.
//
// # Recorder
//
// The process that owns the data folder, the ports, the journal and the alarms.
//
// # Live
//
// The process that speaks WebRTC and HTTPS with the outside. It has no record,
// no account and no key but the page's certificate; it asks the recorder.
//
// # Face
//
// Whatever shows what the recorder knows: the window, the live link, the
// hospital's page, the command line. Any of them may crash.
package kit
