package main

import (
	"bytes"
	"crypto/sha256"
	little "encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// ofDay is the catalogue that is built in, but of another day, with the checksum
// that belongs to it, and with another name for Netflix.
func ofDay(t *testing.T, day uint32) []byte {
	t.Helper()
	data, err := os.ReadFile("../../detect/app/catalogue.bin")
	if err != nil {
		t.Fatal(err)
	}
	const digest, date = 8, 40                                          // places in its head
	data = bytes.Replace(data, []byte("Netflix"), []byte("Netfliy"), 1) // the tag follows from it
	little.LittleEndian.PutUint32(data[date:], day)
	sum := sha256.Sum256(data[date:])
	copy(data[digest:], sum[:])
	return data
}

// lookup and dump take the catalogue of the file as the agent does.
func TestCommandsTakeTheCatalogueOfAFile(t *testing.T) {
	dir := t.TempDir()
	bin, conf := filepath.Join(dir, "catalogue.bin"), filepath.Join(dir, "netifyd.toml")
	write := func(path string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(conf, []byte("[applications]\ndir = \"\"\ndomains_dir = \"\"\ncatalogue = \""+bin+"\"\n"))
	for _, x := range []struct {
		data      []byte
		tag, said string
	}{
		{ofDay(t, 29991231), "netify.netfliy", ""},
		{ofDay(t, 20200101), "netify.netflix", "the newer one is used"},
		{ofDay(t, 29991231)[:5000], "netify.netflix", "stays in use"},
	} {
		write(bin, x.data)
		out, said, code := run1(t, "-c", conf, "lookup", "netflix.com")
		if code != 0 || !strings.Contains(out, x.tag) || !strings.Contains(said, x.said) || x.said == "" && said != "" {
			t.Errorf("%s, %q: left with %d\n%s%s", x.tag, x.said, code, out, said)
		}
	}
}

// A running agent takes a new catalogue at SIGHUP, keeps it where the next one is
// not sound, and says which it has.
func TestRunningAgentRenewsItsCatalogue(t *testing.T) {
	s := newStage(t)
	bin := filepath.Join(s.dir, "catalogue.bin")
	cmd, mild, severe := s.service("\toption catalogue '" + bin + "'\n" + capturesLAN + "config log\n\toption output split\n")
	s.start(cmd)
	mild.wait(t, "built in")
	mild.wait(t, "started interfaces=1")
	renew := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(bin, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	renew(ofDay(t, 29991231))
	mild.wait(t, "2999-12-31, "+bin)
	renew(ofDay(t, 30000101)[:100_000])
	severe.wait(t, "checksum")
	severe.wait(t, "2999-12-31, "+bin+" stays in use")
	renew(ofDay(t, 30000101))
	mild.wait(t, "3000-01-01, "+bin)
	damaged := ofDay(t, 30000102)
	damaged[len(damaged)/2] ^= 1
	renew(damaged)
	severe.wait(t, "its checksum is not right: the catalogue of 3000-01-01, "+bin+" stays in use")
	before := ofDay(t, 30000102)
	before[7] = 3 // the form of agents until 2026-12-01
	renew(before)
	severe.wait(t, "is not of form 4")
	renew(ofDay(t, 20200101))
	severe.wait(t, "is of 2020-01-01")
	mild.wait(t, ", built in")
	if err := os.Remove(bin); err != nil {
		t.Fatal(err)
	}
}
