package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"netifyd/core/query/client"
)

// source answers questions: an agent at its control socket, here or through
// ssh, or the model that a stream feeds.
type source interface {
	Raw(method string, args any) ([]byte, error)
	Close() error
}

// question is what the screen wants to know.
type question struct {
	list    string // method of the list that is shown; "": none
	args    map[string]any
	serial  int    // of the list: answers to another one are late
	period  string // of what is inside devices
	opened  []string
	leaders bool // what each device does just now
	detail  string
	about   map[string]any
	page    int // of the detail
}

// answers are those to one question. They belong to the screen.
type answers struct {
	serial, page int
	wrong        string // what failed
	refused      bool   // and that was the question's fault
	status       statusAnswer
	overview     overviewAnswer
	rows         []row
	columns      []string
	total        int
	inside       map[string][]row
	leaders      []row // flows, the fastest first
	detail       []byte
	gone         bool // what the detail is about is no more
	names        *names
}

// statusAnswer is the answer to "status", of an agent or of the model of its stream.
type statusAnswer struct {
	client.Status
	Build   string
	Stream  bool // all is known from the stream alone
	Console *struct{ Flows, Max, Evicted, Untold, Dropped uint64 }
}

type overviewAnswer struct {
	Newest, Step int64
	Words        struct {
		Devices, Flows uint64
		Down           uint64 `json:"down_rate"`
		Up             uint64 `json:"up_rate"`
		Lost           uint64
	}
	Wan          struct{ Down, Up []uint64 }
	Applications client.Rows
}

// names are those that rows have numbers or addresses for. They do not change
// once the screen has them.
type names struct {
	apps, protocols map[uint64]string
	devices         map[string]string
	at              time.Time
}

// row is one of a list: cells as text, by column.
type row struct {
	key    string
	cell   map[string]string
	raw    []json.RawMessage // cells as they came
	parent string            // of what is inside a device
	ended  time.Time
}

func (r *row) number(column string) uint64 {
	n, _ := strconv.ParseUint(r.cell[column], 10, 64)
	return n
}

// rowsOf makes rows of an answer; key is the column that tells them apart.
func rowsOf(list *client.Rows, key string) []row {
	rows := make([]row, len(list.Rows))
	for i := range list.Rows {
		cell := make(map[string]string, len(list.Columns))
		for _, name := range list.Columns {
			cell[name] = list.Text(i, name)
		}
		rows[i] = row{key: cell[key], cell: cell, raw: list.Rows[i]}
	}
	return rows
}

// asker asks one source, and finds it again after it went away. One goroutine uses it.
type asker struct {
	dial  func() (source, error)
	src   source
	clock func() time.Time
	names *names
	step  int64
}

// curve is how many samples the head of the screen shows.
const curve = 24

// namesFresh is for how long names of devices hold.
const namesFresh = 20 * time.Second

// answer asks what a question wants. What fails is told in the answers.
func (a *asker) answer(q *question) *answers {
	out := &answers{serial: q.serial, page: q.page}
	if a.src == nil {
		src, err := a.dial()
		if err != nil {
			out.wrong = away(err)
			return out
		}
		a.src, a.names = src, nil
	}
	err := a.ask(q, out)
	var refusal client.Refusal
	switch {
	case err == nil:
	case errors.As(err, &refusal):
		out.wrong, out.refused = err.Error(), true
	default:
		a.src.Close()
		a.src = nil
		out.wrong = away(err)
	}
	return out
}

// away says that the agent is not there, and why in short.
func away(err error) string {
	var failed *net.OpError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return "agent went away, trying again (" + strings.TrimPrefix(err.Error(), "the agent went away: ") + ")"
}

func (a *asker) ask(q *question, out *answers) error {
	if err := a.decode("status", nil, &out.status); err != nil {
		return err
	}
	args := map[string]any{"limit": 50}
	if a.step > 0 {
		args["since"] = max(out.status.Now-(curve+1)*a.step, 0)
	}
	if err := a.may(a.decode("overview", args, &out.overview)); err != nil {
		return err
	}
	a.step = out.overview.Step
	if err := a.learn(); err != nil {
		return err
	}
	out.names = a.names
	if q.detail != "" {
		text, err := a.src.Raw(q.detail, q.about)
		if err == nil {
			out.detail = text
			return nil
		}
		out.gone = true
		return a.may(err)
	}
	if q.leaders {
		var list client.Rows
		if err := a.may(a.decode("flows", map[string]any{"sort": "rate", "limit": 50}, &list)); err != nil {
			return err
		}
		out.leaders = rowsOf(&list, "digest")
	}
	if q.list == "" {
		return nil
	}
	var list client.Rows
	if err := a.decode(q.list, q.args, &list); err != nil {
		return err
	}
	out.columns, out.total, out.rows = list.Columns, list.Total, rowsOf(&list, keyColumn[q.list])
	out.inside = map[string][]row{}
	for _, device := range q.opened {
		var list client.Rows
		if err := a.may(a.decode("usage", map[string]any{"by": "application", "device": device, "period": q.period, "limit": 12}, &list)); err != nil {
			return err
		}
		out.inside[device] = rowsOf(&list, "application")
	}
	return nil
}

// keyColumn tells the rows of a list apart.
var keyColumn = map[string]string{"devices": "device", "usage": "application", "flows": "digest", "hosts": "host", "alerts": "number"}

// may lets a refusal pass: the agent has no such thing, and the rest is worth to be seen.
func (a *asker) may(err error) error {
	var refusal client.Refusal
	if errors.As(err, &refusal) {
		return nil
	}
	return err
}

func (a *asker) decode(method string, args, reply any) error {
	text, err := a.src.Raw(method, args)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, reply); err != nil {
		return fmt.Errorf("the agent's answer to %s is no JSON of ours: %w", method, err)
	}
	return nil
}

// learn asks for the names of applications and protocols once, and for those of devices now and then.
func (a *asker) learn() error {
	now := a.clock()
	if a.names != nil && now.Sub(a.names.at) < namesFresh {
		return nil
	}
	n := &names{at: now, devices: map[string]string{}}
	if a.names != nil {
		n.apps, n.protocols = a.names.apps, a.names.protocols
	} else {
		var err error
		if n.apps, err = a.catalogue("applications", "tag"); err != nil {
			return err
		}
		if n.protocols, err = a.catalogue("protocols", "name"); err != nil {
			return err
		}
	}
	var list client.Rows
	if err := a.may(a.decode("devices", map[string]any{"limit": mostRows, "sort": "last"}, &list)); err != nil {
		return err
	}
	for i := range list.Rows {
		if name := list.Text(i, "name"); name != "" {
			n.devices[list.Text(i, "device")] = name
		}
	}
	a.names = n
	return nil
}

// catalogue asks for a list of names, a page at a time.
func (a *asker) catalogue(method, column string) (map[uint64]string, error) {
	list := map[uint64]string{}
	for offset := 0; offset < 1<<16; {
		var page client.Rows
		if err := a.may(a.decode(method, map[string]any{"offset": offset, "limit": mostRows}, &page)); err != nil {
			return nil, err
		}
		for i := range page.Rows {
			list[page.Number(i, "id")] = tag(page.Text(i, column))
		}
		if offset += len(page.Rows); offset >= page.Total || len(page.Rows) == 0 {
			break
		}
	}
	return list, nil
}
