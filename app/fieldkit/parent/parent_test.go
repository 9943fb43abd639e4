//go:build unix

package parent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asWindow names what the test program does when a parent of the tests starts it.
const asWindow = "FIELDKIT_TEST_WINDOW"

func TestMain(m *testing.M) {
	if how := os.Getenv(asWindow); how != "" && Supervised() {
		os.Exit(window(how))
	}
	os.Exit(m.Run())
}

// name is a patient's, planted wherever a crash could tell it.
const name = "Quirina Okonkwo-Test"

// secret is a session's token, planted too.
const secret = "TOKENOFASESSION"

// A place is what the tests' windows keep.
type place struct {
	Token   string `json:"token"`
	Patient string `json:"patient"`
	Runs    int    `json:"runs"`
}

// kin is an error that holds a name.
type kin struct{ of string }

func (k kin) Error() string { return "no such kin of " + k.of }

// ways are how a window ends, and what the report may call it.
var ways = map[string]struct {
	end  func(patient string, bed []string)
	what string
}{
	"text": {func(p string, _ []string) {
		panic("no bed for " + p + "\ngoroutine 1 [" + p + "]:\n" + p + "(0x1)\n\t" + p + ".go:1 pc=0x1\n")
	}, "panic with a value of type string"},
	"error":   {func(p string, _ []string) { panic(fmt.Errorf("read %s: %w", p, kin{p})) }, "panic with a value of type *fmt.wrapError"},
	"struct":  {func(p string, _ []string) { panic(kin{p}) }, "panic with a value of type parent.kin"},
	"runtime": {func(p string, bed []string) { fmt.Println(bed[len(p)]) }, "runtime error: index out of range"},
	"nil":     {func(p string, _ []string) { var b *place; b.Patient = p }, "runtime error: invalid memory address or nil pointer dereference"},
	"elsewhere": {func(p string, _ []string) { // where nobody guards
		go panic(errors.New(p))
		select {}
	}, "panic"},
	"partial": {func(p string, _ []string) { fmt.Fprint(os.Stderr, "a driver speaks"); panic(p) }, "panic with a value of type string"},
	"killed": {func(string, []string) {
		p, _ := os.FindProcess(os.Getpid())
		p.Kill()
		select {}
	}, "ended by signal: killed"},
	"aborted": {func(string, []string) { syscall.Kill(os.Getpid(), syscall.SIGABRT); select {} }, "SIGABRT: abort"},
}

// window is the tests' window: it crashes twice in a way and then is closed.
func window(how string) int {
	w, err := Join()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer w.Guard()
	var p place
	if w.Kept(&p) && (p.Patient != name || p.Token != secret) {
		return 9
	}
	p = place{Token: secret, Patient: name, Runs: p.Runs + 1}
	w.Keep(p)
	if n, _ := w.Crashes(); n > 0 {
		if p.Runs < 6 {
			return TryAgain
		}
		return 0
	}
	fmt.Fprintln(os.Stderr, "window", p.Runs)
	if how == "closed" || how == "refused" {
		return map[string]int{"closed": 0, "refused": 1}[how]
	}
	if how == "always" {
		ways["text"].end(name, nil)
	}
	if p.Runs < 3 {
		ways[how].end(name, nil)
	}
	return 0
}

// start runs a parent whose windows end in that way.
func start(t *testing.T, how string) (code int, said, dir string) {
	t.Helper()
	t.Setenv(asWindow, how)
	program, err := Program()
	if err != nil {
		t.Fatal(err)
	}
	var words bytes.Buffer
	dir = t.TempDir()
	p := &Parent{Program: program, Dir: dir, Version: "1.2.3", Say: &words, Within: time.Hour}
	if how != "always" {
		p.Within = -1 // never too many
	}
	return p.Run(context.Background()), words.String(), dir
}

func reports(t *testing.T, dir string) (texts []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b))
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v: others may read it", f, info.Mode(), err)
		}
	}
	return texts
}

func TestAWindowThatCrashesComesBackToTheSamePatientAndItsReportNamesNobody(t *testing.T) {
	for how, way := range ways {
		t.Run(how, func(t *testing.T) {
			code, said, dir := start(t, how)
			if code != 0 || !strings.Contains(said, "window 1\n") || !strings.Contains(said, "window 3\n") {
				t.Fatalf("ended with %d and said\n%s", code, said)
			}
			texts := reports(t, dir)
			if len(texts) != 2 {
				t.Fatalf("two crashes left %d reports", len(texts))
			}
			for _, text := range append(texts, said) {
				for _, part := range append(strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' })[:2], secret) {
					if strings.Contains(text, part) {
						t.Errorf("%q is told:\n%s", part, text)
					}
				}
			}
			text := texts[0]
			if !strings.Contains(text, "\nfailure  "+way.what+"\n") || !strings.Contains(text, "version  1.2.3, "+runtime.Version()) {
				t.Errorf("want %q in\n%s", way.what, text)
			}
			if how != "killed" && how != "elsewhere" && how != "aborted" && !strings.Contains(text, "fieldkit/app/fieldkit/parent.window  parent_test.go:") {
				t.Errorf("the report does not say where in the program:\n%s", text)
			}
			if how == "aborted" && !strings.Contains(text, "where it failed") {
				t.Errorf("the report holds no stack:\n%s", text)
			}
			if strings.Contains(text, "0x") {
				t.Errorf("the report tells values:\n%s", text)
			}
		})
	}
}

