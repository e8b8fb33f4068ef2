package relay

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
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
