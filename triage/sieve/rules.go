package sieve

// Rules are the sorts, in the order they are listed. It is never changed at run
// time.
var Rules = []Rule{start, jumpstart, salt, tst, mptt24, mitt, usft2021}
