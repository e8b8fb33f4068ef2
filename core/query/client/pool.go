package client

import (
	"context"
	"encoding/json"
	"errors"
	"net"
)

// Pool asks for many goroutines over a few connections, which it opens when it
// needs them. A connection that the agent has closed, since it was idle or the
// agent was started again, is opened anew without an error.
type Pool struct {
	path  string
	slots chan *Client // nil: a place that is not connected
}

// NewPool asks at path, over at most so many connections at a time.
func NewPool(path string, most int) *Pool {
	p := &Pool{path, make(chan *Client, most)}
	for range most {
		p.slots <- nil
	}
	return p
}

// Raw asks as Client.Raw does. It waits for a free connection as long as ctx
// allows; the answer itself may take 10 seconds.
func (p *Pool) Raw(ctx context.Context, method string, arguments any) ([]byte, error) {
	var c *Client
	select {
	case c = <-p.slots:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	text, c, err := p.ask(c, method, arguments)
	p.slots <- c
	return text, err
}

// Ask asks and decodes the answer into reply.
func (p *Pool) Ask(ctx context.Context, method string, arguments, reply any) error {
	text, err := p.Raw(ctx, method, arguments)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, reply)
}

// ask asks over c, or over a new connection where c is nil or was closed by the
// other end. It gives the connection that is left, nil if none is.
func (p *Pool) ask(c *Client, method string, arguments any) (text []byte, left *Client, err error) {
	if c != nil {
		text, err = c.Raw(method, arguments)
		if answered(err) {
			return text, c, err
		}
		c.Close()
		if slow := net.Error(nil); errors.As(err, &slow) && slow.Timeout() {
			return nil, nil, err
		}
	}
	if c, err = Dial(p.path); err != nil {
		return nil, nil, err
	}
	text, err = c.Raw(method, arguments)
	if answered(err) {
		return text, c, err
	}
	c.Close()
	return nil, nil, err
}

// answered says that the connection can be used again.
func answered(err error) bool {
	refusal := Refusal("")
	return err == nil || errors.As(err, &refusal)
}

// Close closes the connections, once those that are in use are free.
func (p *Pool) Close() {
	for range cap(p.slots) {
		if c := <-p.slots; c != nil {
			c.Close()
		}
	}
}
