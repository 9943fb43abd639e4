// Package alarm decides when a person must be called to the patient or to the
// equipment. It is pure: readings, times and the acts of people go in,
// transitions come out; equal inputs give equal outputs, so a shift can be
// replayed. It makes no sound, draws nothing and changes no limit by itself.
//
// # Condition
//
// Something that may be wrong: a sign beyond its limit (physiological), or a
// probe, a port or a link that does not do its work (technical).
//
// # Signal
//
// What a person notices while a condition is active: colour, glyph, word, sound.
// A condition may be active with its signal acknowledged or paused; that is
// always visible, never silent.
//
// # Latched
//
// A high-priority condition that ended before anyone acknowledged it keeps its
// signal until someone does.
//
// # Withheld
//
// A limit was crossed, but the value went away (probe off, artefact) before its
// delay was over. It is counted and shown, the technical condition takes its
// place, and time goes on counting should the value come back as bad.
//
// # Source
//
// One monitor that measures a sign. While any source is beyond a limit the limit is
// crossed, so that a well-looking second probe hides nothing. A monitor that says
// "under range" is beyond every lower limit.
//
// Behaviour follows what is public of IEC 60601-1-8; no conformance is claimed.
// Limits: NEWS2 (Royal College of Physicians, 2017) for adults, the National PEWS
// observation bands (NHS England, SPOT) for children.
package alarm
