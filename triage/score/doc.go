// Package score computes early-warning, trauma, stroke, newborn, pain and burn
// scores from what was found on a patient. It is pure: findings in, a [Result]
// that explains itself out. It makes no diagnosis, fills in no missing value and
// never lets one lower an urgency.
//
// # Rule
//
// One published score: its name, version, inputs, source and licence. [Rules]
// lists them all; each stands in a file of its own.
//
// # Incomplete
//
// A result with an input missing has no total. It says instead the lowest and the
// highest total that the missing inputs allow, a band only when every one of them
// gives the same, and the question whose answer can move it most.
//
// # Part
//
// What one input adds to the total.
//
// Values are compared as decimals, never as binary floats. Where a chart has whole
// numbers or tenths, the value is rounded to them first, half up.
package score
