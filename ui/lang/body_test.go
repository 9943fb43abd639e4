package lang

import "testing"

func TestASideIsSaidInTheGenderOfThePart(t *testing.T) {
	for _, c := range []struct{ site, french, spanish string }{
		{"left forearm, front", "avant-bras gauche, devant", "antebrazo izquierdo, delante"},
		{"right hand, back", "main droite, derrière", "mano derecha, detrás"},
		{"right toes, front", "orteils droits, devant", "dedos del pie derechos, delante"},
		{"right foot, back", "pied droit, derrière", "pie derecho, detrás"},
		{"left knee, front", "genou gauche, devant", "rodilla izquierda, delante"},
		{"buttocks, back", "fesses, derrière", "nalgas, detrás"},
		{"lumbar spine", "rachis lombaire", "columna lumbar"},
		{"whole body", "tout le corps", "todo el cuerpo"},
		{"both bases", "both bases", "both bases"}, // somebody's own words
	} {
		for l, want := range map[Language]string{English: c.site, French: c.french, Spanish: c.spanish} {
			if got := (&Speech{Language: l}).Site(c.site); got != want {
				t.Errorf("%q in %s is %q, want %q", c.site, l.Name(), got, want)
			}
		}
	}
}
