package relay

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
)

// A server that wishes more gets it as far as the owner allows, and one that
// wishes nothing is told nothing.
func TestPolicy(t *testing.T) {
	a, s := newAgent(t), newStore(t)
	var wish atomic.Value
	wish.Store(`{"flows":"all"}`)
	s.answer = func(w http.ResponseWriter) bool {
		w.Header().Set("Netifyd-Policy", wish.Load().(string))
		return true
	}
	r, _ := start(t, fmt.Sprintf("stream = %q\n[relay]\nstatus_interval = \"1s\"\n[[relay.output]]\ntype = \"http\"\nurl = %q\nkinds = [\"status\"]\npolicy = true\nallow = [\"events\"]\nevents = [\"flow_purge\"]\nbatch_rows = 1\n", a.path, s.URL))
	<-a.asked
	a.tell(event(1))
	if n, _ := s.counts(); n != 0 {
		t.Error("events are told before anybody wished them")
	}
	told := func(n int) func() bool {
		return func() bool {
			a.tell(event(n))
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.seen[fmt.Sprintf("%040d", n)] > 0
		}
	}
	// An answer to anything carries the wish; here one of a batch of ours.
	r.policies[0].Hear([]byte(`{"flows":"all"}`))
	until(t, "events are told when they are wished and allowed", told(2))
	wish.Store(`{"flows":"none"}`)
	until(t, "the wish of an answer holds", func() bool {
		a.tell(event(3))
		w := r.Status(time.Now()).Outputs[0].Policy
		return w != nil && w.Flows == "none"
	})
	o := r.Status(time.Now()).Outputs[0].Offered
	a.tell(event(4))
	a.tell(event(5))
	if n := r.Status(time.Now()).Outputs[0]; n.Offered > o+1 || n.Lost > 0 {
		t.Errorf("offered %d, then %+v", o, n)
	}
}

func TestPolicyIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"type = \"log\"\npath = \"/tmp/x\"\nkinds = [\"usage\"]\npolicy = true":                                "hears nothing",
		"type = \"http\"\nurl = \"http://127.0.0.1\"\nkinds = [\"usage\"]\nallow = [\"flow\"]":                 "policy = true",
		"type = \"http\"\nurl = \"http://127.0.0.1\"\nkinds = [\"usage\"]\npolicy = true\nallow = [\"alert\"]": "want flow or events",
	} {
		_, err := config.Parse("f", []byte("[[relay.output]]\n"+text+"\n"), outputs)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
