package journal

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"fieldkit/triage/chart"
)

// fill sets every field that can be set to something that is not its zero.
func fill(v reflect.Value, n *int64) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() && v.Type().Field(i).Tag.Get("cbor") != "-" && v.Type().Field(i).Name != "_" {
				fill(v.Field(i), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(fmt.Sprint("à", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(*n % 100 * (1 - *n%2*2))
		if v.Int() == 0 {
			v.SetInt(7)
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n%100) + 1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(math.Pi)
	}
}

// Whatever the chart can say, the journal carries and brings back whole: every
// kind of content, with nothing in it and with every field in it.
func TestEveryContentOfAChartGoesThroughTheJournal(t *testing.T) {
	kinds := func(t chart.Type) (chart.Content, bool) {
		k, ok := chart.KindOf(t)
		if !ok {
			return nil, false
		}
		return k.New(), true
	}
	for _, k := range chart.Kinds {
		if k.Type >= 900 {
			t.Errorf("%s has type %d, which is the roster's", k.Name, k.Type)
		}
		full := k.New()
		var n int64
		fill(reflect.ValueOf(full).Elem(), &n)
		for what, c := range map[string]chart.Content{"empty": k.New(), "full": full} {
			b, err := EncodeContent(c)
			if err != nil {
				t.Errorf("%s %s: %v", what, k.Name, err)
				continue
			}
			got, err := DecodeContent(k.Type, b, kinds)
			if err != nil {
				t.Errorf("%s %s: %x: %v", what, k.Name, b, err)
				continue
			}
			if !reflect.DeepEqual(got, c) {
				t.Errorf("%s %s:\n%+v became\n%+v", what, k.Name, c, got)
			}
		}
	}
}
