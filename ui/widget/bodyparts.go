package widget

import (
	"slices"
	"strings"
)

// A Side is from where the body is looked at.
type Side uint8

// The sides.
const (
	Front Side = iota
	Back
)

// A Region is one place of the body map: a part of the front or the back. Its name is
// the record's English word for the site of a finding, "left forearm, front".
//
// The regions are those of the burn chart of Lund and Browder (Surg Gynecol Obstet
// 1944;79:352: head, neck, trunk before and behind, buttocks, genitals, upper and lower
// arm, hand, thigh, leg and foot of each side), with the trunk, the shoulders and the
// joints as in the lists of NEMSIS 3.5 (eExam.10, .13, .15) and of IHE's mobile
// Paramedicine Summary of Care (Physical.Finding.of.Extremities.TargetSite). They are
// the same for a child: the map says where, never how much.
type Region struct {
	Site string
	Side Side
	// Finer are places within it, each of this region alone.
	Finer []string

	level int   // cell along the body, 0 the head
	lane  lane  // cell across it
	shape shape // its corners, clockwise
}

// A lane is where across the body a region lies. Of a figure seen from the front the
// patient's right is one's left hand; seen lying, with the head at the left, it is below.
type lane int8

const (
	upper lane = -1
	midst lane = 0
	lower lane = 1
)

// a shape is a polygon of corners (along, across): along in cells from the head, across in
// cells from the middle of the body.
type shape [][2]float32

// mirrored is the shape on the other side of the middle.
func (s shape) mirrored() (out shape) {
	for _, c := range s {
		out = append(out, [2]float32{c[0], -c[1]})
	}
	return out
}

// paired are the parts that there are two of, from shoulder to foot, with the finer places
// of each; middle those there is one of, before and behind.
var (
	paired = []struct {
		part  string
		level int
		finer []string
		shape shape
	}{
		{"shoulder", 1, nil, shape{{1.97, 0.53}, {1.58, 0.53}, {1.70, 0.84}, {1.97, 0.97}}},
		{"upper arm", 2, nil, shape{{2.03, 0.60}, {2.03, 0.97}, {2.97, 1.02}, {2.97, 0.74}}},
		{"forearm", 3, []string{"elbow"}, shape{{3.03, 0.75}, {3.03, 1.02}, {3.97, 1.07}, {3.97, 0.87}}},
		{"hand", 4, []string{"wrist", "thumb", "fingers"}, shape{{4.03, 0.86}, {4.03, 1.08}, {4.40, 1.17}, {4.80, 1.06}, {4.80, 0.90}}},
		{"thigh", 5, nil, shape{{5.03, 0.05}, {5.03, 0.47}, {5.97, 0.41}, {5.97, 0.09}}},
		{"lower leg", 6, []string{"knee"}, shape{{6.03, 0.09}, {6.03, 0.40}, {6.40, 0.41}, {6.97, 0.29}, {6.97, 0.12}}},
		{"foot", 7, []string{"ankle", "toes"}, shape{{7.03, 0.11}, {7.03, 0.29}, {7.62, 0.50}, {7.78, 0.36}, {7.66, 0.14}}},
	}
	middle = []struct {
		parts [2]string // front and back
		level int
		finer [2][]string
		shape shape // of the lower half; mirrored to make the whole
	}{
		{[2]string{"head", "head"}, 0, [2][]string{{"right eye", "left eye", "nose", "mouth", "jaw"}, {"scalp", "right ear", "left ear"}}, shape{{0.09, 0.10}, {0.14, 0.23}, {0.26, 0.33}, {0.46, 0.38}, {0.66, 0.36}, {0.84, 0.28}, {0.97, 0.13}}},
		{[2]string{"neck", "neck"}, 1, [2][]string{nil, {"cervical spine"}}, shape{{1.03, 0.17}, {1.42, 0.19}, {1.56, 0.47}, {1.97, 0.47}}},
		{[2]string{"chest", "upper back"}, 2, [2][]string{{"right chest", "middle of chest", "left chest"}, {"right upper back", "thoracic spine", "left upper back"}}, shape{{2.03, 0.48}, {2.97, 0.43}}},
		{[2]string{"abdomen", "lower back"}, 3, [2][]string{{"right upper abdomen", "left upper abdomen", "right lower abdomen", "left lower abdomen"}, {"right loin", "lumbar spine", "left loin"}}, shape{{3.03, 0.42}, {3.50, 0.39}, {3.97, 0.43}}},
		{[2]string{"pelvis", "buttocks"}, 4, [2][]string{{"right hip", "left hip", "genitals"}, {"right buttock", "left buttock", "sacrum"}}, shape{{4.03, 0.43}, {4.60, 0.48}, {4.97, 0.48}}},
	}
)

// WholeBody is the site of what was looked for everywhere.
const WholeBody = "whole body"

// Regions are all of them, the front first, from the head down.
var Regions = regions()

func regions() (all []Region) {
	for side, suffix := range [...]string{", front", ", back"} {
		for _, m := range middle {
			whole := m.shape.mirrored()
			for _, c := range slices.Backward(m.shape) {
				whole = append(whole, c)
			}
			all = append(all, Region{Site: m.parts[side] + suffix, Side: Side(side), Finer: m.finer[side], level: m.level, shape: whole})
		}
		for _, p := range paired {
			for _, l := range [...]lane{lower, upper} {
				// Lying with the head at the left, the patient's right is below when
				// seen from the front, and above when seen from behind.
				which := "left "
				if (l == lower) == (Side(side) == Front) {
					which = "right "
				}
				r := Region{Site: which + p.part + suffix, Side: Side(side), level: p.level, lane: l, shape: p.shape.mirrored()}
				if l == lower { // corners go clockwise
					r.shape = slices.Clone(p.shape)
					slices.Reverse(r.shape)
				}
				for _, f := range p.finer {
					r.Finer = append(r.Finer, which+f+suffix)
				}
				all = append(all, r)
			}
		}
	}
	return all
}

// legs are the levels at which the body is two columns and has no middle.
const legs = 5

// levels is how many cells the body is long, lanes how many it is wide.
const (
	levels = 8
	lanes  = 3
)

// RegionOf is the region in which a site lies; false for one that the map does not name.
func RegionOf(site string) (Region, bool) {
	site = strings.TrimSpace(site)
	for _, r := range Regions {
		if r.Site == site || slices.Contains(r.Finer, site) {
			return r, true
		}
	}
	return Region{}, false
}
