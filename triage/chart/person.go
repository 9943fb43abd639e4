package chart

import (
	"maps"
	"slices"
)

// A FieldView is one field of the demographics.
type FieldView struct {
	Field  Field
	Stands []FieldValue // the one to show first; more than one stands until a person settles it
	Lost   []FieldValue // replaced, in order
	// Unconfirmed were written by a withdrawn tablet.
	Unconfirmed []FieldValue
}

// A FieldValue is what one entry says of a field; "" takes the field back.
type FieldValue struct {
	Value string
	From  *Fact
}

// Value is what to show, "" when nothing stands.
func (v FieldView) Value() string {
	if len(v.Stands) == 0 {
		return ""
	}
	return v.Stands[0].Value
}

// Conflict reports whether different values stand side by side.
func (v FieldView) Conflict() bool {
	for _, s := range v.Stands {
		if s.Value != v.Stands[0].Value {
			return true
		}
	}
	return false
}

// Person is who the patient is, field by field, in the order of the fields' names.
func (c *Chart) Person() []FieldView {
	said := map[Field]map[*Fact]string{}
	unconfirmed := map[Field]map[*Fact]string{}
	for _, f := range c.warned(TypePatientRegistered, TypePatientIdentified) {
		into := said
		if f.Standing == Unconfirmed {
			into = unconfirmed
		}
		demographicsOf(f).Each(func(name Field, value string) {
			if into[name] == nil {
				into[name] = map[*Fact]string{}
			}
			into[name][f] = value
		})
	}
	names := map[Field]bool{}
	for name := range said {
		names[name] = true
	}
	for name := range unconfirmed {
		names[name] = true
	}
	var out []FieldView
	for _, name := range slices.Sorted(maps.Keys(names)) {
		choice := choose(slices.SortedFunc(maps.Keys(said[name]), (*Fact).Compare))
		out = append(out, FieldView{
			Field:       name,
			Stands:      values(choice.Stands, said[name]),
			Lost:        values(choice.Lost, said[name]),
			Unconfirmed: values(slices.SortedFunc(maps.Keys(unconfirmed[name]), (*Fact).Compare), unconfirmed[name]),
		})
	}
	return out
}

// Field is one field of [Chart.Person].
func (c *Chart) Field(name Field) FieldView {
	for _, v := range c.Person() {
		if v.Field == name {
			return v
		}
	}
	return FieldView{Field: name}
}

func values(facts []*Fact, said map[*Fact]string) []FieldValue {
	var out []FieldValue
	for _, f := range facts {
		out = append(out, FieldValue{said[f], f})
	}
	return out
}

func demographicsOf(f *Fact) *Demographics {
	switch p := f.Content.(type) {
	case *PatientRegistered:
		return &p.Who
	case *PatientIdentified:
		return &p.Who
	}
	return &Demographics{}
}

// A Background is one allergy, condition or home medicine.
type Background struct {
	Name string
	// Added are the entries that say so and that nobody took back, withdrawn
	// tablets' included: each Fact's Standing tells. Empty when it is removed.
	Added   []*Fact
	Removed []*Fact // entries that said so and were taken back
	By      []*Fact // the removals
}

// Stands reports whether the item holds: some entry says so, and no removal
// names it. Every removal names only what its writer saw, so what was added
// meanwhile stands.
func (b Background) Stands() bool { return len(b.Added) > 0 }

// Allergies are what the patient reacts to, those removed included, by name.
func (c *Chart) Allergies() []Background {
	return c.background(TypeAllergyAdded, TypeAllergyRemoved)
}

// Conditions are the patient's illnesses, those removed included, by name.
func (c *Chart) Conditions() []Background {
	return c.background(TypeConditionAdded, TypeConditionRemoved)
}

// Medicines are what the patient takes at home, those removed included, by name.
func (c *Chart) Medicines() []Background {
	return c.background(TypeMedicineAdded, TypeMedicineRemoved)
}

func (c *Chart) background(added, removed Type) []Background {
	removals := map[Ref][]*Fact{}
	for _, f := range c.Of(removed) {
		for _, r := range removedOf(f.Content) {
			removals[r] = append(removals[r], f)
		}
	}
	items := map[string]*Background{}
	for _, f := range c.warned(added) {
		item := namedOf(f.Content)
		b := items[item.Key()]
		if b == nil {
			b = &Background{Name: item.Name}
			items[item.Key()] = b
		}
		if by := removals[f.Ref]; by != nil {
			b.Removed = append(b.Removed, f)
			b.By = append(b.By, by...)
		} else {
			b.Added = append(b.Added, f)
		}
	}
	var out []Background
	for _, key := range slices.Sorted(maps.Keys(items)) {
		b := items[key]
		slices.SortFunc(b.By, (*Fact).Compare)
		b.By = slices.Compact(b.By)
		out = append(out, *b)
	}
	return out
}

func namedOf(c Content) Named {
	switch a := c.(type) {
	case *AllergyAdded:
		return a.Item
	case *ConditionAdded:
		return a.Item
	case *MedicineAdded:
		return a.Item
	}
	return Named{}
}

func removedOf(c Content) []Ref {
	switch a := c.(type) {
	case *AllergyRemoved:
		return a.Removed.Of
	case *ConditionRemoved:
		return a.Removed.Of
	case *MedicineRemoved:
		return a.Removed.Of
	}
	return nil
}
