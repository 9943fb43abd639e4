package theme

import (
	"image/color"

	"fieldkit/triage/chart"
)

// Tag is the ground and the ink of a triage category, as on a casualty's tag: red,
// yellow, green, grey and black. They are darker than the alarms' colours, never
// flash, and the category's word always stands on them.
func Tag(u chart.Urgency) (ground, ink color.NRGBA) {
	white := rgb(0xffffff)
	switch u {
	case chart.Immediate:
		return rgb(0x941b1b), white
	case chart.VeryUrgent:
		return rgb(0x9a4300), white
	case chart.Urgent:
		return rgb(0xa08400), rgb(0x000000)
	case chart.Standard, chart.NonUrgent:
		return rgb(0x1e6b34), white
	case chart.Expectant:
		return rgb(0x54565e), white
	case chart.Dead:
		return rgb(0x000000), white
	}
	return rgb(0x3a3d42), white
}
