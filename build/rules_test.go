package build

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "fieldkit"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath   string
	Name         string
	Doc          string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
	GoFiles      []string
	CgoFiles     []string
	ForTest      string
}

// ours is every package of the module.
func ours(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Name,Doc,Standard,Imports,TestImports,XTestImports,GoFiles,CgoFiles,ForTest", "./...")
	cmd.Dir = ".."
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var found []pkg
	for dec := json.NewDecoder(out); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		if strings.HasPrefix(p.ImportPath, module+"/") {
			p.ImportPath = strings.TrimPrefix(p.ImportPath, module+"/")
			found = append(found, p)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("go list: %v", err)
	}
	if len(found) < 5 {
		t.Fatalf("go list found only %d packages of ours", len(found))
	}
	return found
}

func within(path string, rooms ...string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool {
		return path == room || strings.HasPrefix(path, room+"/")
	})
}

// allowed says which of our packages each room may import. The first row whose
// room holds the package is the one that counts. Everything may import triage/**
// except triage/** itself outside its own row.
var allowed = []struct {
	room string
	may  []string
	why  string
}{
	{"triage", []string{"triage"}, "the clinical core is pure"},
	{"telemetry/wave", []string{"triage"}, "the frame codec is pure"},
	{"telemetry/gateway", []string{"triage", "telemetry/wave", "telemetry/link"}, "the gateway is handed the page and the recorder"},
	{"telemetry", []string{"triage", "telemetry"}, "siblings meet in app/kit"},
	{"devices/drivertest", []string{"triage", "devices", "build/foreign"}, "the drivers' common tests read foreign bytes"},
	{"sync/journal", []string{"triage"}, "the journal stands below the rest of sync"},
	{"sync/identity", []string{"triage", "sync/journal"}, "identity reads the team log"},
	{"sync/exchange", []string{"triage", "sync/journal", "sync/identity"}, "exchange carries both"},
	{"sync/mesh", []string{"triage", "sync/journal", "sync/identity", "sync/exchange"}, "mesh finds whom to exchange with"},
	{"sync/parcel", []string{"triage", "sync/journal", "sync/identity", "sync/exchange"}, "a parcel is an exchange in a file"},
	{"sync/meshtest", []string{"triage", "sync"}, "meshtest simulates all of sync"},
	{"ui", []string{"triage", "ui"}, "screens speak only triage and standard types"},
	{"app/store", []string{"triage", "sync/journal", "sync/identity", "app/store"}, "the store keeps what the journal made"},
	{"app/api", []string{"triage", "telemetry/wave", "app/api"}, "the API needs neither journal nor store"},
	{"app/export", []string{"triage", "app/export"}, "exports are pure"},
	{"app/kit", []string{"triage", "devices", "sync", "telemetry", "ui/board", "app/store", "app/api", "app/export"}, "the kit is where siblings meet"},
	{"app/command", []string{"triage", "devices", "sync", "telemetry", "app/store", "app/api", "app/export", "app/kit"}, "commands drive the kit"},
	{"app/fieldkitd", []string{"app/command"}, "main only calls the commands"},
	{"app/fieldkit/parent", nil, "what keeps the window alive knows no station"},
	{"app/fieldkit/browser", nil, "it is handed an address"},
	{"app/fieldkit", []string{"app/command", "app/fieldkit", "app/api", "ui", "triage", "telemetry/wave"}, "the window is a face that reads live frames"},
	{"app/demo", []string{"app", "triage", "devices", "sync", "telemetry", "ui", "build"}, "the demonstration may import anything"},
	{"build", []string{"app", "triage", "devices", "sync", "telemetry", "ui", "build"}, "trials may import anything"},
}

// doors says which packages may import a third-party library outside tests. The
// longest matching prefix counts. golang.org/x/ is free.
var doors = map[string][]string{
	"modernc.org/sqlite":                  {"app/store"},
	"github.com/hashicorp/":               {"sync/mesh"},
	"fyne.io/fyne/v2":                     {"ui", "app/fieldkit"},
	"fyne.io/fyne/v2/app":                 {"app/fieldkit"},
	"github.com/pion/":                    {"telemetry/link"},
	"go.bug.st/serial":                    {"devices/serialport"},
	"tinygo.org/x/bluetooth":              {"devices/bluetooth"},
	"github.com/coder/websocket":          {"app/api", "telemetry/link", "telemetry/gateway"},
	"github.com/fxamacker/cbor/v2":        {"sync/journal", "sync/exchange", "sync/identity", "sync/parcel"},
	"github.com/klauspost/compress":       {"sync/exchange"},
	"github.com/spf13/cobra":              {"app/command"},
	"github.com/prometheus/client_golang": {"telemetry/gateway"},
	"github.com/vishvananda/netlink":      {"telemetry/link"},
	"github.com/zalando/go-keyring":       {"app/store"},
	"github.com/creack/pty":               {"devices/serialport"},
	"github.com/google/uuid":              {"app/kit"},
	"rsc.io/qr":                           {"ui", "app/command"},
	"github.com/eclipse/paho.mqtt.golang": {"build/bench/live"}, // the peer
	"github.com/makiuchi-d/gozxing":       {"app/command"},
}

