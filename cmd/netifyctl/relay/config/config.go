// Package config reads what the relay is to do: netifyctl's own file, and the
// files of netifyd 5's plug-ins.
package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/privacy"
)

// Where things are when the file does not say.
const (
	Path    = "/etc/netifyd/netifyctl.toml"
	stream  = "unix:///var/run/netifyd/netifyd.sock"
	control = "unix:///var/run/netifyd/control.sock"
	state   = "/var/lib/netifyd-relay"
	status  = "/var/run/netifyd-relay/status.json"
)

// leastBuffer has room for a few batches, bytes.
const leastBuffer = 64 << 10

// Kinds of rows beside aggregators, which are called by their names.
var Kinds = []string{"usage", "flow", "device", "alert", "status", "events"}

// Config is what to relay, from where to where.
type Config struct {
	Stream  string // the agent's events, dialect 5
	Control string // its answers
	Agent   string // UUID; empty: the agent says
	Site    string
	Labels  []string
	State   string // directory of what must outlive the relay
	Status  string // file that says how it does
	Flows   int    // flows remembered at a time

	UsageLocal     bool          // traffic between devices here is usage too
	UsageInterval  time.Duration // the running hour is told so often; an hour: only closed ones
	DeviceInterval time.Duration
	StatusInterval time.Duration
	Spread         time.Duration // closed hours are told within so long

	Privacy     Privacy
	Aggregators []Aggregator
	Outputs     []Output
	Warnings    []string
}

// Output is one place to tell.
type Output struct {
	Name, Type string
	Kinds      []string
	Events     []string // types of lines of kind events; none: all
	Policy     bool     // the server's wishes are heard
	Allow      []string // kinds that the server may wish for
	Objects    bool     // rows as objects, not as arrays
	Buffer     int
	Disk       int64
	BatchSize  int
	BatchRows  int
	Flush      time.Duration
	Retry      time.Duration
	Out        output.Output
}

// Aggregator is a processor that adds up flows.
type Aggregator struct {
	Name     string          `toml:"name"`
	Type     int             `toml:"type"`     // 1 or 3: which dimensions
	Nested   bool            `toml:"nested"`   // objects in objects in place of rows
	Interval output.Duration `toml:"interval"` // 60 s
	Rows     int             `toml:"rows"`     // most in one payload; 0: all
	Private  bool            `toml:"private"`  // without addresses
	Criteria []string        `toml:"criteria"` // only flows that one of these fits
}

// Privacy says what may be told of people.
type Privacy struct {
	MAC     string   `toml:"mac"`  // plain, hash, none
	Hosts   string   `toml:"host"` // full, domain, none
	Names   string   `toml:"name"` // of devices: full, none; empty: full where mac is plain
	KeyFile string   `toml:"key_file"`
	Exclude []string `toml:"exclude"` // hardware addresses of which nothing is told
}

// file is how netifyctl.toml looks to the relay. The other tables are of the
// other commands.
type file struct {
	Stream  string         `toml:"stream"`
	Control string         `toml:"control"`
	Web     toml.Primitive `toml:"web"`
	Metrics toml.Primitive `toml:"metrics"`
	Console toml.Primitive `toml:"console"`
	Relay   struct {
		Agent          string           `toml:"agent"`
		Site           string           `toml:"site"`
		Labels         []string         `toml:"labels"`
		State          string           `toml:"state"`
		Status         string           `toml:"status"`
		Flows          int              `toml:"flows"`
		UsageInterval  output.Duration  `toml:"usage_interval"`
		UsageLocal     bool             `toml:"usage_local"`
		DeviceInterval output.Duration  `toml:"device_interval"`
		StatusInterval output.Duration  `toml:"status_interval"`
		Spread         *output.Duration `toml:"spread"`
		Privacy        Privacy          `toml:"privacy"`
		Aggregators    []Aggregator     `toml:"aggregator"`
		Outputs        []toml.Primitive `toml:"output"`
	} `toml:"relay"`
}

// common is what every output has in the file.
type common struct {
	Type      string          `toml:"type"`
	Name      string          `toml:"name"`
	Kinds     []string        `toml:"kinds"`
	Events    []string        `toml:"events"`
	Policy    bool            `toml:"policy"`
	Allow     []string        `toml:"allow"`
	Shape     string          `toml:"rows"`
	Buffer    output.Size     `toml:"buffer"`
	Disk      output.Size     `toml:"disk"`
	BatchSize output.Size     `toml:"batch_size"`
	BatchRows int             `toml:"batch_rows"`
	Flush     output.Duration `toml:"flush"`
	Retry     output.Duration `toml:"retry"`
}

