//go:build !linux

package link

import "context"

// watchAddresses signals changed at each change of the machine's addresses until
// ctx ends.
func watchAddresses(ctx context.Context, changed chan<- struct{}) { pollAddresses(ctx, changed) }
