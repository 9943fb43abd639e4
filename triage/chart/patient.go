package chart

import (
	"regexp"
	"strconv"
	"time"
)

// Sex as written down by the person asking.
type Sex string

// The sexes recorded.
const (
	Female     Sex = "female"
	Male       Sex = "male"
	OtherSex   Sex = "other"
	UnknownSex Sex = "unknown"
)

// Demographics is who the patient is, field by field. An empty field says
// nothing; a field named in Clear is taken back.
type Demographics struct {
	Family   string `cbor:"1,keyasint,omitempty" json:"family,omitempty"`
	Given    string `cbor:"2,keyasint,omitempty" json:"given,omitempty"`
	Called   string `cbor:"3,keyasint,omitempty" json:"called,omitempty"` // what they like to be called
	Sex      Sex    `cbor:"4,keyasint,omitempty" json:"sex,omitempty"`
	Birth    string `cbor:"5,keyasint,omitempty" json:"birth,omitempty"` // 1958, 1958-03 or 1958-03-09
	Age      string `cbor:"6,keyasint,omitempty" json:"age,omitempty"`   // as said or guessed: "67 a", "7 mo", "3 wk", "2 d" (UCUM)
	Language string `cbor:"7,keyasint,omitempty" json:"language,omitempty"`
	Phone    string `cbor:"8,keyasint,omitempty" json:"phone,omitempty"`
	Address  string `cbor:"9,keyasint,omitempty" json:"address,omitempty"`
	Contact  string `cbor:"10,keyasint,omitempty" json:"contact,omitempty"` // next of kin and how to reach them
	// Label tells an unknown patient apart: "man, red jacket", "tag 0417".
	Label       string       `cbor:"11,keyasint,omitempty" json:"label,omitempty"`
	Identifiers []Identifier `cbor:"12,keyasint,omitempty" json:"identifiers,omitempty"`
	Clear       []Field      `cbor:"13,keyasint,omitempty" json:"clear,omitempty"`
}

// An Identifier is a number some register gave the patient. Each system is a
// field of its own.
type Identifier struct {
	System string `cbor:"1,keyasint,omitempty" json:"system"`
	Value  string `cbor:"2,keyasint,omitempty" json:"value"`
}

// A Field names one part of the demographics; an identifier's is "id:" and its
// system.
type Field string

// The fields.
const (
	FieldFamily   Field = "family"
	FieldGiven    Field = "given"
	FieldCalled   Field = "called"
	FieldSex      Field = "sex"
	FieldBirth    Field = "birth"
	FieldAge      Field = "age"
	FieldLanguage Field = "language"
	FieldPhone    Field = "phone"
	FieldAddress  Field = "address"
	FieldContact  Field = "contact"
	FieldLabel    Field = "label"
	FieldID       Field = "id:"
)

// Each calls set for every field that d sets, in a fixed order, and then for
// every field it takes back with the value "".
func (d *Demographics) Each(set func(Field, string)) {
	for _, f := range [...]struct {
		name  Field
		value string
	}{
		{FieldFamily, d.Family}, {FieldGiven, d.Given}, {FieldCalled, d.Called},
		{FieldSex, string(d.Sex)}, {FieldBirth, d.Birth}, {FieldAge, d.Age},
		{FieldLanguage, d.Language}, {FieldPhone, d.Phone}, {FieldAddress, d.Address},
		{FieldContact, d.Contact}, {FieldLabel, d.Label},
	} {
		if f.value != "" {
			set(f.name, f.value)
		}
	}
	for _, i := range d.Identifiers {
		set(FieldID+Field(i.System), i.Value)
	}
	for _, f := range d.Clear {
		set(f, "")
	}
}

var ageText = regexp.MustCompile(`^[0-9]{1,3} (a|mo|wk|d)$`)

func (d *Demographics) check(c *check) {
	c.name("family", d.Family)
	c.name("given", d.Given)
	c.name("called", d.Called)
	among(c, "sex", d.Sex, true, Female, Male, OtherSex, UnknownSex)
	c.must(d.Birth == "" || birthDate(d.Birth), "birth is not a year, month or day from 1880 on")
	c.must(d.Age == "" || ageText.MatchString(d.Age), `age is not written like "67 a", "7 mo", "3 wk" or "2 d"`)
	c.name("language", d.Language)
	c.name("phone", d.Phone)
	c.text("address", d.Address, MaxText)
	c.text("contact", d.Contact, MaxText)
	c.name("label", d.Label)
	c.length("identifiers", len(d.Identifiers))
	for _, i := range d.Identifiers {
		c.needed("identifier's system", i.System, MaxName)
		c.needed("identifier's value", i.Value, MaxName)
	}
	c.length("clear", len(d.Clear))
	for _, f := range d.Clear {
		c.needed("clear", string(f), MaxName)
	}
}

func birthDate(s string) bool {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if _, err := time.Parse(layout, s); err == nil {
			year, _ := strconv.Atoi(s[:4])
			return year >= 1880 && year < 2200
		}
	}
	return false
}

// PatientRegistered begins a patient's record.
type PatientRegistered struct {
	Who Demographics `cbor:"1,keyasint,omitzero" json:"who,omitzero"`
}

// Validate implements [Content].
func (p *PatientRegistered) Validate() error {
	var c check
	p.Who.check(&c)
	return c.err()
}

// PatientIdentified sets or corrects who the patient is.
type PatientIdentified struct {
	Who Demographics `cbor:"1,keyasint,omitzero" json:"who"`
	How string       `cbor:"2,keyasint,omitempty" json:"how,omitempty"` // "wristband", "relative", "document"
}

// Validate implements [Content].
func (p *PatientIdentified) Validate() error {
	var c check
	p.Who.check(&c)
	said := false
	p.Who.Each(func(Field, string) { said = true })
	c.must(said, "who is empty")
	c.name("how", p.How)
	return c.err()
}

// PatientsMerged says that two records are one person. Both stay; it is written
// in an encounter of each, so that either chart shows it.
type PatientsMerged struct {
	From ID     `cbor:"1,keyasint,omitzero" json:"from"`
	Into ID     `cbor:"2,keyasint,omitzero" json:"into"`
	Why  string `cbor:"3,keyasint,omitempty" json:"why,omitempty"`
}

// Validate implements [Content].
func (p *PatientsMerged) Validate() error {
	var c check
	c.id("from", p.From)
	c.id("into", p.Into)
	c.must(p.From != p.Into, "from and into are the same patient")
	c.text("why", p.Why, MaxText)
	return c.err()
}

// PatientsUnmerged takes a merge back: every merge of the two that its writer had
// seen. A merge written at the same time elsewhere stands.
type PatientsUnmerged struct {
	From ID     `cbor:"1,keyasint,omitzero" json:"from"`
	Into ID     `cbor:"2,keyasint,omitzero" json:"into"`
	Why  string `cbor:"3,keyasint,omitempty" json:"why,omitempty"`
}

// Validate implements [Content].
func (p *PatientsUnmerged) Validate() error {
	return (&PatientsMerged{From: p.From, Into: p.Into, Why: p.Why}).Validate()
}
