package hl7_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fieldkit/devices/drivertest"
	"fieldkit/devices/hl7"
	"fieldkit/triage/vital"
)

// ofBed is a framed message with one heart rate, from a gateway's bed.
func ofBed(id int, bed string, rate int) string {
	return fmt.Sprintf("\x0bMSH|^~\\&|GATEWAY^00A037FFFE000001^EUI-64|Mindray|||20260101120000||ORU^R01^ORU_R01|%d|P|2.6|||NE|AL\r", id) + group(bed, rate) + "\x1c\r"
}

func group(bed string, rate int) string {
	return fmt.Sprintf("PID|||\rPV1||I|%s\rOBR|1||||||20260101120000\rOBX|1|NM|147842^X^MDC|1|%d|264864^X^MDC|||||R\r", bed, rate)
}

func TestTwoBedsOnOneConnectionAreNeverOnePatient(t *testing.T) {
	got := &drivertest.Events{}
	s := hl7.Driver{}.Open(false)
	for i := range 10 {
		now := vital.Instant(i+1) * vital.Instant(time.Second)
		s.Receive(now, []byte(ofBed(2*i, "ICU^1^BED1", 60)+ofBed(2*i+1, "ICU^1^BED2", 140)), got)
	}
	if len(got.Readings) != 10 || strings.Contains(what(got), "140") {
		t.Errorf("%s; want bed 1's heart rate alone", what(got))
	}
	if n := strings.Count(strings.Join(got.Lines, "\n"), "other beds on this connection are not read"); n != 1 {
		t.Errorf("it is said %d times that other beds are not read", n)
	}
	if !strings.Contains(got.Lines[0], "Serial:00A037FFFE000001 bed ICU 1 BED1") {
		t.Errorf("%s; the bed belongs to the instrument's name", got.Lines[0])
	}
	// Both are acknowledged: the gateway must not stop.
	send, _ := s.Poll(1, got)
	if n := strings.Count(string(send), "MSA|AA|"); n != 20 {
		t.Errorf("%d of 20 messages are acknowledged", n)
	}
	// Two patients in one message are two patients too.
	before := len(got.Readings)
	s.Receive(vital.Instant(11*time.Second), []byte("\x0bMSH|^~\\&|GATEWAY||||20260101120000||ORU^R01^ORU_R01|99|P|2.6\r"+group("ICU^1^BED2", 141)+group("ICU^1^BED1", 61)+group("", 142)+"\x1c\r"), got)
	if rest := got.Readings[before:]; len(rest) != 1 || rest[0].String() != "61 /min" {
		t.Errorf("%v; want 61 of bed 1 alone", rest)
	}
	// A monitor that was moved to another bed is read again, as another.
	before = len(got.Readings)
	s.Receive(vital.Instant(10*time.Minute), []byte(ofBed(100, "ICU^1^BED2", 142)), got)
	if rest := got.Readings[before:]; len(rest) != 1 || !strings.Contains(got.Lines[len(got.Lines)-2], "bed ICU 1 BED2") {
		t.Errorf("%v %v", rest, got.Lines[len(got.Lines)-2:])
	}
}

// Some monitors name their bed with results and not with alerts, or only later.
func TestAMessageWithoutAPlaceIsOfTheOnlyBed(t *testing.T) {
	placeless := strings.Replace(ofBed(2, "", 130), "PV1||I|\r", "", 1)
	for story, c := range map[string]struct {
		said []string
		want int
	}{
		"after the bed was named":      {[]string{ofBed(1, "ICU^1^BED1", 60), placeless, ofBed(3, "ICU^1^BED1", 61)}, 3},
		"before the bed was named":     {[]string{placeless, ofBed(3, "ICU^1^BED1", 61)}, 2},
		"where two beds were heard":    {[]string{ofBed(1, "ICU^1^BED1", 60), ofBed(4, "ICU^1^BED2", 90), placeless}, 1},
		"where no bed is named at all": {[]string{placeless, strings.Replace(placeless, "|2|P|", "|5|P|", 1)}, 2},
	} {
		got := &drivertest.Events{}
		s := hl7.Driver{}.Open(false)
		for i, m := range c.said {
			s.Receive(vital.Instant(i+1)*vital.Instant(time.Second), []byte(m), got)
		}
		if len(got.Readings) != c.want {
			t.Errorf("%s: %s", story, what(got))
		}
	}
}

func TestWhatIsNotReadIsNotSaidToBeKept(t *testing.T) {
	for _, c := range []struct{ kind, mode, want string }{
		{"ADT^A01^ADT_A01", "", "||ACK^A01^ACK|77|T|2.4\rMSA|AR|77"},
		{"ADT^A01^ADT_A01", "|||AL|NE", "MSA|CR|77"},
		{"ADT^A01^ADT_A01", "|||ER|ER", "MSA|CR|77"},
		{"ORU^R01^ORU_R01", "|||ER|ER", ""},
		{"ORU^R01^ORU_R01", "|||SU|NE", "MSA|CA|77"},
		{"ORU^R40^ORU_R40", "", "||ACK^R40^ACK|77|T|2.4\rMSA|AA|77"},
	} {
		s := hl7.Driver{}.Open(false)
		s.Receive(1, []byte("\x0bMSH|^~\\&|MON^1^EUI-64|MAKE|||20260101120000||"+c.kind+"|77|T|2.4"+c.mode+"\r\x1c\r"), drivertest.Nothing{})
		send, _ := s.Poll(1, drivertest.Nothing{})
		if got := string(send); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s %q is answered %q, want %q", c.kind, c.mode, got, c.want)
		}
	}
}

func TestWhoSends(t *testing.T) {
	for _, c := range []struct {
		first, who string
		more       bool
	}{
		{"\x0bMSH|^~\\&|VSP^080019FFFE1443EC^EUI-64|GE Healthcare|||2023", "GE Healthcare VSP 080019FFFE1443EC EUI-64", false},
		{"MSH|^~\\&|MINDRAY_VS900^00A0370098007A80^EUI-64||||2019", "MINDRAY_VS900 00A0370098007A80 EUI-64", false},
		{"\x0bMSH|^~\\&||||", "unnamed", false},
		{"\x0bMSH|^~\\&|A\x00\xffB|C\nD|", "C D A B", false},
		{"\x0bMSH|^~\\&|VSP^0800", "", true},
		{"\x0b", "", true},
		{"", "", true},
		{"\x0bMSH|^~\\&|VSP\rPID", "", false},
		{"GET / HTTP/1.1\r\n", "", false},
		{"\x16\x03\x01", "", false},
	} {
		if who, more := hl7.Sender([]byte(c.first)); who != c.who || more != c.more {
			t.Errorf("%q: %q %v, want %q %v", c.first, who, more, c.who, c.more)
		}
	}
}
