package tree

import (
	"strings"
	"testing"
)

func TestSorted(t *testing.T) {
	x := &Tree{}
	x.Add("/usr/sbin/agent", 0o755, []byte("12345"))
	x.Add("/etc/apps/", 0o750, nil)
	x.AddConf("/etc/agent", 0o600, []byte("123"))
	var got []string
	for _, f := range x.Sorted() {
		got = append(got, f.Path)
		if f.Path == "/etc/apps/" && f.Mode != 0o750 || f.Path == "/usr/" && f.Mode != 0o755 {
			t.Errorf("%s has mode %o", f.Path, f.Mode)
		}
	}
	if want := "/etc/ /etc/agent /etc/apps/ /usr/ /usr/sbin/ /usr/sbin/agent"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if x.Size() != 8 || strings.Join(x.Conf(), " ") != "/etc/agent" || strings.Join(x.Regular(), " ") != "/etc/agent /usr/sbin/agent" {
		t.Errorf("size %d, conf %v, regular %v", x.Size(), x.Conf(), x.Regular())
	}
}

func TestCheck(t *testing.T) {
	for _, bad := range []string{"etc/a", "/etc/../a", "/etc//a", "/etc/./a", ""} {
		x := &Tree{}
		x.Add(bad, 0o644, nil)
		if x.Check() == nil {
			t.Errorf("%q accepted", bad)
		}
	}
	x := &Tree{}
	x.Add("/a", 0o644, nil)
	if err := x.Check(); err != nil {
		t.Error(err)
	}
	x.Add("/a", 0o644, nil)
	if x.Check() == nil {
		t.Error("a path twice accepted")
	}
	y := &Tree{}
	y.Add("/a", 0o100644, nil)
	if y.Check() == nil {
		t.Error("a mode with a file type accepted")
	}
}
