package config

import (
	"context"
	"strings"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

type nowhere struct{}

func (nowhere) Send(context.Context, *output.Batch) error { return nil }
func (nowhere) Close() error                              { return nil }

var types = map[string]output.Open{"http": func(_ string, decode func(any) error) (output.Output, error) {
	var s struct {
		URL string `toml:"url"`
	}
	if err := decode(&s); err != nil {
		return nil, err
	}
	if s.URL == "" {
		return nil, &output.Invalid{Key: "url", Why: "want one"}
	}
	return nowhere{}, nil
}}

func TestParse(t *testing.T) {
	c, err := Parse("f", []byte(`
stream = "tcp://h:1"
[web]
listen = "x"
[relay]
labels = ["region=north"]
usage_interval = "1h"
spread = 0
[relay.privacy]
mac = "hash"
[[relay.aggregator]]
name = "sums"
type = 3
interval = 10
[[relay.output]]
type = "http"
kinds = ["usage", "events", "sums"]
events = ["flow"]
rows = "objects"
buffer = "1MiB"
flush = "5s"
url = "http://x"
`), types)
	if err != nil {
		t.Fatal(err)
	}
	o := c.Outputs[0]
	if c.Stream != "tcp://h:1" || c.UsageInterval != time.Hour || c.Spread != 0 || c.Privacy.MAC != "hash" || c.Aggregators[0].Interval != output.Duration(10*time.Second) ||
		o.Name != "http-1" || o.Buffer != 1<<20 || o.Flush != 5*time.Second || !o.Objects || c.Control != control {
		t.Errorf("%+v", c)
	}
}

// Errors name the file, the line, and what would be right.
func TestErrors(t *testing.T) {
	const good = "[[relay.output]]\ntype = \"http\"\nurl = \"http://x\"\nkinds = [\"flow\"]\n"
	for _, c := range []struct{ text, want string }{
		{"stream = 5\n", `f:1: `},
		{"[relay]\nlabels = [\n", `f:`},
		{"[relay]\nx = 1\n", `f:2: x: no such key`},
		{"strem = \"x\"\n", `f:1: strem: no such key`},
		{"[relai]\nx = 1\n", `f:1: relai: no such key`},
		{good + "\n# a\n[[relay.output]]\nname = \"b\"\ntype = \"htp\"\nkinds = [\"flow\"]\n", `f:9: type: "htp": want http`},
		{good + "[[relay.output]]\ntype = \"kafka\"\nkinds = [\"flow\"]\n", `f:6: type: this build has no Kafka, which the packages for servers have: want http`},
		{good + "[[relay.output]]\ntype = \"http\"\nkinds = [\"flow\"]\n", `f:5: url: want one`},
		{good + "[[relay.output]]\ntype = \"http\"\nurl=\"y\"\n", `f:5: kinds: want some of usage`},
		{good + "name = \"a/b\"\n", `f:5: name: `},
		{good + "typo = 1\n", `f:5: typo: no such key`},
		{good + "buffer = \"4 bytes\"\n", `want a size such as 512KiB`},
		{good + "events = [\"flow\"]\n", `f:5: events: they are told with kinds`},
		{good + "rows = \"columns\"\n", `f:5: rows: "columns": want arrays or objects`},
		{good + "flush = \"soon\"\n", `f:5: flush: "soon": want a time such as 30s`},
		{"[[relay.output]]\nname=\"a\"\n" + good[17:] + "[[relay.output]]\nname=\"a\"\n" + good[17:], `two are called "a"`},
		{"[[relay.aggregator]]\nname = \"s\"\ntype = 2\n", `f:3: type: 2: want 1`},
		{"[[relay.aggregator]]\nname = \"flow\"\ntype = 1\n", `is the name of something else`},
		{"[relay.privacy]\nmac = \"secret\"\n", `f:2: mac: "secret": want plain, hash or none`},
		{"[relay]\nflows = 3\n", `f:2: flows: want 16`},
		{"[relay.privacy]\nexclude = [\"02-00-00-00-00-01\"]\n", `f:2: exclude: "02-00-00-00-00-01": want hardware addresses such as`},
		{"[relay]\ndevice_interval = \"1ns\"\n", `f:2: device_interval: 1ns: want 1s or more`},
		{good + "batch_rows = -1\n", `f:5: batch_rows: want 1 or more`},
		{good + "buffer = 10\n", `f:5: buffer: want 64KiB or more`},
	} {
		_, err := Parse("f", []byte(c.text), types)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngives %v,\nwant %s", c.text, err, c.want)
		}
	}
}
