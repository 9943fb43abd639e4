package vital

import "time"

// Ageing says how a value loses its standing as it gets older.
type Ageing uint8

const (
	// Continuous values grey after 3 s and become dashes after 10 s.
	Continuous Ageing = iota
	// Episodic values (cuff, temperature, glucose) stay with their age and grey
	// after 15 min.
	Episodic
	// Lasting values (weight, height) stay with their date.
	Lasting
)

// Age is how old a value may be shown as.
type Age uint8

// The ages a shown value can have.
const (
	Fresh Age = iota
	Grey      // shown, but greyed, with its age
	Gone      // dashes, with the age of the last value
)

// At is the standing of a value of this kind that is old.
func (a Ageing) At(old time.Duration) Age {
	switch {
	case a == Continuous && old >= 10*time.Second:
		return Gone
	case a == Continuous && old >= 3*time.Second, a == Episodic && old >= 15*time.Minute:
		return Grey
	}
	return Fresh
}

// Info is what is known of a sign: one row of [Signs].
type Info struct {
	Label  string // as on a monitor: "SpO₂"
	Name   string // in words: "oxygen saturation"
	Code   string // for JSON and the command line: "SpO2"
	Unit   Unit   // of a reading that does not say otherwise
	MDC    uint32 // ISO/IEEE 11073-10101 code, 0 when there is none or none is verified
	LOINC  string // of a value in Unit, "" when there is none or none is verified
	Places int8   // decimal places a person is shown
	// Min and Max are what the sign can possibly be, in Unit, both included. A
	// value outside is withheld.
	Min, Max Decimal
	Ageing   Ageing
}

