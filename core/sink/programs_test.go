package sink_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"netifyd/core"
	"netifyd/core/event"
	"netifyd/core/sink"
)

const telling = `{"established":false,"flow":{"detected_application_name":"142.netify.whatsapp","detected_protocol_name":"HTTPS",` +
	`"digest":"f15ee60832965f9c94a0fb64ea0b17c0cab5539b","first_seen_at":1484319036854},"interface":"lan0","internal":true,"type":"flow"}` + "\n"

// run starts a program that is a client, offers it lines, ends the stream, and gives what it printed.
func run(t *testing.T, f *sink.Fanout, name string, args ...string) string {
	t.Helper()
	for _, need := range []string{"nc", "jq"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skip(need + " is not installed")
		}
	}
	port := f.Port()
	cmd := exec.Command(name, args...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer kill.Stop()
	go func() {
		<-f.First()
		port.Poll()
		port.Offer(event.V4, core.KindFlow, core.Wanted, []byte(telling))
		port.Offer(event.V4, core.KindFlowPurge, core.Wanted, []byte(`{"type":"flow_purge"}`+"\n"))
		f.Close(patience)
	}()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	return out.String()
}

func TestCSV(t *testing.T) {
	f, path := start(t, 1)
	want := "time,digest,application,protocol\n" + `"2017-01-13T14:50:36Z","f15ee608","142.netify.whatsapp","HTTPS"` + "\n"
	if got := run(t, f, "../../examples/csv.sh", path); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The pipe that everybody tries first: headers are JSON too.
func TestNetcatAndJQ(t *testing.T) {
	f, path := start(t, 1)
	got := run(t, f, "sh", "-c", `nc -U "$0" </dev/null | jq -c .type?`, path)
	if want := "null\nnull\nnull\n\"agent_status\"\nnull\nnull\nnull\n\"flow\"\nnull\n\"flow_purge\"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
