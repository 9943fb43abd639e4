package ambulance

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A DrugList is the drugs a site carries, in the order of its buttons. It is a file
// the site writes and approves.
type DrugList struct {
	// Approved is by whom and when. Without it the screen says that the list is an
	// example.
	Approved string     `json:"approved"`
	Drugs    []SiteDrug `json:"drugs"`
}

// A SiteDrug is one button: a drug and its usual doses, the commonest first.
type SiteDrug struct {
	chart.Drug
	// Shown is the name on the button, with tall letters where names look alike.
	Shown string     `json:"shown"`
	Doses []SiteDose `json:"doses"`
}

// A SiteDose is one dose as it is given.
type SiteDose struct {
	Amount *vital.Decimal `json:"amount"`
	Unit   vital.Unit     `json:"unit"`
	Route  string         `json:"route"`
}

// maxDrugs is what one page of buttons holds; there is no second page yet.
const maxDrugs = 12

//go:embed example-drugs.json
var example []byte

// Example is the list the program comes with. It is approved by nobody.
func Example() *DrugList {
	l, err := ReadDrugs(example)
	if err != nil {
		panic(fmt.Sprintf("the example list of drugs cannot be read: %v", err)) // a test reads it
	}
	return l
}

// LoadDrugs reads the list in a file.
func LoadDrugs(path string) (*DrugList, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the list of drugs: %w", err)
	}
	return ReadDrugs(b)
}

// ReadDrugs reads a list. A list with an unknown field, a drug without a name or
// dose, or more drugs than fit is an error as a whole: half a list is a trap.
func ReadDrugs(b []byte) (*DrugList, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	l := &DrugList{}
	if err := d.Decode(l); err != nil {
		return nil, fmt.Errorf("read the list of drugs: %w", err)
	}
	if len(l.Drugs) == 0 || len(l.Drugs) > maxDrugs {
		return nil, fmt.Errorf("read the list of drugs: it has %d drugs, and must have 1 to %d", len(l.Drugs), maxDrugs)
	}
	var errs []error
	for i, drug := range l.Drugs {
		if drug.Shown == "" {
			l.Drugs[i].Shown = drug.Name
		}
		if len(drug.Doses) == 0 || len(drug.Doses) > 6 {
			errs = append(errs, fmt.Errorf("drug %d has %d doses, and must have 1 to 6", i+1, len(drug.Doses)))
		}
		for j, dose := range drug.Doses {
			given := &chart.DrugGiven{Drug: drug.Drug, Dose: dose.dose()}
			if err := given.Validate(); err != nil {
				errs = append(errs, fmt.Errorf("drug %d, dose %d: %w", i+1, j+1, err))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read the list of drugs: %w", err)
	}
	return l, nil
}

func (d SiteDose) dose() chart.Dose {
	return chart.Dose{Amount: d.Amount, Unit: d.Unit, Route: d.Route}
}

// words is a dose as it is said: "1 mg IV".
func (d SiteDose) words() string {
	unit := d.Unit.Label()
	text := unit
	if d.Amount != nil {
		text = d.Amount.String() + " " + unit
	}
	if d.Route != "" {
		text += "  " + d.Route
	}
	return text
}
