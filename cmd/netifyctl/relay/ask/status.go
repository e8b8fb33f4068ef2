package ask

import (
	"context"
	"encoding/json"
	"time"

	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/privacy"
	"netifyd/core/query/client"
)

// Status tells how the agent and the relay do. A row is an object: time; answers,
// false where the agent does not answer; agent, its answer status; relay, what
// `netifyctl relay status` says.
type Status struct {
	Agent  Agent
	Filter *privacy.Filter
	Lanes  []*lane.Lane
	Relay  func() any
	Every  time.Duration // how often a row says that the agent does not answer, after the first

	table    *lane.Table
	answered bool
	told     time.Time
}

// Ask asks, and tells.
func (s *Status) Ask(ctx context.Context, at time.Time) error {
	if s.table == nil {
		s.table = &lane.Table{Kind: "status", Class: lane.Keep, Retain: true, AtOnce: true}
	}
	var answer map[string]json.RawMessage
	err := s.Agent.With(ctx, func(c *client.Client) error { return c.Ask("status", nil, &answer) })
	if ctx.Err() != nil {
		return nil
	}
	if err != nil && !s.answered && at.Sub(s.told) < s.Every {
		return err
	}
	s.answered, s.told = err == nil, at
	if s.Filter != nil {
		delete(answer, "interfaces") // it has addresses of both kinds
	}
	row, _ := json.Marshal(struct {
		Time    int64                      `json:"time"`
		Answers bool                       `json:"answers"`
		Agent   map[string]json.RawMessage `json:"agent,omitempty"`
		Relay   any                        `json:"relay"`
	}{at.Unix(), err == nil, answer, s.Relay()})
	for _, l := range s.Lanes {
		l.Offer(s.table, row)
	}
	return err
}
