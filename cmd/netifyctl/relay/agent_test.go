package relay

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
)

type asked func(time.Time) error

func (f asked) Ask(_ context.Context, now time.Time) error { return f(now) }

// While the agent is away a question is asked again soon, and else as often as it should be.
func TestPollOfAnAgentThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began, times := time.Now(), []time.Duration(nil)
		p := poll{"status", time.Minute, asked(func(now time.Time) error {
			if times = append(times, now.Sub(began)); len(times) < 4 {
				return errors.New("nobody is there")
			}
			if len(times) == 6 {
				cancel()
			}
			return nil
		})}
		p.run(ctx, t.Logf)
		want := []time.Duration{0, 5 * time.Second, 10 * time.Second, 15 * time.Second, 75 * time.Second, 135 * time.Second}
		for i := range want {
			if times[i] != want[i] {
				t.Fatalf("asked at %v, want %v", times, want)
			}
		}
	})
}

// A relay that is told to read its configuration again while the agent has not answered
// yet says nothing of the agent, and the next one knows what it knew.
func TestReloadBeforeTheAgentAnswers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if c, err := l.Accept(); err == nil {
			defer c.Close()
			cancel()
			_, _ = c.Read(make([]byte, 1<<10)) // the question, and then the end
			_, _ = c.Read(make([]byte, 1<<10))
		}
	}()
	said := 0
	r := &Relay{c: &config.Config{Control: "unix://" + path}, log: func(string, ...any) { said++ }}
	r.learn(ctx)
	if said > 0 || r.asked && r.agent == "" { // a file of an agent of this machine may name it
		t.Error("it says that the agent does not tell, who was not let answer")
	}
	r.agent, r.asked = "uu-id", true
	next := &Relay{c: &config.Config{Control: r.c.Control}}
	if next.inherit(r); next.agent != "uu-id" || !next.asked {
		t.Errorf("%q %v", next.agent, next.asked)
	}
	other := &Relay{c: &config.Config{Control: "unix:///elsewhere"}}
	if other.inherit(r); other.agent != "" {
		t.Error("another agent has another name")
	}
}
