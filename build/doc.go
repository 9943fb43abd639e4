// Package build holds what keeps the house in order: the two commands of the
// README (run, test), the test of the import rules, and the trials and
// benchmarks that need several stations. Nothing imports it.
package build
