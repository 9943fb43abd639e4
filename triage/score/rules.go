package score

// Rules are the scores, in the order they are listed. It is never changed at run
// time.
var Rules = []Rule{
	news2,
}
