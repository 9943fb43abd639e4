package link

import (
	"testing"
	"time"
)

// What a relay names is the relay's word. One that is wrong or hostile must not keep the
// vehicles away that need no relay.
func TestARelayThatNamesNonsenseKeepsNobodyFromTheHospital(t *testing.T) {
	for _, named := range []ICEServer{
		{URL: "nonsense"}, {URL: "turn:127.0.0.1:9"}, {URL: "turn:", Username: "a", Credential: "b"}, {},
	} {
		t.Run(named.URL, func(t *testing.T) {
			s := newStreet(t, func(_ *VehicleConfig, h *HospitalConfig) {
				h.Relays = func() []ICEServer { return []ICEServer{named} }
			})
			s.drive(1, 10, 120, 20*time.Millisecond)
			until(t, "the frames", func() bool { return s.ward.count() == 10 })
			until(t, "the direct way", func() bool { return s.vehicle.State().Lane == Direct })
		})
	}
}
