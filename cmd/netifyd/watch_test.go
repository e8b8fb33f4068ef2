package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What a person sees who looks on: a legend, and each flow once, with its bytes.
func TestFlowsOfFileForPerson(t *testing.T) {
	var got strings.Builder
	for _, name := range []string{"http-get", "dns", "ssh", "dhcp"} {
		dir := t.TempDir()
		conf := filepath.Join(dir, "netifyd.toml")
		if err := os.WriteFile(conf, []byte(fmt.Sprintf("[agent]\nvolatile_dir = %q\n[[listen]]\npath = %q\n", dir, filepath.Join(dir, "s.sock"))), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(binary, "-v", "-c", conf, "-I", "lo,../../testdata/"+name+".pcap")
		cmd.Env = append(os.Environ(), "TZ=UTC")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		flows := bytes.Count(replayed(t, "../../testdata/"+name+".pcap"), []byte(`"type":"flow_purge"`))
		if lines := bytes.Count(out, []byte("\n")) - 3; lines != flows {
			t.Errorf("%s: %d lines of %d flows\n%s", name, lines, flows, out)
		}
		got.WriteString(name + "\n" + string(out))
	}
	golden(t, "testdata/viewed.txt", got.String())
}

// On a live line a flow is shown when it is known, not again when more is
// known, and once with its bytes. What strangers wrote is cleaned.
func TestFlowsForPerson(t *testing.T) {
	v := &viewer{shown: map[string]*viewed{}, width: 80, names: map[string]string{"02:00:00:00:00:01": "Küche \u202etv"}}
	flow := func(more string) []byte {
		return []byte(`{"type":"flow","flow":{"digest":"aa","local_mac":"02:00:00:00:00:01","local_ip":"192.168.1.7","other_ip":"203.0.113.9","detected_protocol_name":"QUIC","detected_application_name":"netify.youtube"` + more + `}}`)
	}
	first := v.text(flow(`,"host_server_name":"rr3---sn-4g5e6nsz.googlevideo.com\u001b[2J","detection_guessed":true`))
	if again := v.text(flow(`,"detection_confidence":"hint"`)); again != "" {
		t.Errorf("shown again: %q", again)
	}
	last := v.text([]byte(`{"type":"flow_purge","flow":{"digest":"aa","total_bytes":2048}}`))
	if more := v.text([]byte(`{"type":"flow_purge","flow":{"digest":"aa","total_bytes":2048}}`)) + v.text([]byte(`{`)); more != "" {
		t.Errorf("shown after its end: %q", more)
	}
	for _, x := range []struct{ got, want string }{{first, " Küche \\u202etv    youtube        "}, {first, "QUIC?\n"}, {last, " youtube~       203.0.113.9 "}, {last, "2.0 KiB\n"}} {
		if !strings.Contains(x.got, x.want) || strings.ContainsAny(x.got, "\x1b\u202e") || len([]rune(x.got)) > 80 {
			t.Errorf("%q, want %q in it", x.got, x.want)
		}
	}
	if len(v.shown) != 0 {
		t.Errorf("%d flows are kept", len(v.shown))
	}
	if twin := v.text(flow(`,"twin":true`)); twin != "" {
		t.Errorf("a flow is shown from both sides of the router: %q", twin)
	}
	for i := range viewedMost + 5 {
		v.text([]byte(fmt.Sprintf(`{"type":"flow","flow":{"digest":"%d"}}`, i)))
	}
	if len(v.shown) > viewedMost {
		t.Errorf("%d flows are kept", len(v.shown))
	}
}
