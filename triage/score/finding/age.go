package finding

import (
	"errors"
	"time"

	"fieldkit/triage/vital"
)

// ErrAge reports a birth after the day asked about, or longer ago than anyone
// lives.
var ErrAge = errors.New("not a possible date of birth")

// Age is the completed years and the completed months of life on a day, by the
// calendar: the birthday itself counts. Who is born on 29 February has the birthday
// on 1 March in other years; a month is completed on its day of birth, or on the
// first of the next month where the month is too short. Only the dates count, as
// they stand in their own places: a date has no time of day.
func Age(born, on time.Time) (years, months int, err error) {
	y, m, d := born.Date()
	ty, tm, td := on.Date()
	months = (ty-y)*12 + int(tm) - int(m)
	if td < d {
		months-- // a too short month ends before the day of birth comes
	}
	if months < 0 || months/12 > 130 {
		return 0, 0, ErrAge
	}
	return months / 12, months, nil
}

// PutAge adds the age on a day of one born on another.
func (s *Set) PutAge(born, on time.Time) error {
	_, months, err := Age(born, on)
	if err != nil {
		return err
	}
	delete(s.of, AgeYears)
	return s.Put(AgeMonths, Value{Number: vital.Int(int64(months))})
}
