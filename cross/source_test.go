package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sourceFeed is the package of the feed, as OpenWrt's buildroot reads it.
func sourceFeed(t *testing.T) (text string, define func(name string) string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "openwrt", "netifyd", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b), func(name string) string {
		_, rest, found := strings.Cut(string(b), "\ndefine Package/"+name+"\n")
		body, _, ended := strings.Cut(rest, "endef\n")
		if !found || !ended {
			t.Errorf("the feed says nothing of %s", name)
		}
		return body
	}
}

// installed is a line of a recipe, with the modes of buildroot's rules.mk.
var installed = regexp.MustCompile(`(?m)^\t\$\(INSTALL_(BIN|CONF|DATA)\) (\S+) \$\(1\)(\S+)$`)

// The packages that the feed builds are those that `make packages` writes: the same
// files with the same modes, users, dependencies and words.
func TestSourceFeed(t *testing.T) {
	text, define := sourceFeed(t)
	for _, c := range []struct {
		name, binary, program string
		files                 []source
	}{
		{"netifyctl", "$(GO_PKG_BUILD_BIN_DIR)/netifyctl", ctlPath, ctlOpenwrtFiles},
		{"netifyd-go", "$(GO_PKG_BUILD_BIN_DIR)/netifyd", "/usr/sbin/netifyd", openwrtFiles},
	} {
		want := []string{fmt.Sprintf("BIN %s %s", c.binary, c.program)}
		var conffiles []string
		for _, f := range c.files {
			if strings.HasPrefix(f.to, "/lib/upgrade/keep.d/") {
				continue // buildroot makes it of the directories in conffiles
			}
			how := map[uint32]string{0o755: "BIN", 0o600: "CONF", 0o644: "DATA"}[f.mode]
			want = append(want, fmt.Sprintf("%s $(PKG_BUILD_DIR)/%s %s", how, f.from, f.to))
			if f.conf {
				conffiles = append(conffiles, f.to)
			}
		}
		var have []string
		for _, m := range installed.FindAllStringSubmatch(define(c.name+"/install"), -1) {
			have = append(have, strings.Join(m[1:], " "))
		}
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(have, want) {
			t.Errorf("%s installs\n%s\nwant\n%s", c.name, strings.Join(have, "\n"), strings.Join(want, "\n"))
		}
		kept := strings.Fields(define(c.name + "/conffiles"))
		for _, f := range conffiles {
			if !slices.Contains(kept, f) {
				t.Errorf("%s keeps %q, want %s too", c.name, kept, f)
			}
		}
		if !strings.Contains(text, "$(eval $(call BuildPackage,"+c.name+"))\n") {
			t.Errorf("%s is not built", c.name)
		}
	}
	ctl := define("netifyctl")
	for _, line := range []string{"TITLE:=" + ctlSummary, "USERID:=netifyctl:netifyd", "DEPENDS:=$(GO_ARCH_DEPENDS) +ca-bundle", "URL:=" + homepage, "SECTION:=net"} {
		if !strings.Contains(ctl, "  "+line+"\n") {
			t.Errorf("netifyctl lacks %s", line)
		}
	}
	if words := strings.Fields(define("netifyctl/description")); !slices.Equal(words, strings.Fields(ctlDescription)) {
		t.Errorf("netifyctl is described by %q", words)
	}
	for _, line := range []string{"PKG_LICENSE:=" + license, "PKG_MAINTAINER:=" + maintainer} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the feed lacks %s", line)
		}
	}
}
