package main

import (
	"bytes"
	pcap "encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a device talked to is one command away. The server of the capture stands in the Internet
// here, and a packet that comes minutes later says that time went on.
func TestHosts(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "netifyd.toml")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "[agent]\nvolatile_dir = %q\n[[listen]]\npath = %q\n", dir, filepath.Join(dir, "s.sock")), 0o644); err != nil {
		t.Fatal(err)
	}
	capture, err := os.ReadFile("../../testdata/http-get.pcap")
	if err != nil {
		t.Fatal(err)
	}
	capture = bytes.ReplaceAll(capture, []byte{10, 9, 0, 2}, []byte{198, 51, 100, 2})
	const header, record = 24, 16
	last := 0
	for at := header; at < len(capture); at += record + int(pcap.LittleEndian.Uint32(capture[at+8:])) {
		last = at
	}
	for _, later := range []uint32{60, 300} {
		again := bytes.Clone(capture[last:])
		again = again[:record+pcap.LittleEndian.Uint32(again[8:])]
		pcap.LittleEndian.PutUint32(again, pcap.LittleEndian.Uint32(again)+later)
		capture = append(capture, again...)
	}
	agent := exec.Command(binary, "-c", conf, "-I", "lan,-")
	stdin, err := agent.StdinPipe() // open as long as the agent is asked
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); _ = agent.Wait() })
	if _, err := stdin.Write(capture); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if out, _, _ := run1(t, "-c", conf, "hosts"); strings.Contains(out, "www.example.test") {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no host in 30 seconds")
		}
	}
	for _, x := range []struct {
		args      string
		code      int
		out, said string
	}{
		{"hosts", 0, "HOST                DOWN     UP  FLOWS\n", ""},
		{"hosts 10.9.0.1", 0, "www.example.test  1006 B  820 B      2\n", ""},
		{"hosts --csv --limit 1", 0, "www.example.test,false,", ""},
		{"hosts --application netflix", 0, "no host that has a name", ""},
		{"hosts nobody", 1, "", "netifyd devices lists them"},
		{"hosts --sort up", 1, "", "no flag --sort here"},
	} {
		out, said, code := run1(t, append([]string{"-c", conf}, strings.Fields(x.args)...)...)
		if code != x.code || !strings.Contains(out, x.out) || !strings.Contains(said, x.said) {
			t.Errorf("%s: code %d, %q, %q", x.args, code, out, said)
		}
	}
}
