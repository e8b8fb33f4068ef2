package relay

import (
	"context"
	"net"
	"os"
	"strings"
	"time"

	"netifyd/core/query/client"

	"netifyd/cmd/netifyctl/stream"
)

// uuidFile is where an agent's UUID lies for everybody.
const uuidFile = "/etc/netifyd/agent.uuid"

// dial connects to the agent's control socket.
func (r *Relay) dial() (*client.Client, error) {
	network, place := stream.Network(r.c.Control)
	if network == "unix" {
		return client.Dial(place)
	}
	conn, err := net.DialTimeout(network, place, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return client.New(conn), nil
}

// learn asks the agent for its UUID, once at the start; and later until it says.
func (r *Relay) learn(ctx context.Context) {
	if r.who().Agent != "" || ctx.Err() != nil {
		return
	}
	uuid := ""
	if c, err := r.dial(); err == nil {
		defer c.Close()
		var status struct{ UUID string }
		if c.Ask("status", nil, &status) == nil {
			uuid = status.UUID
		}
	}
	if uuid == "" {
		text, _ := os.ReadFile(uuidFile)
		uuid = strings.TrimSpace(string(text))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.agent = uuid
}