// Load reads a file. Errors name file, line and what to write instead.
func Load(path string, types map[string]output.Open) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: docs/relay.md has an example", err)
	}
	return Parse(path, text, types)
}

// Parse reads the text of a file.
func Parse(path string, text []byte, types map[string]output.Open) (*Config, error) {
	at := place{path: path, text: string(text)}
	var f file
	md, err := toml.Decode(string(text), &f)
	if err != nil {
		return nil, at.syntax(err)
	}
	c := New()
	r := &f.Relay
	set(&c.Stream, f.Stream)
	set(&c.Control, f.Control)
	set(&c.State, r.State)
	set(&c.Status, r.Status)
	c.Agent, c.Site, c.Labels, c.Privacy, c.Aggregators = r.Agent, r.Site, r.Labels, r.Privacy, r.Aggregators
	c.Flows = max(c.Flows, r.Flows)
	if r.Flows > 0 {
		c.Flows = r.Flows
	}
	c.UsageLocal = r.UsageLocal
	c.UsageInterval = r.UsageInterval.Or(c.UsageInterval)
	c.DeviceInterval = r.DeviceInterval.Or(c.DeviceInterval)
	c.StatusInterval = r.StatusInterval.Or(c.StatusInterval)
	if r.Spread != nil {
		c.Spread = time.Duration(*r.Spread)
	}
	var errs []error
	for i, p := range r.Outputs {
		o, err := decodeOutput(&md, p, i, c.Aggregators, types)
		if err != nil {
			errs = append(errs, at.of(err, "relay.output", i))
			continue
		}
		c.Outputs = append(c.Outputs, *o)
	}
	for _, key := range md.Undecoded() {
		if len(errs) > 0 && len(key) > 2 && key[1] == "output" {
			continue // of one that could not be read to its end
		}
		if top := key[0]; top != "web" && top != "metrics" && top != "console" {
			errs = append(errs, at.unknown(key))
		}
	}
	for i := range c.Aggregators {
		if err := c.Aggregators[i].check(); err != nil {
			errs = append(errs, at.of(err, "relay.aggregator", i))
		}
	}
	if err := c.check(); err != nil {
		errs = append(errs, at.of(err, "relay", -1))
	}
	if err := c.Privacy.check(); err != nil {
		errs = append(errs, at.of(err, "relay.privacy", -1))
	}
	return c, errors.Join(errs...)
}

// New gives the configuration that nothing was said about.
func New() *Config {
	return &Config{Stream: stream, Control: control, State: state, Status: status, Flows: 16384,
		UsageInterval: 5 * time.Minute, DeviceInterval: time.Minute, StatusInterval: time.Minute, Spread: 10 * time.Minute}
}

func set(v *string, to string) {
	if to != "" {
		*v = to
	}
}

func decodeOutput(md *toml.MetaData, p toml.Primitive, i int, sums []Aggregator, types map[string]output.Open) (*Output, error) {
	var c common
	if err := md.PrimitiveDecode(p, &c); err != nil {
		return nil, err
	}
	if c.Name == "" {
		c.Name = fmt.Sprintf("%s-%d", c.Type, i+1)
	}
	return Make(c, sums, types, func(into any) error { return md.PrimitiveDecode(p, into) })
}

