package lang

// The keys of sound, sign-in, the clinic and what is about the station.
const (
	PauseSound   Key = "pause sound"
	PauseLong    Key = "for two minutes"
	SoundPaused  Key = "sound paused"
	SoundOn      Key = "sound on"
	NoSound      Key = "no sound"
	PausedAlarm  Key = "paused alarm"
	AlarmOfOther Key = "alarm of another"
)

// stationWords are their words: English, French, Spanish.
var stationWords = map[Key][3]string{
	PauseSound:   {"Pause sound", "Pause du son", "Pausar sonido"},
	PauseLong:    {"2 min", "2 min", "2 min"},
	SoundPaused:  {"SOUND PAUSED", "SON EN PAUSE", "SONIDO EN PAUSA"},
	SoundOn:      {"Sound on again", "Son rétabli", "Sonido activo"},
	NoSound:      {"NO ALARM SOUND: %s", "PAS DE SON D'ALARME : %s", "SIN SONIDO DE ALARMA: %s"},
	PausedAlarm:  {"(sound paused)", "(son en pause)", "(sonido en pausa)"},
	AlarmOfOther: {"%s:  %s", "%s :  %s", "%s:  %s"},
}
