package web

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"netifyd/core/query/client"
)

// Bounds of what is asked.
const (
	shared   = time.Second     // how long an answer serves for whoever asks the same
	kept     = 128             // answers, of up to 36 KiB
	patience = 8 * time.Second // to wait for a connection to the agent
)

// answers asks the agent. Those who ask the same within a second get the same
// answer, so the agent's load does not grow with the number of browsers.
type answers struct {
	pool *client.Pool
	now  func() time.Time

	mu   sync.Mutex
	kept map[string]*answer
}

// answer is one that is being asked for, or is there once ready is closed.
type answer struct {
	ready chan struct{}
	since time.Time
	text  []byte
	err   error
}

func newAnswers(pool *client.Pool) *answers {
	return &answers{pool: pool, now: time.Now, kept: map[string]*answer{}}
}

// Raw gives the agent's answer, not older than a second. Nobody may change it.
func (a *answers) Raw(ctx context.Context, method string, arguments map[string]any) ([]byte, error) {
	key, err := json.Marshal([]any{method, arguments}) // maps come sorted
	if err != nil {
		return nil, err
	}
	x, mine := a.find(string(key))
	if mine {
		go func() { // who asked first may go away; the others still wait
			wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
			defer cancel()
			x.text, x.err = a.pool.Raw(wait, method, arguments)
			close(x.ready)
		}()
	}
	select {
	case <-x.ready:
		return x.text, x.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Ask decodes the answer into reply.
func (a *answers) Ask(ctx context.Context, method string, arguments map[string]any, reply any) error {
	text, err := a.Raw(ctx, method, arguments)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, reply)
}

// Change asks for something that changes the agent. No answer of before is shown again.
func (a *answers) Change(ctx context.Context, method string, arguments map[string]any) ([]byte, error) {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	text, err := a.pool.Raw(wait, method, arguments)
	a.mu.Lock()
	clear(a.kept)
	a.mu.Unlock()
	return text, err
}

// find gives the answer to wait for; mine: the caller has to ask for it.
func (a *answers) find(key string) (x *answer, mine bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if x := a.kept[key]; x != nil && now.Sub(x.since) < shared {
		return x, false
	}
	x = &answer{ready: make(chan struct{}), since: now}
	if len(a.kept) >= kept {
		for k, old := range a.kept {
			if now.Sub(old.since) >= shared {
				delete(a.kept, k)
			}
		}
	}
	if len(a.kept) < kept {
		a.kept[key] = x
	}
	return x, true
}

// away says why the agent cannot be asked, in a word for programs; empty: it can.
func away(err error) string {
	refusal := client.Refusal("")
	switch {
	case err == nil || errors.As(err, &refusal):
		return ""
	case errors.Is(err, client.ErrNotRunning):
		return "stopped"
	case errors.Is(err, client.ErrNoPermission):
		return "forbidden"
	case errors.Is(err, context.DeadlineExceeded):
		return "busy"
	}
	return "silent"
}
