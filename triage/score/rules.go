package score

// Rules are the scores, in the order they are listed. It is never changed at run
// time.
var Rules = []Rule{
	news2, news, mews, npews,
	gcs, pgcs, rts, trts, mgap, gap,
	qsofa, sirs, shockIndex, sipa,
	cpss, befast, lams, race, fasted, cstat,
	apgar, tews, pain, parkland, weight,
}
