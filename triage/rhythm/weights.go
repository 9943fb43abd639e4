package rhythm

var bias float32 = -5.344

var weights = features{
	energyUsual: 0.6688,
	slopeUsual:  0.7396,
	bulkUsual:   -0.3623,
	energyNoise: 0.6304,
	ahead:       2.374,
	behind:      0.4291,
	restless:    -1.249,
	early:       -3.582,
	late:        -1.206,
	hasty:       -7.209,
	likeNarrow:  -0.5205,
	energyLast:  0.2397,
	slopeLast:   0.4898,
	lateness:    2.472,
	likeWide:    3.509,
	heightUsual: 0.5967,
	tWave:       -7.064,
	heightLast:  -0.1996,
}
