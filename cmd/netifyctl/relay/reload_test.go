package relay

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
)

// TestReload changes the configuration of a relay that runs: what waited for the
// server of before goes to the new one, and nothing is lost or told twice. A
// configuration that is no good changes nothing, and the log says where it is wrong.
func TestReload(t *testing.T) {
	a, away, there := newAgent(t), newStore(t), newStore(t)
	away.answer = func(w http.ResponseWriter) bool { w.WriteHeader(503); return false }
	dir := t.TempDir()
	path := filepath.Join(dir, "netifyctl.toml")
	write := func(url, more string) {
		t.Helper()
		text := fmt.Sprintf("stream = %q\ncontrol = \"%s/none\"\n[relay]\nagent = \"uu-id\"\nstate = %q\nstatus = \"%s/status.json\"\n[[relay.output]]\ntype = \"http\"\nname = \"o\"\nurl = %q\nkinds = [\"events\"]\nevents = [\"flow_purge\"]\nbatch_rows = 7\nflush = \"100ms\"\n%s", a.path, dir, dir, dir, url, more)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(away.URL, "")
	c, err := load(path, "")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var said strings.Builder
	log := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(&said, format+"\n", args...)
	}
	says := func(words string) bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(said.String(), words)
	}
	first, err := New(c, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	again, done := make(chan os.Signal, 1), make(chan struct{})
	go func() {
		serve(ctx, first, again, func() (*config.Config, error) { return load(path, "") })
		close(done)
	}()
	defer func() { cancel(); <-done }()
	<-a.asked
	const flows = 100
	for i := range flows {
		a.tell(event(i))
	}
	until(t, "all rows wait", func() bool { return first.Status(time.Now()).Outputs[0].Waiting == flows })

	const before = 14 // lines
	for broken, line := range map[string]int{"colour = 1\n": 1, "[[relay.output]]\ntype = \"pigeon\"\nkinds = [\"flow\"]\n": 2, "= 1": 1} {
		write(there.URL, broken)
		again <- syscall.SIGHUP
		where := fmt.Sprintf("%s:%d: ", path, before+line)
		until(t, "it says what is wrong: "+broken, func() bool { return says(where) && says("the configuration of before stays") })
		mu.Lock()
		said.Reset()
		mu.Unlock()
	}
	a.tell(event(flows)) // it goes on meanwhile
	until(t, "the next row waits", func() bool { return first.Status(time.Now()).Outputs[0].Waiting == flows+1 })
	if n, _ := there.counts(); n > 0 {
		t.Errorf("%d rows came by a configuration that is no good", n)
	}

	write(there.URL, "")
	again <- syscall.SIGHUP
	<-a.asked // the next relay hears the agent
	until(t, "what waited came", func() bool { n, _ := there.counts(); return n == flows+1 })
	a.tell(event(flows + 1))
	until(t, "what is new came", func() bool { n, _ := there.counts(); return n == flows+2 })
	for digest, n := range there.seen {
		if n != 1 {
			t.Errorf("%s came %d times", digest, n)
		}
	}
	if _, lost := there.counts(); lost > 0 || !says("the configuration was read again") {
		t.Errorf("%d lost; %s", lost, said.String())
	}

	if last.Load() <= first.epoch {
		t.Error("both relays number their batches in the same epoch")
	}
}