// Signs is the table of signs, one row each. It is never changed at run time.
//
// MDC codes were checked against at least one of: the Danish FHIR core profiles
// (hl7dk/dk-core valueSets.fsh: heart, pulse and respiratory rates, SpO2, cuff,
// temperature, weight, height, BMI); Philips' IntelliVue Data Export numbers,
// which are the MDC term codes of partition 2, plus 131072 (invasive and airway
// pressures, gases, GCS, volumes); Mindray's HL7 tables and GE B40 and Mindray
// messages (150488, 150300, 151708, 151716, 155024, ST); the German ICU profiles
// (151708 with LOINC 19891-1, 60985-9); IEEE 11073-10417 and -10415 as in public
// PHD headers (160184, 188748). Seen in one source only: PEEP 151976 and burst
// suppression 155024. Philips' and Mindray's private numbers (MAC, BIS, tidal
// volumes, ambient pressure) are not MDC codes and stand as 0; so do those that
// could not be found.
//
// LOINC: FHIR R4 vital signs, C-CDA's 3150-0 and the MII/ISiK profiles; every
// code has its check digit. Seen in one source only: 61006-3 and 20077-4. A mass of glucose is 2339-0; see [Sign.LOINC] for moles.
//
// The ranges are what a body or its monitor can show at all, wide on purpose:
// they catch garbled bytes, not illness.
var Signs = map[Sign]Info{
	HeartRate:        {Label: "HR", Name: "heart rate", Code: "HR", Unit: PerMinute, MDC: 147842, LOINC: "8867-4", Places: 0, Min: Int(0), Max: Int(350), Ageing: Continuous},
	PulseRate:        {Label: "PR", Name: "pulse rate", Code: "PR", Unit: PerMinute, MDC: 149530, LOINC: "8889-8", Places: 0, Min: Int(0), Max: Int(350), Ageing: Continuous},
	PulseRateNIBP:    {Label: "PR NIBP", Name: "pulse rate from the cuff", Code: "PR-NIBP", Unit: PerMinute, MDC: 149546, LOINC: "8867-4", Places: 0, Min: Int(0), Max: Int(350), Ageing: Episodic},
	SpO2:             {Label: "SpO₂", Name: "oxygen saturation", Code: "SpO2", Unit: Percent, MDC: 150456, LOINC: "59408-5", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},
	PerfusionIndex:   {Label: "PI", Name: "perfusion index", Code: "PI", Unit: Percent, MDC: 150488, LOINC: "61006-3", Places: 1, Min: Int(0), Max: Int(50), Ageing: Continuous},
	PlethVariability: {Label: "PVI", Name: "pleth variability index", Code: "PVI", Unit: Percent, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},

	RespRate:          {Label: "RR", Name: "respiratory rate", Code: "RR", Unit: PerMinute, MDC: 151562, LOINC: "9279-1", Places: 0, Min: Int(0), Max: Int(200), Ageing: Continuous},
	RespRateImpedance: {Label: "RR imp", Name: "respiratory rate by chest impedance", Code: "RR-IMP", Unit: PerMinute, MDC: 151578, LOINC: "9279-1", Places: 0, Min: Int(0), Max: Int(200), Ageing: Continuous},
	RespRateCO2:       {Label: "RR CO₂", Name: "respiratory rate by CO₂", Code: "RR-CO2", Unit: PerMinute, MDC: 151594, LOINC: "9279-1", Places: 0, Min: Int(0), Max: Int(200), Ageing: Continuous},
	RespRatePleth:     {Label: "RR pleth", Name: "respiratory rate by pleth", Code: "RR-PLETH", Unit: PerMinute, MDC: 151658, LOINC: "9279-1", Places: 0, Min: Int(0), Max: Int(200), Ageing: Continuous},
	RespRateAirway:    {Label: "RR vent", Name: "respiratory rate by airway flow", Code: "RR-AWAY", Unit: PerMinute, MDC: 151570, LOINC: "9279-1", Places: 0, Min: Int(0), Max: Int(200), Ageing: Continuous},
	Apnoea:            {Label: "apnoea", Name: "time without a breath", Code: "APNOEA", Unit: Second, MDC: 151856, LOINC: "", Places: 0, Min: Int(0), Max: Int(3600), Ageing: Continuous},

	NIBPSys:      {Label: "NIBP sys", Name: "cuff pressure, systolic", Code: "NIBP-SYS", Unit: MmHg, MDC: 150021, LOINC: "8480-6", Places: 0, Min: Int(0), Max: Int(300), Ageing: Episodic},
	NIBPDia:      {Label: "NIBP dia", Name: "cuff pressure, diastolic", Code: "NIBP-DIA", Unit: MmHg, MDC: 150022, LOINC: "8462-4", Places: 0, Min: Int(0), Max: Int(300), Ageing: Episodic},
	NIBPMean:     {Label: "NIBP mean", Name: "cuff pressure, mean", Code: "NIBP-MEAN", Unit: MmHg, MDC: 150023, LOINC: "8478-0", Places: 0, Min: Int(0), Max: Int(300), Ageing: Episodic},
	CuffPressure: {Label: "cuff", Name: "pressure in the cuff", Code: "CUFF", Unit: MmHg, MDC: 150300, LOINC: "", Places: 0, Min: Int(-10), Max: Int(330), Ageing: Continuous},
	ABPSys:       {Label: "ABP sys", Name: "arterial pressure, systolic", Code: "ABP-SYS", Unit: MmHg, MDC: 150037, LOINC: "76215-3", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	ABPDia:       {Label: "ABP dia", Name: "arterial pressure, diastolic", Code: "ABP-DIA", Unit: MmHg, MDC: 150038, LOINC: "76213-8", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	ABPMean:      {Label: "ABP mean", Name: "arterial pressure, mean", Code: "ABP-MEAN", Unit: MmHg, MDC: 150039, LOINC: "76214-6", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P1Sys:        {Label: "P1 sys", Name: "invasive pressure 1, systolic", Code: "P1-SYS", Unit: MmHg, MDC: 150017, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P1Dia:        {Label: "P1 dia", Name: "invasive pressure 1, diastolic", Code: "P1-DIA", Unit: MmHg, MDC: 150018, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P1Mean:       {Label: "P1 mean", Name: "invasive pressure 1, mean", Code: "P1-MEAN", Unit: MmHg, MDC: 150019, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P2Sys:        {Label: "P2 sys", Name: "invasive pressure 2, systolic", Code: "P2-SYS", Unit: MmHg, MDC: 150017, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P2Dia:        {Label: "P2 dia", Name: "invasive pressure 2, diastolic", Code: "P2-DIA", Unit: MmHg, MDC: 150018, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P2Mean:       {Label: "P2 mean", Name: "invasive pressure 2, mean", Code: "P2-MEAN", Unit: MmHg, MDC: 150019, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P3Sys:        {Label: "P3 sys", Name: "invasive pressure 3, systolic", Code: "P3-SYS", Unit: MmHg, MDC: 150017, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P3Dia:        {Label: "P3 dia", Name: "invasive pressure 3, diastolic", Code: "P3-DIA", Unit: MmHg, MDC: 150018, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P3Mean:       {Label: "P3 mean", Name: "invasive pressure 3, mean", Code: "P3-MEAN", Unit: MmHg, MDC: 150019, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P4Sys:        {Label: "P4 sys", Name: "invasive pressure 4, systolic", Code: "P4-SYS", Unit: MmHg, MDC: 150017, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P4Dia:        {Label: "P4 dia", Name: "invasive pressure 4, diastolic", Code: "P4-DIA", Unit: MmHg, MDC: 150018, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	P4Mean:       {Label: "P4 mean", Name: "invasive pressure 4, mean", Code: "P4-MEAN", Unit: MmHg, MDC: 150019, LOINC: "", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},
	CVPMean:      {Label: "CVP", Name: "central venous pressure, mean", Code: "CVP", Unit: MmHg, MDC: 150087, LOINC: "60985-9", Places: 0, Min: Int(-50), Max: Int(400), Ageing: Continuous},

	EtCO2:           {Label: "etCO₂", Name: "end-tidal CO₂", Code: "etCO2", Unit: MmHg, MDC: 151708, LOINC: "19891-1", Places: 0, Min: Int(0), Max: Int(150), Ageing: Continuous},
	FiCO2:           {Label: "FiCO₂", Name: "inspired CO₂", Code: "FiCO2", Unit: MmHg, MDC: 151716, LOINC: "", Places: 0, Min: Int(0), Max: Int(150), Ageing: Continuous},
	FiO2:            {Label: "FiO₂", Name: "inspired oxygen", Code: "FiO2", Unit: Percent, MDC: 152196, LOINC: "3150-0", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},
	EtO2:            {Label: "etO₂", Name: "end-tidal oxygen", Code: "etO2", Unit: Percent, MDC: 152440, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},
	FiN2O:           {Label: "FiN₂O", Name: "inspired N₂O", Code: "FiN2O", Unit: Percent, MDC: 152192, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},
	EtN2O:           {Label: "etN₂O", Name: "end-tidal N₂O", Code: "etN2O", Unit: Percent, MDC: 152108, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},
	FiAA:            {Label: "FiAA", Name: "inspired anaesthetic agent", Code: "FiAA", Unit: Percent, MDC: 152464, LOINC: "", Places: 1, Min: Int(0), Max: Int(30), Ageing: Continuous},
	EtAA:            {Label: "etAA", Name: "end-tidal anaesthetic agent", Code: "etAA", Unit: Percent, MDC: 152460, LOINC: "", Places: 1, Min: Int(0), Max: Int(30), Ageing: Continuous},
	MAC:             {Label: "MAC", Name: "minimum alveolar concentration", Code: "MAC", Unit: NoUnit, MDC: 0, LOINC: "", Places: 1, Min: Int(0), Max: Int(20), Ageing: Continuous},
	AmbientPressure: {Label: "Pamb", Name: "ambient pressure", Code: "PAMB", Unit: MmHg, MDC: 0, LOINC: "", Places: 0, Min: Int(200), Max: Int(900), Ageing: Continuous},

	Temperature:  {Label: "Temp", Name: "temperature", Code: "TEMP", Unit: Celsius, MDC: 150344, LOINC: "8310-5", Places: 1, Min: Int(10), Max: Int(50), Ageing: Episodic},
	Temperature2: {Label: "Temp 2", Name: "temperature 2", Code: "TEMP2", Unit: Celsius, MDC: 150344, LOINC: "8310-5", Places: 1, Min: Int(10), Max: Int(50), Ageing: Episodic},
	Temperature3: {Label: "Temp 3", Name: "temperature 3", Code: "TEMP3", Unit: Celsius, MDC: 150344, LOINC: "8310-5", Places: 1, Min: Int(10), Max: Int(50), Ageing: Episodic},
	Temperature4: {Label: "Temp 4", Name: "temperature 4", Code: "TEMP4", Unit: Celsius, MDC: 150344, LOINC: "8310-5", Places: 1, Min: Int(10), Max: Int(50), Ageing: Episodic},

	Glucose: {Label: "glucose", Name: "blood glucose", Code: "GLU", Unit: MgPerDL, MDC: 160184, LOINC: "2339-0", Places: 0, Min: Int(1), Max: Int(2000), Ageing: Episodic},
	Ketone:  {Label: "ketones", Name: "blood ketones", Code: "KET", Unit: MmolPerL, MDC: 0, LOINC: "", Places: 1, Min: Int(0), Max: Int(30), Ageing: Episodic},

	GCSEye:    {Label: "GCS E", Name: "Glasgow coma scale, eyes", Code: "GCS-E", Unit: NoUnit, MDC: 153730, LOINC: "9267-6", Places: 0, Min: Int(1), Max: Int(4), Ageing: Episodic},
	GCSVerbal: {Label: "GCS V", Name: "Glasgow coma scale, verbal", Code: "GCS-V", Unit: NoUnit, MDC: 153732, LOINC: "9270-0", Places: 0, Min: Int(1), Max: Int(5), Ageing: Episodic},
	GCSMotor:  {Label: "GCS M", Name: "Glasgow coma scale, motor", Code: "GCS-M", Unit: NoUnit, MDC: 153731, LOINC: "9268-4", Places: 0, Min: Int(1), Max: Int(6), Ageing: Episodic},
	GCSTotal:  {Label: "GCS", Name: "Glasgow coma scale", Code: "GCS", Unit: NoUnit, MDC: 153728, LOINC: "9269-2", Places: 0, Min: Int(3), Max: Int(15), Ageing: Episodic},
	ACVPU:     {Label: "ACVPU", Name: "level of consciousness", Code: "ACVPU", Unit: NoUnit, MDC: 0, LOINC: "67775-7", Places: 0, Min: Int(0), Max: Int(4), Ageing: Episodic},
	Pain:      {Label: "pain", Name: "pain, 0 to 10", Code: "PAIN", Unit: NoUnit, MDC: 0, LOINC: "72514-3", Places: 0, Min: Int(0), Max: Int(10), Ageing: Episodic},

	Weight: {Label: "weight", Name: "body weight", Code: "WEIGHT", Unit: Kilogram, MDC: 188736, LOINC: "29463-7", Places: 1, Min: Dec(2, -1), Max: Int(700), Ageing: Lasting},
	Height: {Label: "height", Name: "body height", Code: "HEIGHT", Unit: Centimetre, MDC: 188740, LOINC: "8302-2", Places: 0, Min: Int(20), Max: Int(280), Ageing: Lasting},
	BMI:    {Label: "BMI", Name: "body mass index", Code: "BMI", Unit: KgPerM2, MDC: 188752, LOINC: "39156-5", Places: 1, Min: Int(3), Max: Int(250), Ageing: Lasting},

	SpCO:  {Label: "SpCO", Name: "carboxyhaemoglobin by oximeter", Code: "SpCO", Unit: Percent, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},
	SpMet: {Label: "SpMet", Name: "methaemoglobin by oximeter", Code: "SpMet", Unit: Percent, MDC: 0, LOINC: "", Places: 1, Min: Int(0), Max: Int(100), Ageing: Continuous},
	SpHb:  {Label: "SpHb", Name: "haemoglobin by oximeter", Code: "SpHb", Unit: GramPerDL, MDC: 0, LOINC: "", Places: 1, Min: Int(0), Max: Int(30), Ageing: Continuous},
	SpOC:  {Label: "SpOC", Name: "oxygen content by oximeter", Code: "SpOC", Unit: MlPerDL, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(50), Ageing: Continuous},
	SvO2:  {Label: "SvO₂", Name: "venous oxygen saturation", Code: "SvO2", Unit: Percent, MDC: 150332, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},

	AirwayPeak:    {Label: "Ppeak", Name: "peak airway pressure", Code: "PPEAK", Unit: CmH2O, MDC: 151817, LOINC: "", Places: 0, Min: Int(-60), Max: Int(200), Ageing: Continuous},
	AirwayPlateau: {Label: "Pplat", Name: "plateau airway pressure", Code: "PPLAT", Unit: CmH2O, MDC: 151784, LOINC: "", Places: 0, Min: Int(-60), Max: Int(200), Ageing: Continuous},
	AirwayMean:    {Label: "Pmean", Name: "mean airway pressure", Code: "PMEAN", Unit: CmH2O, MDC: 0, LOINC: "", Places: 0, Min: Int(-60), Max: Int(200), Ageing: Continuous},
	PEEP:          {Label: "PEEP", Name: "positive end-expiratory pressure", Code: "PEEP", Unit: CmH2O, MDC: 151976, LOINC: "20077-4", Places: 0, Min: Int(-60), Max: Int(200), Ageing: Continuous},
	TidalInsp:     {Label: "VTi", Name: "inspired tidal volume", Code: "VTI", Unit: Millilitre, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(5000), Ageing: Continuous},
	TidalExp:      {Label: "VTe", Name: "expired tidal volume", Code: "VTE", Unit: Millilitre, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(5000), Ageing: Continuous},
	MinuteVolume:  {Label: "MV", Name: "minute volume", Code: "MV", Unit: LitrePerMin, MDC: 151880, LOINC: "", Places: 1, Min: Int(0), Max: Int(200), Ageing: Continuous},
	Compliance:    {Label: "compl", Name: "lung compliance", Code: "COMPL", Unit: MlPerCmH2O, MDC: 151688, LOINC: "", Places: 0, Min: Int(0), Max: Int(500), Ageing: Continuous},
	Resistance:    {Label: "resist", Name: "airway resistance", Code: "RAW", Unit: CmH2OPerLSec, MDC: 151840, LOINC: "", Places: 0, Min: Int(0), Max: Int(1000), Ageing: Continuous},

	EEGIndex:         {Label: "EEG index", Name: "EEG index of consciousness", Code: "EEG-INDEX", Unit: NoUnit, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},
	EntropyState:     {Label: "SE", Name: "state entropy", Code: "SE", Unit: NoUnit, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},
	EntropyResponse:  {Label: "RE", Name: "response entropy", Code: "RE", Unit: NoUnit, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},
	BurstSuppression: {Label: "BSR", Name: "burst suppression ratio", Code: "BSR", Unit: Percent, MDC: 155024, LOINC: "", Places: 0, Min: Int(0), Max: Int(100), Ageing: Continuous},

	STI:   {Label: "ST I", Name: "ST deviation in lead I", Code: "ST-I", Unit: Millimetre, MDC: 131841, LOINC: "", Places: 1, Min: Int(-25), Max: Int(25), Ageing: Continuous},
	STII:  {Label: "ST II", Name: "ST deviation in lead II", Code: "ST-II", Unit: Millimetre, MDC: 131842, LOINC: "", Places: 1, Min: Int(-25), Max: Int(25), Ageing: Continuous},
	STIII: {Label: "ST III", Name: "ST deviation in lead III", Code: "ST-III", Unit: Millimetre, MDC: 131901, LOINC: "", Places: 1, Min: Int(-25), Max: Int(25), Ageing: Continuous},
	STV:   {Label: "ST V", Name: "ST deviation in the chest lead", Code: "ST-V", Unit: Millimetre, MDC: 131927, LOINC: "", Places: 1, Min: Int(-25), Max: Int(25), Ageing: Continuous},

	EnergyExpended: {Label: "energy", Name: "energy expended", Code: "ENERGY", Unit: KiloJoule, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(65535), Ageing: Episodic},
	RRInterval:     {Label: "R-R", Name: "time from beat to beat", Code: "RRI", Unit: Millisecond, MDC: 0, LOINC: "", Places: 0, Min: Int(0), Max: Int(64000), Ageing: Continuous},
	BodyFat:        {Label: "body fat", Name: "body fat", Code: "FAT", Unit: Percent, MDC: 188748, LOINC: "", Places: 1, Min: Int(0), Max: Int(100), Ageing: Lasting},
}

// Info is the row of s; for a sign this version does not know, a row with no
// codes that allows any value.
func (s Sign) Info() Info {
	if i, ok := Signs[s]; ok {
		return i
	}
	return Info{Label: "?", Name: "unknown parameter", Code: s.String(), Min: Dec(-1, maxExponent), Max: Dec(1, maxExponent)}
}

// Unit is the sign's own unit.
func (s Sign) Unit() Unit { return s.Info().Unit }

// LOINC is the code of s measured in unit u: glucose has one by mass and another
// by amount of substance.
func (s Sign) LOINC(u Unit) string {
	if s == Glucose && u == MmolPerL {
		return "15074-8"
	}
	return s.Info().LOINC
}
