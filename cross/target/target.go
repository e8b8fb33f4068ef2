// Package target is the table of what is built: targets.tsv.
package target

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Target is one line of the table: a setting of the Go compiler, and whom the
// binary that it makes serves.
type Target struct {
	Name       string
	OS, Arch   string   // GOOS, GOARCH
	Level      string   // NAME=value of the environment, or empty
	Tags       string   // build tags, comma separated
	OpenWrt    []string // names of architectures
	Debian     string   // name of the architecture, or empty
	Qemu, CPU  string   // emulator and its -cpu; empty: runs on amd64 as it is
	MaxBinary  int64    // bytes; 0: no budget
	MaxPackage int64    // bytes of the ipk; 0: no budget

	// Bytes of netifyctl, of the larger build where there are two, and of its
	// ipk. 0: there is none.
	MaxCompanion, MaxCompanionPackage int64
}

// Tiny tells the build for 8 MB of flash.
func (t *Target) Tiny() bool { return t.Tags == "tiny" }

// Build are the tags that the agent is built with: what only programs that
// import package afpacket use is left out (80 KB of memory).
func (t *Target) Build() string { return strings.TrimPrefix(t.Tags+",no_gopacket", ",") }

// Package is the name of the OpenWrt package that carries this build. It is not
// netifyd: the feed of OpenWrt has another program of that name.
func (t *Target) Package() string {
	if t.Tiny() {
		return "netifyd-go-tiny"
	}
	return "netifyd-go"
}

const columns = 13

// Read reads the table. An error names the line.
func Read(path string) ([]Target, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []Target
	seen := map[string]bool{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		t, err := parse(line)
		if err == nil && seen[t.Name] {
			err = fmt.Errorf("%s is here twice", t.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		seen[t.Name] = true
		all = append(all, t)
	}
	return all, lines.Err()
}

func parse(line string) (Target, error) {
	f := strings.Split(line, "\t")
	if len(f) != columns {
		return Target{}, fmt.Errorf("%d columns, want %d", len(f), columns)
	}
	for i := range f {
		if f[i] == "-" {
			f[i] = ""
		}
	}
	t := Target{Name: f[0], OS: f[1], Arch: f[2], Level: f[3], Tags: f[4], Debian: f[6], Qemu: f[7], CPU: f[8]}
	if f[5] != "" {
		t.OpenWrt = strings.Split(f[5], ",")
	}
	if t.Name == "" || t.OS == "" || t.Arch == "" {
		return t, fmt.Errorf("name, GOOS and GOARCH are needed")
	}
	for i, into := range []*int64{&t.MaxBinary, &t.MaxPackage, &t.MaxCompanion, &t.MaxCompanionPackage} {
		n, err := bytes(f[9+i])
		if err != nil {
			return t, err
		}
		*into = n
	}
	return t, nil
}

func bytes(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is no number of bytes", s)
	}
	return n, nil
}