func TestAWindowThatIsClosedOrRefusesIsNotStartedAgain(t *testing.T) {
	for how, want := range map[string]int{"closed": 0, "refused": 1} {
		if code, said, dir := start(t, how); code != want || said != "window 1\n" || len(reports(t, dir)) != 0 {
			t.Errorf("%s: ended with %d, %d reports, and said %q", how, code, len(reports(t, dir)), said)
		}
	}
}

// A window that crashes at its start would blink for ever.
func TestAfterThreeCrashesAPersonIsAsked(t *testing.T) {
	code, said, dir := start(t, "always")
	// Windows 1 to 3 crash, the fourth asks and is told to try again, 5 to 7 crash, the
	// eighth is closed.
	for _, n := range []string{"window 3\n", "window 5\n", "window 7\n", "failed 3 times"} {
		if !strings.Contains(said, n) {
			t.Errorf("%q is not said:\n%s", n, said)
		}
	}
	if strings.Contains(said, "window 4\n") || strings.Contains(said, "window 8\n") || code != 1 {
		t.Errorf("ended with %d and said\n%s", code, said)
	}
	if got := len(reports(t, dir)); got != reportsMost {
		t.Errorf("six crashes left %d reports, want the last %d", got, reportsMost)
	}
}

func TestCrashesAreTooManyOnlyCloseTogether(t *testing.T) {
	at := func(seconds ...int) (out []time.Time) {
		for _, s := range seconds {
			out = append(out, time.Unix(int64(s), 0))
		}
		return out
	}
	for _, c := range []struct {
		crashes []time.Time
		want    bool
	}{
		{nil, false}, {at(0, 1), false}, {at(0, 30, 60), true}, {at(0, 30, 61), false}, {at(0, 59, 100, 110), true}, {at(0, 1, 2, 100), false},
	} {
		if got := tooMany(c.crashes, time.Minute); got != c.want {
			t.Errorf("%v is too many: %v", c.crashes, got)
		}
	}
}

// The words of a panic may look like anything, also like a trace.
func TestOfACrashsWordsOnlyCountersAreRead(t *testing.T) {
	words := []byte("panic: " + name + "\n\tgoroutine 7 [" + name + "]:\n\ngoroutine 1 gp=0xc000002380 m=0 mp=0x5 [running]:\n" +
		name + "(0x4a, {0xc00001, 0x5})\n\t/home/" + name + "/x.go:7 +0x1d fp=0x1 sp=0x2 pc=" + fmt.Sprintf("%#x", landmark()+4) + "\n\nexit status 2\n")
	got := stacks(words, landmark())
	if len(got) != 1 || len(got[0]) != 1 || !strings.HasPrefix(got[0][0], "fieldkit/app/fieldkit/parent.landmark  trace.go:") {
		t.Errorf("read %q", got)
	}
	if got := stacks(words, landmark()+1<<20); len(got) != 0 && strings.Contains(strings.Join(got[0], ""), name) {
		t.Errorf("of another program: %q", got)
	}
}

func TestWordsThatOnlyBeginLikeTheRuntimesAreNoClass(t *testing.T) {
	for words, want := range map[string]string{
		"panic: runtime error: index out of range [5] with length 3\n\n": "runtime error: index out of range",
		"panic: runtime error: index out of rangers " + name + "\n":      "",
		"panic: " + name + "\n":                                                             "",
		"fatal error: all goroutines are asleep - deadlock!\n":                              "all goroutines are asleep - deadlock!",
		"SIGSEGV: segmentation violation\nPC=0x0 m=0 sigcode=1\n":                           "SIGSEGV: segmentation violation",
		"panic: interface conversion: interface {} is string, not int [recovered]\n\tpanic": "interface conversion",
	} {
		if got := class([]byte(words)); got != want {
			t.Errorf("%q is of class %q, want %q", words, got, want)
		}
	}
}

func FuzzLastWordsTellNothing(f *testing.F) {
	f.Add([]byte("panic: x\n\ngoroutine 1 [running]:\nmain.f(0x1)\n\tx.go:1 +0x1 pc=0x4a\n"))
	f.Add([]byte("SIGSEGV\n\tpc=0xffffffffffffffff\ngoroutine \n\tpc=0xffffffffffffffff\n"))
	f.Fuzz(func(t *testing.T, words []byte) {
		for _, s := range stacks(words, landmark()) {
			for _, place := range s {
				if at := strings.LastIndex(place, "  "); at < 0 || !strings.Contains(place[at:], ":") {
					t.Errorf("a place reads %q", place)
				}
			}
		}
		if c := class(words); c != "" && !slices.Contains(classes[:], c) {
			t.Errorf("class %q", c)
		}
		var to bytes.Buffer
		s := &said{to: &to}
		if _, err := s.Write(words); err != nil {
			t.Fatal(err)
		}
	})
}
