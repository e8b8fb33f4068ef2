package ubus

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// The bytes are those that libubox writes: blobmsg_add_u32(b, "limit", 10),
// blobmsg_add_string(b, "filter", "tv"), blobmsg_add_u8(b, "on", 1).
func TestForm(t *testing.T) {
	got, err := appendJSON(nil, []byte(`{"limit":10,"filter":"tv","on":true}`))
	if err != nil {
		t.Fatal(err)
	}
	want := "85000010" + "0005" + hex.EncodeToString([]byte("limit")) + "00" + "0000000a" +
		"83000013" + "0006" + hex.EncodeToString([]byte("filter")) + "00" + "000000" + "747600" + "00" +
		"8700000d" + "0002" + "6f6e" + "00" + "000000" + "01" + "000000"
	if hex.EncodeToString(got) != want {
		t.Errorf("\n%x\n%s", got, want)
	}
}

func TestThereAndBack(t *testing.T) {
	for _, text := range []string{
		`{}`, `{"a":1,"b":-1,"c":4294967296,"d":1.5,"e":"x","f":true,"g":false,"h":[],"i":{}}`,
		`{"rows":[["a",1,[true,{"b":"c"}]],[]],"x":""}`, `{"n":null,"long name with blanks":"` + strings.Repeat("y", 300) + `"}`, `{"u":"\u00e9\u202e"}`,
	} {
		blob, err := appendJSON(nil, []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		back, err := readJSON(nil, blob)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var a, b any
		if json.Unmarshal([]byte(text), &a) != nil || json.Unmarshal(back, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%s became %s", text, back)
		}
		for n := range blob { // a beginning is an error or less, never a panic
			_, _ = readJSON(nil, blob[:n])
		}
	}
	for _, text := range []string{``, `[]`, `{"a":`, `{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`} {
		if _, err := appendJSON(nil, []byte(text)); err == nil {
			t.Errorf("%s became a blob", text)
		}
	}
}

func FuzzReadJSON(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":"c"}`, `{"r":[[1,2.5,true],{"x":{}}]}`} {
		b, _ := appendJSON(nil, []byte(s))
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := readJSON(nil, b)
		if err == nil && !json.Valid(text) {
			t.Errorf("%x became %s, which is no JSON", b, text)
		}
	})
}

func FuzzMessage(f *testing.F) {
	m := message{kind: msgInvoke, seq: 7, peer: 9, data: appendText(appendNumber(nil, attrObjID, 5), attrMethod, "status")}
	f.Add(m.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, _, err := read(bytes.NewReader(b), nil)
		if err != nil {
			return
		}
		_ = m.attributes(func(x *blob) { _ = x.text() })
		_, _ = m.status()
	})
}