// Make looks at the settings of an output and opens it.
func Make(c common, sums []Aggregator, types map[string]output.Open, decode func(any) error) (*Output, error) {
	open, ok := types[c.Type]
	if !ok {
		if c.Type == "kafka" {
			return nil, &output.Invalid{Key: "type", Why: fmt.Sprintf("this build has no Kafka, which the packages for servers have: want %s", list(types))}
		}
		return nil, &output.Invalid{Key: "type", Why: fmt.Sprintf("%q: want %s", c.Type, list(types))}
	}
	if strings.ContainsAny(c.Name, "/\\\x00") || c.Name == "." || c.Name == ".." {
		return nil, &output.Invalid{Key: "name", Why: fmt.Sprintf("%q: want a name without slashes", c.Name)}
	}
	if len(c.Kinds) == 0 {
		return nil, &output.Invalid{Key: "kinds", Why: "want some of " + strings.Join(Kinds, ", ") + ", or names of aggregators"}
	}
	for _, k := range c.Kinds {
		if !slices.Contains(Kinds, k) && !slices.ContainsFunc(sums, func(a Aggregator) bool { return a.Name == k }) {
			return nil, &output.Invalid{Key: "kinds", Why: fmt.Sprintf("%q: want some of %s, or names of aggregators", k, strings.Join(Kinds, ", "))}
		}
	}
	if c.Shape != "" && c.Shape != "arrays" && c.Shape != "objects" {
		return nil, &output.Invalid{Key: "rows", Why: fmt.Sprintf("%q: want arrays or objects", c.Shape)}
	}
	if len(c.Events) > 0 && !slices.Contains(c.Kinds, "events") && !slices.Contains(c.Allow, "events") {
		return nil, &output.Invalid{Key: "events", Why: `they are told with kinds = ["events"] only`}
	}
	out, err := open(c.Name, decode)
	if err != nil {
		return nil, err
	}
	if len(c.Allow) > 0 && !c.Policy {
		return nil, &output.Invalid{Key: "allow", Why: "it bounds what the server may wish for: want policy = true beside it"}
	}
	for _, k := range c.Allow {
		if k != "flow" && k != "events" {
			return nil, &output.Invalid{Key: "allow", Why: fmt.Sprintf("%q: want flow or events, all else is in kinds", k)}
		}
	}
	if _, hears := out.(output.Hearer); c.Policy && !hears {
		return nil, &output.Invalid{Key: "policy", Why: fmt.Sprintf("an output of type %s hears nothing from the other side: leave it out", c.Type)}
	}
	if c.BatchRows < 0 {
		return nil, &output.Invalid{Key: "batch_rows", Why: "want 1 or more"}
	}
	if c.Buffer > 0 && c.Buffer < leastBuffer {
		return nil, &output.Invalid{Key: "buffer", Why: "want 64KiB or more, else there is no room for a batch"}
	}
	objects := c.Shape == "objects"
	if o, ok := out.(interface{ Objects() bool }); ok && c.Shape == "" {
		objects = o.Objects()
	}
	return &Output{Name: c.Name, Type: c.Type, Kinds: c.Kinds, Events: c.Events, Policy: c.Policy, Allow: c.Allow, Objects: objects,
		Buffer: int(c.Buffer), Disk: int64(c.Disk), BatchSize: int(c.BatchSize), BatchRows: c.BatchRows, Flush: time.Duration(c.Flush), Retry: time.Duration(c.Retry), Out: out}, nil
}

func list(types map[string]output.Open) string {
	var names []string
	for name := range types {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (c *Config) check() error {
	names := map[string]bool{}
	for _, o := range c.Outputs {
		if names[o.Name] {
			return &output.Invalid{Key: "output", Why: fmt.Sprintf("two are called %q: give each a name of its own", o.Name)}
		}
		names[o.Name] = true
	}
	for i, a := range c.Aggregators {
		if slices.Contains(Kinds, a.Name) || slices.ContainsFunc(c.Aggregators[:i], func(b Aggregator) bool { return a.Name == b.Name }) {
			return &output.Invalid{Key: "aggregator", Why: fmt.Sprintf("%q is the name of something else: want another", a.Name)}
		}
	}
	if len(c.Labels) > 8 {
		return &output.Invalid{Key: "labels", Why: "want 8 at most"}
	}
	for _, t := range []struct {
		key string
		d   time.Duration
	}{{"usage_interval", c.UsageInterval}, {"device_interval", c.DeviceInterval}, {"status_interval", c.StatusInterval}} {
		if t.d < time.Second {
			return &output.Invalid{Key: t.key, Why: fmt.Sprintf("%v: want 1s or more", t.d)}
		}
	}
	if c.Flows < 16 || c.Flows > 1<<20 {
		return &output.Invalid{Key: "flows", Why: "want 16 to 1048576"}
	}
	return nil
}

func (a *Aggregator) check() error {
	if a.Name == "" {
		return &output.Invalid{Key: "name", Why: "want a name, which outputs have in their kinds"}
	}
	if a.Type != 1 && a.Type != 3 {
		return &output.Invalid{Key: "type", Why: fmt.Sprintf("%d: want 1 (device, address, application, protocol) or 3 (also the other side)", a.Type)}
	}
	if a.Nested && a.Type != 1 {
		return &output.Invalid{Key: "nested", Why: "only type 1 has a nested form: leave it out"}
	}
	return nil
}

func (p *Privacy) check() error {
	for _, k := range []struct{ key, value, want string }{{"mac", p.MAC, "plain, hash or none"}, {"host", p.Hosts, "full, domain or none"}, {"name", p.Names, "full or none"}} {
		if k.value != "" && !slices.Contains(strings.FieldsFunc(k.want, func(r rune) bool { return r == ' ' || r == ',' }), k.value) || k.value == "or" {
			return &output.Invalid{Key: k.key, Why: fmt.Sprintf("%q: want %s", k.value, k.want)}
		}
	}
	for _, m := range p.Exclude { // one that fits nothing would tell of whom it was to hide
		if !privacy.IsMAC(m) {
			return &output.Invalid{Key: "exclude", Why: fmt.Sprintf("%q: want hardware addresses such as 02:00:00:00:00:01", m)}
		}
	}
	return nil
}
