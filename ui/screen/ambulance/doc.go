// Package ambulance is the screens a crew holds in a moving vehicle: the monitor,
// the event pad, drugs, vitals by hand, the mass-casualty card, scores, handover,
// trends, strips, a resuscitation's timer, charting late, the body map of injuries, decisions, handing a patient to
// another vehicle, a run's end, the board of all casualties, the patients of the
// vehicle, what is in doubt, corrections, the check of a shift, link and devices. It
// speaks to a station through ui.Desk and to a person through ui/widget. Screens are
// pages: nothing scrolls, and nothing but a tap leads from one to the next.
//
// What is recorded is recorded for the patient whose page was opened. When another
// patient has come on screen meanwhile, nothing is recorded and the screen says so.
//
// The screens never end, start or unlock a station, never show a value without its
// age, and never call an entry recorded before the station has.
package ambulance
