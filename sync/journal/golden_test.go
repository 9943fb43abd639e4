package journal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"slices"
	"testing"

	"fieldkit/triage/chart"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

// vectors is testdata/vectors.json, as FORMAT.md section 11 says.
type vectors struct {
	Keys    []vectorKey     `json:"keys"`
	Epochs  []vectorEpoch   `json:"epochs"`
	Forks   []vectorFork    `json:"forks"`
	Heads   []vectorHeads   `json:"heads"`
	Vectors []vectorVector  `json:"vectors"`
	Digests []vectorDigest  `json:"digests"`
	Refused []vectorRefused `json:"refused"`
}

type vectorKey struct {
	Name   string `json:"name"`
	Seed   hexed  `json:"seed"`
	Public hexed  `json:"public"`
	Device hexed  `json:"device"`
}

type vectorEpoch struct {
	Name   string        `json:"name"`
	Key    string        `json:"key"`
	Team   hexed         `json:"team"`
	Log    Log           `json:"log"`
	Epoch  hexed         `json:"epoch"`
	Start  hexed         `json:"chain_before"`
	Pieces []vectorPiece `json:"pieces"`
	Seq    uint64        `json:"seq_after"`
	Chain  hexed         `json:"chain_after"`
}

type vectorPiece struct {
	After   uint64         `json:"after"`
	Entries []vectorRecord `json:"entries"`
	Seal    struct {
		Seq       uint64 `json:"seq"`
		Chain     hexed  `json:"chain"`
		Signature hexed  `json:"signature"`
	} `json:"seal"`
}

type vectorRecord struct {
	Envelope hexed       `json:"envelope"`
	Body     hexed       `json:"body,omitempty"`
	Absent   string      `json:"absent,omitempty"`
	Unread   bool        `json:"unread,omitempty"`
	Clock    uint64      `json:"clock"`
	Says     *vectorSays `json:"says,omitempty"`
}

type vectorSays struct {
	Salt      hexed         `json:"salt"`
	Wall      int64         `json:"wall"`
	Trust     uint8         `json:"trust"`
	Boot      hexed         `json:"boot"`
	Mono      int64         `json:"monotonic"`
	Happened  int64         `json:"happened"`
	Author    vectorAuthor  `json:"author"`
	Witness   *vectorAuthor `json:"witness,omitempty"`
	Patient   hexed         `json:"patient,omitempty"`
	Encounter hexed         `json:"encounter,omitempty"`
	Type      uint16        `json:"type"`
	Saw       []vectorRef   `json:"saw,omitempty"`
	Demo      bool          `json:"demo,omitempty"`
	Content   hexed         `json:"content"`
}

type vectorAuthor struct {
	Staff   string `json:"staff"`
	Checked uint8  `json:"checked"`
}

type vectorRef struct {
	Device hexed  `json:"device"`
	Epoch  hexed  `json:"epoch"`
	Seq    uint64 `json:"seq"`
}

type vectorFork struct {
	Ours       string      `json:"ours"`
	Theirs     string      `json:"theirs"`
	Seq        uint64      `json:"shared_up_to"`
	OursName   hexed       `json:"ours_branch"`
	TheirsName hexed       `json:"theirs_branch"`
	Heads      vectorHeads `json:"heads"`
}

type vectorHeads struct {
	Device  hexed        `json:"device"`
	Bytes   hexed        `json:"bytes"`
	Digest  hexed        `json:"digest"`
	Records []vectorHead `json:"records"`
}

type vectorHead struct {
	Team  hexed  `json:"team"`
	Log   Log    `json:"log"`
	Epoch hexed  `json:"epoch"`
	Seq   uint64 `json:"seq"`
	Chain hexed  `json:"chain"`
	Of    hexed  `json:"of,omitempty"`
}

type vectorVector struct {
	Bytes  hexed       `json:"bytes"`
	Places []vectorRef `json:"places"`
}

type vectorDigest struct {
	Devices []vectorDeviceDigest `json:"devices"`
	Digest  hexed                `json:"digest"`
}

type vectorDeviceDigest struct {
	Device hexed `json:"device"`
	Digest hexed `json:"digest"`
}

type vectorRefused struct {
	What  string       `json:"what"`
	Why   string       `json:"why"`
	Bytes hexed        `json:"bytes,omitempty"`
	Epoch string       `json:"epoch,omitempty"`
	Piece *vectorPiece `json:"piece,omitempty"`
}

type hexed []byte

