// Package clinic is the screens of a pop-up clinic: who waits, in which order, and
// one patient's visit. It stands on the ambulance's screens: the same frame, alarms,
// monitor, drugs, sorts and record; only the first page is another. Nothing here
// opens a store or a port, and nothing is called recorded before the station has.
//
// # Queue
//
// Who waits, the most urgent first and of two equal ones who waited longer. Who has
// not been sorted stands right behind the immediate: unknown never lowers an
// urgency.
//
// # Note
//
// What was asked, found, judged and planned, by taps on a site's own words: yes, no and
// not asked are three things. It waits at the screen, apart for each person, until it is
// recorded as a whole in one commit, and the screen says that it waits; a window that
// ends forgets what was not recorded.
//
// # Visit
//
// One patient's page: what is known, what to do next, what is in doubt and waits for a
// person, which other records are of the same person, and the way back.
package clinic
