package parcel

import "fieldkit/sync/identity"

// BoxBytes is a device's X25519 key as bytes.
func BoxBytes(k identity.Key) ([]byte, error) {
	p, err := boxOf(k)
	if err != nil {
		return nil, err
	}
	return p.Bytes(), nil
}
