// Package client asks a running agent at its control socket, and has what every
// face does with the answers: the status with its warnings in words and its
// metrics, rates of totals, and reading an answer whose fields are not known.
// netifyctl is written with it, and so are the agent's own commands.
package client

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"
	"time"
)

// Client is one connection. It belongs to one goroutine.
type Client struct {
	conn net.Conn
	r    *bufio.Reader
}

// patience is how long an answer may take.
const patience = 10 * time.Second

// longest is more than any answer has, bytes: a page of rows is cut at 36 KiB.
const longest = 4 << 20

// Errors of Dial, which a program may have words of its own for.
var (
	ErrNotRunning   = errors.New("no agent runs here")
	ErrNoPermission = errors.New("this user may not ask the agent: run as root, or as a member of the socket's group")
)

// Refusal is an answer that says what is wrong with the question.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// Dial connects to an agent's control socket.
func Dial(path string) (*Client, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	switch {
	case errors.Is(err, syscall.EACCES) || errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: %w", path, ErrNoPermission)
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%s: %w", path, ErrNotRunning)
	case err != nil:
		return nil, err
	}
	return New(conn), nil
}

// New asks over a connection that is there, such as one through ssh.
func New(conn net.Conn) *Client { return &Client{conn: conn, r: bufio.NewReaderSize(conn, 48<<10)} }

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Raw asks and gives the answer as it came, without the line feed. What the
// agent calls an error is one.
func (c *Client) Raw(method string, arguments any) ([]byte, error) {
	line, err := json.Marshal(struct {
		Method string `json:"method"`
		Args   any    `json:"args,omitempty"`
	}{method, arguments})
	if err != nil {
		return nil, err
	}
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	_, lost := c.conn.Write(append(line, '\n'))
	answer, err := c.line() // an agent that closed the connection has said why
	if err != nil {
		err = cmp.Or(lost, err)
		return nil, fmt.Errorf("the agent went away: %w", err)
	}
	var failed struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(answer, &failed) == nil && failed.Error != "" {
		return nil, Refusal(failed.Error)
	}
	return answer[:len(answer)-1], nil
}

// line reads an answer, which is no agent's where it is too long.
func (c *Client) line() (text []byte, err error) {
	for len(text) <= longest {
		part, err := c.r.ReadSlice('\n')
		if text = append(text, part...); !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
	return nil, errors.New("its answer does not end")
}

// Ask asks and decodes the answer into reply.
func (c *Client) Ask(method string, arguments, reply any) error {
	text, err := c.Raw(method, arguments)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, reply)
}

// Rows is a list in an answer: columns named once, rows as arrays.
type Rows struct {
	Columns []string            `json:"columns"`
	Rows    [][]json.RawMessage `json:"rows"`
	Total   int                 `json:"total"`
	Cut     bool                `json:"cut"`
}

// Column is the place of a column; -1: there is none.
func (r *Rows) Column(name string) int {
	for i, c := range r.Columns {
		if c == name {
			return i
		}
	}
	return -1
}

// Text is a cell as text: the content of a string, else the JSON.
func (r *Rows) Text(row int, column string) string {
	i := r.Column(column)
	if i < 0 || i >= len(r.Rows[row]) {
		return ""
	}
	var s string
	if raw := r.Rows[row][i]; json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	return s
}

// Number is a cell as a number; 0 where it is none.
func (r *Rows) Number(row int, column string) (n uint64) {
	if i := r.Column(column); i >= 0 && i < len(r.Rows[row]) {
		_ = json.Unmarshal(r.Rows[row][i], &n)
	}
	return n
}
