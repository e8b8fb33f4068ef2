package app

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
)

var update = flag.Bool("update", false, "add new applications to testdata/given.tsv")

const givenFile = "testdata/given.tsv"

// A number that was given to a tag once is that tag's for ever: readers join
// by it. given.tsv has every one that a release or a commit of the catalogue gave.
func TestGivenNumbersStay(t *testing.T) {
	if *update {
		writeGiven(t)
	}
	owner := map[uint32]string{}
	for _, row := range rows(t, givenFile, 2) {
		id, err := strconv.ParseUint(row[0], 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		owner[uint32(id)] = row[1]
	}
	numbers := map[string]uint32{}
	Default().Each(func(id uint32, tag string) {
		numbers[tag] = id
		switch was, ok := owner[id]; {
		case !ok:
			t.Errorf("%d, %s, is new: go test ./detect/app -run Given -update", id, tag)
		case was != tag:
			t.Errorf("%d belongs to %s, now %s has it", id, was, tag)
		}
	})
	for id, tag := range owner {
		if now, ok := numbers[tag]; ok && now != id {
			t.Errorf("%s had the number %d, now %d", tag, id, now)
		}
	}
}

// Readers of netifyd know these tags by these numbers.
func TestKnownNumbers(t *testing.T) {
	known := map[string]string{}
	for _, row := range rows(t, "catalogue/identifiers.tsv", 2) {
		known[row[1]] = row[0]
	}
	n := 0
	Default().Each(func(id uint32, tag string) {
		if want, ok := known[tag]; ok {
			n++
			if got := strconv.Itoa(int(id)); got != want {
				t.Errorf("%s is %s, want %s", tag, got, want)
			}
		}
	})
	if n < 238 {
		t.Errorf("%d applications of identifiers.tsv are in the catalogue, 238 were", n)
	}
	for tag, want := range map[string]uint32{"netify.telegram": 10185, "netify.nordvpn": 10516, "netify.signal": 10240, "netify.zoom": 10228,
		"netify.plex": 10102, "netify.steam": 10003, "netify.google": 126, "netify.whatsapp": 142, "netify.netflix": 133} {
		if got := Default().Tag(want); got != tag {
			t.Errorf("%d is %s, want %s", want, got, tag)
		}
	}
}

func writeGiven(t *testing.T) {
	t.Helper()
	given, err := os.ReadFile(givenFile)
	if err != nil {
		t.Fatal(err)
	}
	Default().Each(func(id uint32, tag string) {
		if row := fmt.Sprintf("\n%d\t", id); !bytes.Contains(given, []byte(row)) {
			given = fmt.Appendf(given, "%d\t%s\n", id, tag)
		}
	})
	if err := os.WriteFile(givenFile, given, 0o644); err != nil {
		t.Fatal(err)
	}
}
