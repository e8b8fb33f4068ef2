package client

import (
	"strings"
	"testing"
)

func TestReadTree(t *testing.T) {
	m := ReadTree([]byte(`{"b":{"z":1.50,"a":[true,"x",-3]},"a":null,"e":{},"l":[{"q":1}]}`))
	if len(m.In) != 4 || m.In[0].Name != "b" || m.In[1].Name != "a" {
		t.Fatalf("%+v", m)
	}
	b := &m.In[0]
	if _, ok := b.Flat(); ok || b.In[0].Text != "1.50" || !b.In[0].Number {
		t.Errorf("%+v", b)
	}
	if text, ok := b.In[1].Flat(); !ok || text != "yes  x  -3" || !b.In[1].List {
		t.Errorf("%q, %v", text, ok)
	}
	for i, want := range map[int]bool{1: true, 2: true, 3: false} {
		if text, ok := m.In[i].Flat(); ok != want || text != "" {
			t.Errorf("%s: %q, %v", m.In[i].Name, text, ok)
		}
	}
}

// Whatever comes, reading ends.
func TestReadTreeOfWhatIsNotWhole(t *testing.T) {
	whole := `{"a":[1,{"b":"c"}],"d":true}`
	for i := range len(whole) {
		ReadTree([]byte(whole[:i]))
	}
	for _, text := range []string{strings.Repeat("[", 1000), strings.Repeat(`{"a":`, 1000), `{"a" 1}`, "]", "\x00"} {
		ReadTree([]byte(text))
	}
}
