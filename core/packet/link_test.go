package packet

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// What Decode reads is what LinkType.Known says: a capture is not to be called
// unknown and read, nor the other way.
func TestKnownLinks(t *testing.T) {
	names := func(path, function string) []string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		body := regexp.MustCompile(`(?s)\n` + regexp.QuoteMeta(function) + `.*?\n}\n`).FindString(string(text))
		var list []string
		for _, line := range regexp.MustCompile(`(?ms)^\tcase (.*?):$`).FindAllString(body, -1) {
			list = append(list, regexp.MustCompile(`Link[A-Za-z0-9]+`).FindAllString(line, -1)...)
		}
		slices.Sort(list)
		return list
	}
	read, known := append(names("decode.go", "func (d *Decoder) link("), names("front.go", "func front(")...), names("../link.go", "func (t LinkType) Known(")
	slices.Sort(read)
	if len(read) < 10 || !slices.Equal(read, known) {
		t.Errorf("Decode reads %v\nKnown are     %v", read, known)
	}
}