func (h hexed) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexed) UnmarshalText(b []byte) (err error) {
	*h, err = hex.DecodeString(string(b))
	return err
}

// named is n bytes that stand for something called name, the same in every run.
func named(name string, n int) []byte {
	sum := sha256.Sum256([]byte("fieldkit journal vectors: " + name))
	return sum[:n]
}

// recordsOf is all records of an epoch in the vectors.
func recordsOf(t testing.TB, e vectorEpoch) []Record {
	t.Helper()
	var out []Record
	for _, p := range e.Pieces {
		out = append(out, pieceOf(Head{}, p).Records...)
	}
	return out
}

func pieceOf(h Head, v vectorPiece) Piece {
	p := Piece{Head: h, Seal: Seal{Seq: v.Seal.Seq, Chain: Hash(v.Seal.Chain), Signature: [64]byte(v.Seal.Signature)}}
	absent := map[string]chart.Absent{"": chart.Present, "on its way": chart.Unfetched, "withheld": chart.Withheld, "pruned": chart.Pruned, "erased": chart.Erased}
	for _, e := range v.Entries {
		r := Record{Envelope: e.Envelope, Absent: absent[e.Absent]}
		if r.Absent == chart.Present {
			r.Body = e.Body
		}
		p.Records = append(p.Records, r)
	}
	return p
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheFormatIsFrozen(t *testing.T) {
	b, err := json.MarshalIndent(makeVectors(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	if *update {
		if err := os.WriteFile("testdata/vectors.json", b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, have) {
		t.Error("what is written now differs from testdata/vectors.json: version 1 is frozen, so this is a new version")
	}
}

func TestVectorsReadAsTheySay(t *testing.T) {
	v := readVectors(t)
	keys := map[string]vectorKey{}
	for _, k := range v.Keys {
		keys[k.Name] = k
	}
	starts := map[string][]Head{}
	for _, e := range v.Epochs {
		k := keys[e.Key]
		h := Start(TeamID(e.Team), chart.Device(k.Device), e.Log, chart.Epoch(e.Epoch))
		for _, p := range e.Pieces {
			starts[e.Name] = append(starts[e.Name], h)
			next, err := h.Extend(pieceOf(h, p), ed25519.PublicKey(k.Public))
			if err != nil {
				t.Fatalf("%s: %v", e.Name, err)
			}
			h = next
			for _, r := range p.Entries {
				checkSays(t, e.Name, r)
			}
		}
		if h.Seq != e.Seq || !bytes.Equal(h.Chain[:], e.Chain) {
			t.Errorf("%s: ends at %d %x, wanted %d %x", e.Name, h.Seq, h.Chain, e.Seq, e.Chain)
		}
	}
	for _, r := range v.Refused {
		var err error
		switch r.What {
		case "envelope":
			_, err = DecodeEnvelope(r.Bytes)
		case "body":
			_, err = DecodeBody(r.Bytes)
		case "heads":
			_, err = DecodeHeads(r.Bytes)
		case "vector":
			_, err = DecodeVector(r.Bytes)
		case "piece":
			at := slices.IndexFunc(v.Epochs, func(e vectorEpoch) bool { return e.Name == r.Epoch })
			h := starts[r.Epoch][1]
			_, err = h.Extend(pieceOf(h, *r.Piece), ed25519.PublicKey(keys[v.Epochs[at].Key].Public))
		default:
			t.Errorf("vectors hold a refusal of an unknown kind %q", r.What)
		}
		if err == nil {
			t.Errorf("%s with %s was taken", r.What, r.Why)
		}
	}
}

func checkSays(t *testing.T, name string, r vectorRecord) {
	t.Helper()
	e, err := DecodeEnvelope(r.Envelope)
	if err != nil || uint64(e.Clock) != r.Clock {
		t.Errorf("%s: envelope reads as %+v, %v", name, e, err)
	}
	if r.Says == nil {
		return
	}
	b, err := DecodeBody(r.Body)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	got, _ := json.Marshal(saysOf(b))
	want, _ := json.Marshal(r.Says)
	if !bytes.Equal(got, want) {
		t.Errorf("%s: body reads as\n%s\nwanted\n%s", name, got, want)
	}
}

func TestASecondDecoderAgrees(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not here, so testdata/check.py was not run")
	}
	out, err := exec.Command(python, "testdata/check.py", "testdata/vectors.json").CombinedOutput()
	if err != nil {
		t.Fatalf("check.py: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}
