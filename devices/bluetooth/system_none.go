//go:build !bluetooth

package bluetooth

// System is the machine's radio; this program was built without.
func System() (Radio, error) { return nil, ErrNotBuilt }
