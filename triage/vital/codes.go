package vital

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrCode reports a code that names no sign.
var ErrCode = errors.New("no sign has this code")

// otherMDC holds MDC codes that monitors send for a sign beside the one in
// [Signs]: cuff pressures as MDC_PRESS_CUFF_* (GE, Mindray), arterial pressure as
// MDC_PRESS_BLD_ART_*, perfusion as MDC_PULS_OXIM_PERF_REL (PHD oximeters,
// Philips), CO2 as MDC_AWAY_CO2_ET and _INSP_MIN (Philips).
var otherMDC = map[uint32]Sign{
	150301: NIBPSys, 150302: NIBPDia, 150303: NIBPMean,
	150033: ABPSys, 150034: ABPDia, 150035: ABPMean,
	150448: PerfusionIndex,
	151728: EtCO2, 151738: FiCO2,
}

// The lookups. Where several signs or leads share a code (P1 to P4, the four
// temperatures), the lowest number is found.
var (
	signByCode = byCode(Signs, func(row Info) string { return row.Code })
	signByMDC  = byCode(Signs, func(row Info) uint32 { return row.MDC })
	siteByMDC  = byCode(temperatureSites, func(code uint32) uint32 { return code })
	leadByCode = byCode(Leads, func(row LeadInfo) string { return row.Code })
	leadByMDC  = byCode(Leads, func(row LeadInfo) uint32 { return row.MDC })
)

// axillaryGE is what GE's B40 sends for an axillary temperature, MDC_TEMP_AXIL.
const axillaryGE = 188496

// byCode turns a table around; rows whose code is zero are left out.
func byCode[K cmp.Ordered, R any, C comparable](table map[K]R, code func(R) C) map[C]K {
	var none C
	found := make(map[C]K, len(table))
	for k, row := range table {
		c := code(row)
		if old, taken := found[c]; c != none && (!taken || k < old) {
			found[c] = k
		}
	}
	return found
}

// ByCode is the sign with that [Info] code, such as "NIBP-SYS".
func ByCode(code string) (Sign, bool) {
	s, ok := signByCode[code]
	return s, ok
}

// ByMDC is the sign with that MDC code, and the site when the code says one, as
// the temperatures' do.
func ByMDC(code uint32) (Sign, Site, bool) {
	if site, ok := siteByMDC[code]; ok {
		return Temperature, site, true
	}
	if code == axillaryGE {
		return Temperature, SiteAxilla, true
	}
	if s, ok := signByMDC[code]; ok {
		return s, NoSite, true
	}
	s, ok := otherMDC[code]
	return s, NoSite, ok
}

// String is the sign's code, or "sign-900" for number 900 of a later version.
func (s Sign) String() string {
	if row, ok := Signs[s]; ok {
		return row.Code
	}
	if s == Unknown {
		return "unknown"
	}
	return "sign-" + strconv.Itoa(int(s))
}

// MarshalText writes the sign's code.
func (s Sign) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes; anything else is ErrCode.
func (s *Sign) UnmarshalText(b []byte) error {
	text := string(b)
	if known, ok := ByCode(text); ok {
		*s = known
		return nil
	}
	if text == "unknown" {
		*s = Unknown
		return nil
	}
	digits, later := strings.CutPrefix(text, "sign-")
	n, err := strconv.ParseUint(digits, 10, 16)
	if !later || err != nil || Sign(n).String() != text {
		return fmt.Errorf("read sign: %w", ErrCode)
	}
	*s = Sign(n)
	return nil
}
