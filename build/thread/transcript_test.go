package thread

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the transcript anew")

// volatile is what differs from run to run. Ids are replaced by their kind and the
// order in which they were first seen, so that equal ones stay equal; of places and
// times, whose order and equality are luck, the kind alone is left.
var volatile = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{"uuid", regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)},
	{"hex", regexp.MustCompile(`\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{8}…`)},
	{"time", regexp.MustCompile(`\b20[0-9]{2}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}[0-9.]*(Z|[+-][0-9]{2}:[0-9]{2})?`)},
	{"mono", regexp.MustCompile(`"mono_ms":[0-9]+`)},
	{"key", regexp.MustCompile(`\b([0-9A-Z]{8}-){6}[0-9A-Z]{8}\b`)},
	{"words", regexp.MustCompile(`\b([a-z]{5} ){16}[a-z]{5}\b`)},
	{"six words", regexp.MustCompile(`\b([a-z]{5} ){5}[a-z]{5}\b`)},
	{"ticket", tickets},
	{"disk", regexp.MustCompile(`[0-9.]+ GB free of [0-9]+`)},
	{"ports", regexp.MustCompile(`[0-9]+ found`)},
	{"keyring", regexp.MustCompile(`there is (none|one)[^\n"]*`)},
}

var tickets = regexp.MustCompile(`\bFKVISIT1-[0-9A-Z]+`)

func normalise(text string) string {
	for _, v := range volatile {
		seen := map[string]string{}
		text = v.pattern.ReplaceAllStringFunc(text, func(found string) string {
			if v.kind == "time" || v.kind == "hex" {
				return "<" + v.kind + ">"
			}
			if seen[found] == "" {
				seen[found] = fmt.Sprintf("<%s %d>", v.kind, len(seen)+1)
			}
			return seen[found]
		})
	}
	return text
}

// TestTheTranscriptOfEveryCommand runs each command as a real process and compares
// what it prints with testdata/transcript.txt, which a person has read.
func TestTheTranscriptOfEveryCommand(t *testing.T) {
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	passphrase, fresh := write("passphrase", "five words for one test"), write("fresh", "six quite other words this time")
	data := filepath.Join(dir, "a")
	var said bytes.Buffer
	encounter := ""
	run := func(input string, args ...string) string {
		t.Helper()
		for i, a := range args {
			args[i] = strings.ReplaceAll(a, "ENCOUNTER", encounter)
		}
		cmd := exec.Command(path, append(args, "--data", data, "--passphrase-file", passphrase)...)
		cmd.Stdin = strings.NewReader(input)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		fmt.Fprintf(&said, "$ fieldkitd %s\n", strings.Join(args, " "))
		if input != "" {
			fmt.Fprintf(&said, "< %s\n", input)
		}
		fmt.Fprint(&said, stdout.String(), stderr.String())
		if err != nil {
			fmt.Fprintf(&said, "(%v)\n", err)
		}
		fmt.Fprintln(&said)
		return stdout.String()
	}
	run("", "version")
	run("", "init", "--call-sign", "AMB-7", "--team", "Valley")
	out := run(`{"setting":"ambulance","complaint":"chest pain"}`, "record", "encounter-opened", "--json")
	encounter = volatile[0].pattern.FindString(out)
	run(`{"who":{"label":"tag 0417","sex":"male","age":"64 a"}}`, "record", "patient-registered", "--encounter", "ENCOUNTER")
	run(`{"text":"found sitting"}`, "record", "note", "--encounter", "ENCOUNTER")
	run(`{"text":""}`, "record", "note", "--encounter", "ENCOUNTER")
	run("", "patients")
	run("", "show", "ENCOUNTER")
	run("", "verify")
	run("", "doctor")
	run("", "state")
	run("", "team", "roster")
	run("", "backup", filepath.Join(dir, "backup"))

	// A helicopter of another service is shown the patient.
	valley := data
	data = filepath.Join(dir, "heli")
	run("", "init", "--call-sign", "HELI-7", "--team", "Sky Rescue")
	key := strings.TrimSpace(run("", "identity"))
	data = valley
	ticket := run("", "share", "ENCOUNTER", key, "--name", "Helicopter 7", "--until", "6h", "--at", "127.0.0.1:7700", "--qr", filepath.Join(dir, "ticket.png"))
	run("", "share", "ENCOUNTER", "no key")
	run("", "share", "ENCOUNTER", key, "--until", "200h")
	data = filepath.Join(dir, "heli")
	run("", "visit", "no ticket")
	run("", "visit", filepath.Join(dir, "ticket.png"))
	run("", "visits")
	run("", "visits", "--end", "ENCOUNTER")
	run("", "visits", "--end", "ENCOUNTER", "--remove")
	run("", "visits")
	data = valley
	run("", "visit", tickets.FindString(ticket))
	run("", "unshare", "ENCOUNTER", key)
	run("", "unshare", "ENCOUNTER", key)
	run("", "passwd", "--new-passphrase-file", fresh)
	run("", "patients")
	passphrase = fresh
	run("", "erase", "ENCOUNTER", "--reason", "asked for")
	run("", "show", "ENCOUNTER")
	data, passphrase = filepath.Join(dir, "b"), filepath.Join(dir, "passphrase")
	run("", "restore", filepath.Join(dir, "backup"), "--call-sign", "AMB-7")
	run("", "patients")

	got := strings.ReplaceAll(normalise(said.String()), dir, "DIR")
	golden := filepath.Join("testdata", "transcript.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		wants := strings.Split(string(want), "\n")
		for i, line := range strings.Split(got, "\n") {
			if i >= len(wants) || line != wants[i] {
				t.Fatalf("line %d of the transcript is\n  %s\nand was read as\n  %s\n(-update writes it anew; read what changed)", i+1, line, wants[min(i, len(wants)-1)])
			}
		}
		t.Fatal("the transcript is shorter than the one that was read")
	}
}
