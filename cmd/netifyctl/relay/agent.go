package relay

import (
	"context"
	"os"
	"strings"
	"time"

	"netifyd/cmd/netifyctl/relay/ask"
)

// uuidFile is where an agent's UUID lies for everybody.
const uuidFile = "/etc/netifyd/agent.uuid"

// alertInterval is how late an alert may be.
const alertInterval = 10 * time.Second

// learn asks the agent for its UUID, once at the start; and later until it says.
func (r *Relay) learn(ctx context.Context) {
	if r.who().Agent != "" || ctx.Err() != nil {
		return
	}
	uuid := ask.Agent{Control: r.c.Control}.UUID(ctx)
	if uuid == "" {
		text, _ := os.ReadFile(uuidFile)
		uuid = strings.TrimSpace(string(text))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if uuid == "" && ctx.Err() != nil { // it had no time to answer
		return
	}
	if r.agent = uuid; uuid == "" && !r.asked {
		r.log("the agent does not say who it is: `netifyd -p` makes its identifier, or set relay.agent")
	}
	r.asked = true
}

// askAgain is how soon a question that failed is asked again: an agent that comes back is told of soon.
const askAgain = 5 * time.Second

// poll is a question that is asked again and again.
type poll struct {
	name  string
	every time.Duration
	who   interface {
		Ask(ctx context.Context, now time.Time) error
	}
}

func (p *poll) run(ctx context.Context, log func(string, ...any)) {
	trouble := ""
	for ctx.Err() == nil {
		text, next := "", p.every
		if err := p.who.Ask(ctx, time.Now()); err != nil {
			text, next = err.Error(), min(p.every, askAgain)
		}
		if text != trouble && ctx.Err() == nil {
			if trouble = text; text != "" {
				log("%s: %s; it is asked again", p.name, text)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(next):
		}
	}
}
