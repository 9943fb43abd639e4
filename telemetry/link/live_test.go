package link

import (
	"testing"
	"time"
)

func TestFramesReachTheHospitalOverRTP(t *testing.T) {
	s := newStreet(t, nil)
	s.drive(1, 40, 120, 20*time.Millisecond)
	until(t, 5*time.Second, "all frames", func() bool { return s.ward.count() == 40 })
	if got := s.vehicle.State(); got.Phase != Live || got.Lane != Direct {
		t.Errorf("the vehicle says %v", got)
	}
	if s.ward.twice > 0 {
		t.Errorf("%d frames were handed on twice", s.ward.twice)
	}
}
