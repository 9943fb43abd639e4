package vital

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
