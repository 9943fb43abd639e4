package vital

// A Sign is a kind of measurement: an index into the table [Signs]. The numbers
// stand in the record and in live frames and are never reused.
type Sign uint16

// The signs. Unknown is a parameter known only by the monitor's own name; it is
// kept and shown as such, never dropped.
const (
	Unknown Sign = 0

	HeartRate        Sign = 1 // from ECG
	PulseRate        Sign = 2 // from the oximeter
	PulseRateNIBP    Sign = 3 // from the cuff
	SpO2             Sign = 4
	PerfusionIndex   Sign = 5
	PlethVariability Sign = 6

	RespRate          Sign = 10 // source not said
	RespRateImpedance Sign = 11
	RespRateCO2       Sign = 12
	RespRatePleth     Sign = 13
	RespRateAirway    Sign = 14 // from a ventilator
	Apnoea            Sign = 15 // seconds without a breath

	NIBPSys      Sign = 20
	NIBPDia      Sign = 21
	NIBPMean     Sign = 22
	CuffPressure Sign = 23
	ABPSys       Sign = 24
	ABPDia       Sign = 25
	ABPMean      Sign = 26
	P1Sys        Sign = 27 // invasive channel the monitor does not name
	P1Dia        Sign = 28
	P1Mean       Sign = 29
	P2Sys        Sign = 30
	P2Dia        Sign = 31
	P2Mean       Sign = 32
	P3Sys        Sign = 33
	P3Dia        Sign = 34
	P3Mean       Sign = 35
	P4Sys        Sign = 36
	P4Dia        Sign = 37
	P4Mean       Sign = 38
	CVPMean      Sign = 39

	EtCO2           Sign = 50
	FiCO2           Sign = 51
	FiO2            Sign = 52 // inspired O2
	EtO2            Sign = 53
	FiN2O           Sign = 54
	EtN2O           Sign = 55
	FiAA            Sign = 56
	EtAA            Sign = 57
	MAC             Sign = 58
	AmbientPressure Sign = 59

	Temperature  Sign = 60 // by Site
	Temperature2 Sign = 61
	Temperature3 Sign = 62
	Temperature4 Sign = 63

	Glucose Sign = 70
	Ketone  Sign = 71

	GCSEye    Sign = 80
	GCSVerbal Sign = 81
	GCSMotor  Sign = 82
	GCSTotal  Sign = 83
	ACVPU     Sign = 84 // 0 A, 1 C, 2 V, 3 P, 4 U
	Pain      Sign = 85 // numeric rating 0 to 10

	Weight Sign = 90
	Height Sign = 91
	BMI    Sign = 92

	SpCO  Sign = 100
	SpMet Sign = 101
	SpHb  Sign = 102
	SpOC  Sign = 103
	SvO2  Sign = 104

	AirwayPeak    Sign = 110
	AirwayPlateau Sign = 111
	AirwayMean    Sign = 112
	PEEP          Sign = 113
	TidalInsp     Sign = 114
	TidalExp      Sign = 115
	MinuteVolume  Sign = 116
	Compliance    Sign = 117
	Resistance    Sign = 118

	EEGIndex         Sign = 130 // BIS or the like
	EntropyState     Sign = 131
	EntropyResponse  Sign = 132
	BurstSuppression Sign = 133

	STI   Sign = 140 // ST deviation by lead
	STII  Sign = 141
	STIII Sign = 142
	STV   Sign = 143

	EnergyExpended Sign = 150
	RRInterval     Sign = 151
	BodyFat        Sign = 152
)
