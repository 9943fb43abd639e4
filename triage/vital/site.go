package vital

// A Site is where on the body a reading was taken, as the lower-case word used
// in the record and on screen: "finger", "ear", "oral". "" is not known. A
// monitor's word that is not below is kept as it is.
type Site string

// The sites this project names.
const (
	NoSite          Site = ""
	SiteFinger      Site = "finger"
	SiteToe         Site = "toe"
	SiteEar         Site = "ear"
	SiteForehead    Site = "forehead"
	SiteNose        Site = "nose"
	SiteHand        Site = "hand"
	SiteFoot        Site = "foot"
	SiteLeftArm     Site = "left arm"
	SiteRightArm    Site = "right arm"
	SiteLeftLeg     Site = "left leg"
	SiteRightLeg    Site = "right leg"
	SiteWrist       Site = "wrist"
	SiteBody        Site = "body" // somewhere on the body, not said where
	SiteCore        Site = "core"
	SiteSkin        Site = "skin"
	SiteOral        Site = "oral"
	SiteRectal      Site = "rectal"
	SiteAxilla      Site = "axilla"
	SiteTympanic    Site = "tympanic"
	SiteOesophagus  Site = "oesophagus"
	SiteNasopharynx Site = "nasopharynx"
	SiteBladder     Site = "bladder"
	SiteBlood       Site = "blood"
	SiteArtery      Site = "artery"
	SiteVein        Site = "vein"
	SiteAirway      Site = "airway"
	SiteGut         Site = "gut"
)

// temperatureSites gives the MDC code of a temperature at each site. Sources:
// the Danish FHIR core profiles (hl7dk/dk-core, valueSets.fsh) for body, core,
// skin, tympanic, oral, rectal, ear, axilla and gut; Philips' Data Export codes
// plus 131072 for oesophagus, nasopharynx, artery, vein, blood and airway; the
// PHD headers of antidote (IEEE 11073-10408) for finger and toe. Bladder is
// Mindray's use of MDC_TEMP_FOLEY alone: not verified elsewhere.
var temperatureSites = map[Site]uint32{
	SiteBody:        150364,
	SiteCore:        150368,
	SiteSkin:        150388,
	SiteTympanic:    150392,
	SiteOral:        188424,
	SiteRectal:      188420,
	SiteEar:         188428,
	SiteFinger:      188432,
	SiteToe:         188448,
	SiteAxilla:      188452,
	SiteGut:         188456,
	SiteOesophagus:  150372,
	SiteNasopharynx: 150380,
	SiteArtery:      150352,
	SiteAirway:      150356,
	SiteVein:        150396,
	SiteBlood:       188436,
	SiteBladder:     150348,
}

// TemperatureMDC is the MDC code of a temperature taken at s: the plain one for a
// site without its own.
func (s Site) TemperatureMDC() uint32 {
	if code, ok := temperatureSites[s]; ok {
		return code
	}
	return Signs[Temperature].MDC
}
