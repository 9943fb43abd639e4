//go:build !race

package devices_test

const replugRounds = 100
