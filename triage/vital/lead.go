package vital

import (
	"errors"
	"strconv"
	"strings"
)

// A Lead is what a waveform shows. The numbers stand in the record and in live
// frames and are never reused.
type Lead uint16

// The leads.
const (
	UnknownLead Lead = 0 // known only by the monitor's own name, see Waveform.Raw

	ECGI    Lead = 1
	ECGII   Lead = 2
	ECGIII  Lead = 3
	ECGAVR  Lead = 4
	ECGAVL  Lead = 5
	ECGAVF  Lead = 6
	ECGV1   Lead = 7
	ECGV2   Lead = 8
	ECGV3   Lead = 9
	ECGV4   Lead = 10
	ECGV5   Lead = 11
	ECGV6   Lead = 12
	ECGV    Lead = 13 // a chest lead the monitor does not number
	ECG     Lead = 14 // a lead the monitor does not name
	ECGMLII Lead = 15
	ECGPads Lead = 16

	Pleth Lead = 20
	Resp  Lead = 21 // impedance
	CO2   Lead = 22
	O2    Lead = 23
	AA    Lead = 24 // anaesthetic agent
	N2O   Lead = 25

	P1      Lead = 30
	P2      Lead = 31
	P3      Lead = 32
	P4      Lead = 33
	P5      Lead = 34
	P6      Lead = 35
	ABP     Lead = 36
	CVP     Lead = 37
	Cuff    Lead = 38 // pressure in the NIBP cuff
	Airway  Lead = 40 // airway pressure
	Flow    Lead = 41
	Volume  Lead = 42
	EEG1    Lead = 50
	EEG2    Lead = 51
	EEG3    Lead = 52
	EEG4    Lead = 53
	Entropy Lead = 54
	BIS     Lead = 55
)

// LeadInfo is what is known of a lead: one row of [Leads].
type LeadInfo struct {
	Label string // as beside a trace: "II"
	Code  string // for JSON and the command line: "ECG-II"
	Unit  Unit   // of a waveform that does not say otherwise
	MDC   uint32 // ISO/IEEE 11073-10101 code, 0 when there is none or none is verified
}

// Leads is the table of leads, one row each. It is never changed at run time. MDC
// codes: Mindray's HL7 waveform table (ECG, pleth, impedance, pressures) and
// Philips' Data Export numbers plus 131072 (the rest), which agree where both
// have one.
var Leads = map[Lead]LeadInfo{
	ECGI:    {"I", "ECG-I", Millivolt, 131329},
	ECGII:   {"II", "ECG-II", Millivolt, 131330},
	ECGIII:  {"III", "ECG-III", Millivolt, 131389},
	ECGAVR:  {"aVR", "ECG-AVR", Millivolt, 131390},
	ECGAVL:  {"aVL", "ECG-AVL", Millivolt, 131391},
	ECGAVF:  {"aVF", "ECG-AVF", Millivolt, 131392},
	ECGV1:   {"V1", "ECG-V1", Millivolt, 131331},
	ECGV2:   {"V2", "ECG-V2", Millivolt, 131332},
	ECGV3:   {"V3", "ECG-V3", Millivolt, 131333},
	ECGV4:   {"V4", "ECG-V4", Millivolt, 131334},
	ECGV5:   {"V5", "ECG-V5", Millivolt, 131335},
	ECGV6:   {"V6", "ECG-V6", Millivolt, 131336},
	ECGV:    {"V", "ECG-V", Millivolt, 131395},
	ECG:     {"ECG", "ECG", Millivolt, 131328},
	ECGMLII: {"MLII", "ECG-MLII", Millivolt, 0},
	ECGPads: {"pads", "ECG-PADS", Millivolt, 0},

	Pleth: {"pleth", "PLETH", NoUnit, 150452},
	Resp:  {"resp", "RESP", Ohm, 151780},
	CO2:   {"CO₂", "CO2", MmHg, 151700},
	O2:    {"O₂", "O2", Percent, 151908},
	AA:    {"AA", "AA", Percent, 152456},
	N2O:   {"N₂O", "N2O", Percent, 152048},

	P1:      {"P1", "P1", MmHg, 150016},
	P2:      {"P2", "P2", MmHg, 150016},
	P3:      {"P3", "P3", MmHg, 150016},
	P4:      {"P4", "P4", MmHg, 150016},
	P5:      {"P5", "P5", MmHg, 150016},
	P6:      {"P6", "P6", MmHg, 150016},
	ABP:     {"ABP", "ABP", MmHg, 150036},
	CVP:     {"CVP", "CVP", MmHg, 150084},
	Cuff:    {"cuff", "CUFF", MmHg, 150300},
	Airway:  {"Paw", "PAW", CmH2O, 151792},
	Flow:    {"flow", "FLOW", LitrePerMin, 151764},
	Volume:  {"vol", "VOLUME", Millilitre, 0},
	EEG1:    {"EEG 1", "EEG-1", Microvolt, 153900},
	EEG2:    {"EEG 2", "EEG-2", Microvolt, 153900},
	EEG3:    {"EEG 3", "EEG-3", Microvolt, 153900},
	EEG4:    {"EEG 4", "EEG-4", Microvolt, 153900},
	Entropy: {"entropy", "ENTROPY", Microvolt, 0},
	BIS:     {"BIS", "BIS", Microvolt, 0},
}

// Info is the row of l; for a lead this version does not know, a row without MDC
// code.
func (l Lead) Info() LeadInfo {
	if row, ok := Leads[l]; ok {
		return row
	}
	return LeadInfo{Label: "?", Code: "lead-" + strconv.Itoa(int(l))}
}

// String is the lead's code.
func (l Lead) String() string { return l.Info().Code }

// LeadByCode is the lead with that code, such as "ECG-II".
func LeadByCode(code string) (Lead, bool) {
	l, ok := leadByCode[code]
	return l, ok
}

// LeadByMDC is the lead with that MDC code; of several, the lowest.
func LeadByMDC(code uint32) (Lead, bool) {
	l, ok := leadByMDC[code]
	return l, ok
}

// MarshalText writes the lead's code.
func (l Lead) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText writes; anything else is an error.
func (l *Lead) UnmarshalText(b []byte) error {
	if known, ok := LeadByCode(string(b)); ok {
		*l = known
		return nil
	}
	digits, later := strings.CutPrefix(string(b), "lead-")
	n, err := strconv.ParseUint(digits, 10, 16)
	if !later || err != nil || Lead(n).String() != string(b) {
		return errors.New("read lead: no lead has this code")
	}
	*l = Lead(n)
	return nil
}
