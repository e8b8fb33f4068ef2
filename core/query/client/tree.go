package client

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Member is a value of JSON with its name, in the order of the text: what a face
// shows of an answer whose fields it need not know.
type Member struct {
	Name   string // empty: of a list, or the whole
	Text   string // of a plain value; yes or no of a truth
	Number bool   // Text is a number
	List   bool
	In     []Member // nil: a plain value
}

// deepest is how far objects in objects are read.
const deepest = 16

// ReadTree reads an answer. What is not whole ends where it breaks.
func ReadTree(text []byte) Member {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return readMember(d, "", 0)
}

func readMember(d *json.Decoder, name string, depth int) (m Member) {
	m.Name = name
	tok, err := d.Token()
	if err != nil || depth > deepest {
		return m
	}
	switch v := tok.(type) {
	case json.Delim:
		m.List, m.In = v == '[', []Member{}
		for d.More() {
			inner := ""
			if !m.List {
				key, err := d.Token()
				if err != nil {
					return m
				}
				inner, _ = key.(string)
			}
			before := d.InputOffset()
			m.In = append(m.In, readMember(d, inner, depth+1))
			if d.InputOffset() == before {
				return m // it is not whole
			}
		}
		_, _ = d.Token()
	case string:
		m.Text = v
	case json.Number:
		m.Text, m.Number = v.String(), true
	case bool:
		m.Text = map[bool]string{true: "yes", false: "no"}[v]
	}
	return m
}

// Flat is a member on one line; false: it holds more than plain values.
func (m *Member) Flat() (string, bool) {
	if m.In == nil {
		return m.Text, true
	}
	if !m.List {
		return "", len(m.In) == 0
	}
	words := make([]string, len(m.In))
	for i := range m.In {
		text, ok := m.In[i].Flat()
		if !ok {
			return "", false
		}
		words[i] = text
	}
	return strings.Join(words, "  "), true
}
