package example

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"netifyd/fleet/peer"
)

// What a relay costs the agent, beside one client that reads the stream and does
// nothing: COST=1 go test ./example -run Cost -v. Figures are in docs/relay.md.
func TestCost(t *testing.T) {
	if os.Getenv("COST") == "" {
		t.Skip("a measurement: COST=1")
	}
	programs := t.TempDir()
	for _, name := range []string{"netifyd", "netifyctl"} {
		c := exec.Command("go", "build", "-o", filepath.Join(programs, name), "./cmd/"+name)
		c.Dir, c.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
		if text, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer sink.Close()
	files, err := filepath.Glob("../../testdata/*.pcap")
	if err != nil {
		t.Fatal(err)
	}
	out := "type = \"http\"\nurl = \"" + sink.URL + "\"\n"
	for range 3 {
		for _, what := range []string{"idle client", "relay of usage", "relay of usage, events and flows"} {
			r := &Router{UUID: "AA-BB-CC-DD", Dir: t.TempDir(), programs: programs}
			if err := r.StartAgent(); err != nil {
				t.Fatal(err)
			}
			switch what {
			case "idle client":
				c, dialErr := net.Dial("unix", r.Dir+"/stream.sock")
				if dialErr != nil {
					t.Fatal(dialErr)
				}
				go func() { _, _ = io.Copy(io.Discard, c) }()
			case "relay of usage":
				err = r.StartRelay(out)
			default:
				err = r.StartRelay(out + "[[relay.output]]\nname = \"all\"\nkinds = [\"events\", \"flow\"]\n" + out)
			}
			if err != nil {
				t.Fatal(err)
			}
			before := peer.CPUOf(r.agent.Process.Pid)
			for range 20 { // about 118 000 packets, 8000 flows
				if err := r.Feed(files...); err != nil {
					t.Fatal(err)
				}
				time.Sleep(500 * time.Millisecond) // the pace of the load
			}
			t.Logf("%-34s agent %v", what, peer.CPUOf(r.agent.Process.Pid)-before)
			r.Stop()
		}
	}
}
