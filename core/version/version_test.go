package version

import (
	"os"
	"regexp"
	"testing"
)

// A feed's Makefile is read without the source beside it, so it repeats the
// version. apk takes digits and dots, and of letters only few: see the pattern.
func TestFeedHasTheSameVersion(t *testing.T) {
	text, err := os.ReadFile("../../openwrt/netifyd/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^PKG_VERSION:=(.*)$`).FindSubmatch(text)
	if found == nil || string(found[1]) != Number {
		t.Errorf("openwrt/netifyd/Makefile has PKG_VERSION %q, want %s", found, Number)
	}
	if !regexp.MustCompile(`^[0-9]+(\.[0-9]+)*[a-z]?(_(alpha|beta|pre|rc|git|p)[0-9]*)*$`).MatchString(Number) {
		t.Errorf("%q is no version that apk takes", Number)
	}
}
