package command

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/nonin"
	"fieldkit/devices/serialport"
	"fieldkit/triage/vital"
)

// plugIn is a Nonin on a pty, until the test ends.
func plugIn(t *testing.T) (port string) {
	t.Helper()
	pty, err := serialport.OpenPty()
	if err != nil {
		t.Skipf("no pty: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var speaking sync.WaitGroup
	speaking.Go(func() {
		_ = devices.Simulate(ctx, nonin.NewSimulator(nonin.DF7), drivertest.Body{}, pty, clockFromNow()) // it ends with the test
	})
	t.Cleanup(func() { stop(); speaking.Wait() })
	return pty.Name
}

func TestPortsSaysWhoIsThere(t *testing.T) {
	port := plugIn(t)
	out, errs, code := run(t, "", "ports", "--data", t.TempDir(), "--port", port, "--json")
	var rows []portRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil || code != 0 || len(rows) != 1 {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	if r := rows[0]; r.Port != port || r.Driver != "nonin" || r.Sure < int(devices.Sure) || r.Line != "9600 8N1" || r.Proven {
		t.Errorf("%+v, want an unproven Nonin on 9600 8N1", r)
	}
	out, _, _ = run(t, "", "ports", "--data", t.TempDir(), "--port", port)
	if !strings.Contains(out, "(nonin, unproven) at 9600 8N1") {
		t.Errorf("%s", out)
	}
}

// runFor runs a command that ends only when it is interrupted.
func runFor(t *testing.T, d time.Duration, args ...string) (out string, code int) {
	t.Helper()
	var o, e strings.Builder
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	s := &session{program: "fieldkitd", in: strings.NewReader(""), out: &o, err: &e}
	code = s.run(ctx, args)
	return o.String() + e.String(), code
}

const aReading = `"sign":"SpO2","mdc":150456,"value":97,"unit":"%","state":"measured"`

func TestCaptureAndReplay(t *testing.T) {
	port, file := plugIn(t), filepath.Join(t.TempDir(), "nonin.fkrec")
	if out, code := runFor(t, 3*time.Second, "capture", port, file); code != 0 || !strings.Contains(out, "readings were understood") {
		t.Fatalf("code %d, %s", code, out)
	}
	if out, errs, code := run(t, "", "decode", "--driver", "nonin", file); code != 0 || !strings.Contains(out, aReading) {
		t.Errorf("decode of a recording: code %d, %s", code, errs)
	}
	if out, code := runFor(t, 20*time.Second, "replay", file, "--speed", "2"); code != 0 || !strings.Contains(out, aReading) {
		t.Errorf("replay: code %d, %.300s", code, out)
	}
	if out, code := runFor(t, 3*time.Second, "capture", port, file, "--line", "9600 8N1"); code == 0 {
		t.Errorf("a recording was written over: %s", out)
	}
	if out, code := runFor(t, time.Second, "capture", port, file+"2", "--line", "9600 8N1"); code != 0 || !strings.Contains(out, "recorded") || strings.Contains(out, "recorded 0 bytes") {
		t.Errorf("capture on a known line: code %d, %s", code, out)
	}
}

func TestListenPrintsLinesWhereThereIsNoTerminal(t *testing.T) {
	port := plugIn(t)
	out, code := runFor(t, 3*time.Second, "listen", "--port", port, "--driver", "nonin")
	if code != 0 || !strings.Contains(out, `{"port":"`+port+`","t":"",`+aReading) {
		t.Errorf("code %d, %.300s", code, out)
	}
}

func TestTheTableShowsAgeAndReason(t *testing.T) {
	tab := &table{rows: map[tableKey]vital.Reading{}, alarms: map[alarmKey]devices.Alarm{}}
	from := devices.PortInfo{Name: "/dev/ttyUSB0"}
	now := vital.Instant(time.Minute)
	give := func(r vital.Reading, ago time.Duration) {
		r.Arrived = now.Add(-ago)
		tab.Reading(from, r)
	}
	give(vital.Of(vital.SpO2, vital.Int(97)), time.Second)
	give(vital.Of(vital.HeartRate, vital.Int(72)), 11*time.Second)
	give(vital.None(vital.EtCO2, vital.ProbeOff), 0)
	cuff := vital.Of(vital.NIBPSys, vital.Int(121))
	cuff.Aperiodic, cuff.MonitorTime = true, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	give(cuff, 30*time.Second)
	tab.Alarm(from, devices.Alarm{Text: "low battery", Priority: devices.Low})
	tab.Alarm(from, devices.Alarm{Text: "over"})
	tab.Alarm(from, devices.Alarm{Text: "over", Ended: true})
	var b strings.Builder
	tab.draw(&b, []devices.PortStatus{{Port: from, Words: "monitor speaking", Driver: "nonin", Monitor: vital.Provenance{Make: "Nonin"}}}, now)
	for _, want := range []string{"97 %", "probe off", "measured 2026-11-22 12:00:00", "! low battery low", "nonin, unproven"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	for _, never := range []string{"72", "! over"} {
		if strings.Contains(b.String(), never) {
			t.Errorf("%q in\n%s", never, b.String())
		}
	}
}