func TestImportRules(t *testing.T) {
	packages := ours(t)
	for _, p := range packages {
		row := -1
		for i, a := range allowed {
			if within(p.ImportPath, a.room) {
				row = i
				break
			}
		}
		if row < 0 && !within(p.ImportPath, "devices") {
			t.Errorf("%s: no rule names this room; add it to the plan first", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if path, own := strings.CutPrefix(imported, module+"/"); own {
				if within(p.ImportPath, "devices") && row < 0 {
					checkDevices(t, p.ImportPath, path)
				} else if !within(path, allowed[row].may...) {
					t.Errorf("%s imports %s, but %s", p.ImportPath, path, allowed[row].why)
				}
				continue
			}
			checkDoor(t, p.ImportPath, imported)
		}
	}
}

// checkDevices holds a protocol's folder to triage and the package devices, never
// another protocol.
func checkDevices(t *testing.T, from, to string) {
	t.Helper()
	if !within(to, "triage") && to != "devices" && !within(to, from) {
		t.Errorf("%s imports %s, but a protocol's folder imports only triage and devices, never another protocol", from, to)
	}
}

func checkDoor(t *testing.T, from, imported string) {
	t.Helper()
	if !strings.Contains(strings.Split(imported, "/")[0], ".") || strings.HasPrefix(imported, "golang.org/x/") {
		if strings.HasPrefix(imported, "golang.org/x/") && within(from, "triage", "telemetry/wave") {
			t.Errorf("%s imports %s, but the core imports only the standard library", from, imported)
		}
		return
	}
	best := ""
	for prefix := range doors {
		if len(prefix) > len(best) && (imported == prefix || strings.HasPrefix(imported, strings.TrimSuffix(prefix, "/")+"/")) {
			best = prefix
		}
	}
	switch {
	case best == "" && !within(from, "build", "app/demo"):
		t.Errorf("%s imports %s, which has no door; weigh it and write it into the table", from, imported)
	case best != "" && !within(from, append(doors[best], "build", "app/demo", "sync/meshtest")...):
		t.Errorf("%s imports %s, whose doors are %v", from, imported, doors[best])
	}
}

func TestNobodyImportsTrialsOrDemo(t *testing.T) {
	for _, p := range ours(t) {
		for _, imported := range p.Imports {
			path, own := strings.CutPrefix(imported, module+"/")
			if own && within(path, "build", "app/demo") && !within(p.ImportPath, "build", "app/demo", "devices/drivertest") {
				t.Errorf("%s imports %s, which is for trials only", p.ImportPath, path)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	silly := regexp.MustCompile(`^(utils?|common|helpers?|managers?|base)$`)
	for _, p := range ours(t) {
		if len(p.GoFiles)+len(p.CgoFiles) > 0 && len(p.Doc) < 40 {
			t.Errorf("%s has no package comment that says what it is", p.ImportPath)
		}
		if silly.MatchString(p.Name) || silly.MatchString(filepath.Base(p.ImportPath)) {
			t.Errorf("%s: the name says nothing", p.ImportPath)
		}
		if len(p.CgoFiles) > 0 && p.ImportPath != "app/fieldkit" {
			t.Errorf("%s uses cgo; only app/fieldkit may", p.ImportPath)
		}
	}
}

func TestTopLevelIsTheCustomersList(t *testing.T) {
	fixed := []string{"app", "sync", "devices", "triage", "ui", "telemetry", "build", "go.mod", "go.sum", "README.md"}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(fixed, e.Name()) {
			t.Errorf("%s stands at the top level; the customer's list is %v", e.Name(), fixed)
		}
	}
	direct, err := filepath.Glob("../sync/*.go")
	if err != nil || len(direct) > 0 {
		t.Errorf("sync/ holds Go files %v; its name is the standard library's", direct)
	}
}
