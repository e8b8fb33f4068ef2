// Fleet is what an operator of many routers runs beside a broker and a column
// store: it makes the tables, asks the questions, carries batches from the
// broker into the store, drops what is old, and serves the board.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"netifyd/fleet/board"
	"netifyd/fleet/example"
	"netifyd/fleet/pipe"
	"netifyd/fleet/queries"
	"netifyd/fleet/schema"
	"netifyd/fleet/sim"
	"netifyd/fleet/store"
)

type command struct {
	name, help string
	run        func(ctx context.Context, arguments []string) error
}

var commands = []command{
	{"migrate", "make the tables that the store does not have", migrate},
	{"kafka", "let the store fetch from a cluster of Kafka", fromKafka},
	{"query", "ask a question: fleet query NAME [argument=value …]; without a name, list them", query},
	{"close-days", "sum up days that are over, for the trend; once a day", closeDays},
	{"retain", "drop what is older or larger than the limits; once a day", retain},
	{"pipe", "carry batches from a broker (MQTT or NATS) into the store", carry},
	{"board", "serve the page of the fleet", serve},
	{"sim", "measure: play many routers through the real relay", simulate},
	{"example", "run a small fleet on this machine, break it, and compare the sums", runExample},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if len(os.Args) > 1 {
		for _, c := range commands {
			if c.name == os.Args[1] {
				switch err := c.run(ctx, os.Args[2:]); {
				case errors.Is(err, flag.ErrHelp):
				case err != nil:
					fmt.Fprintf(os.Stderr, "fleet %s: %v\n", c.name, err)
					os.Exit(1)
				}
				return
			}
		}
	}
	fmt.Fprintln(os.Stderr, "fleet COMMAND [options]; fleet COMMAND --help says more")
	for _, c := range commands {
		fmt.Fprintf(os.Stderr, "  %-11s %s\n", c.name, c.help)
	}
	os.Exit(2)
}

// options of every command: where the store is. The password comes from the
// environment, since arguments are seen by everybody of the machine.
func options(name string) (*flag.FlagSet, *store.Store) {
	f := flag.NewFlagSet("fleet "+name, flag.ContinueOnError)
	s := &store.Store{Password: os.Getenv("FLEET_STORE_PASSWORD")}
	f.StringVar(&s.URL, "store", "http://127.0.0.1:8123", "ClickHouse's HTTP `address`; the password is taken from FLEET_STORE_PASSWORD")
	f.StringVar(&s.Database, "database", "netifyd", "its database")
	f.StringVar(&s.User, "user", "", "who asks")
	return f, s
}

func migrate(ctx context.Context, arguments []string) error {
	f, s := options("migrate")
	show := f.String("show", "", "print the statements for a server of this `version` and change nothing, as 24.8 or 18.16")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	if *show != "" {
		all, err := schema.Migrations(*show)
		for _, m := range all {
			fmt.Printf("-- %s\n%s;\n", m.Name, strings.Join(m.Statements, ";\n\n"))
		}
		return err
	}
	applied, err := schema.Migrate(ctx, s)
	for _, name := range applied {
		fmt.Println("applied", name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Println("nothing to do: all tables are there")
	}
	return err
}

func fromKafka(ctx context.Context, arguments []string) error {
	f, s := options("kafka")
	brokers := f.String("brokers", "", "of the cluster: `HOST:PORT`, with commas between several, as the store reaches them")
	show := f.String("show", "", "print the statements for a server of this `version` and change nothing, as 24.8 or 18.16")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	if *show == "" {
		return schema.Kafka(ctx, s, *brokers)
	}
	all, err := schema.KafkaStatements(*show, *brokers)
	for _, statement := range all {
		fmt.Printf("%s;\n\n", statement)
	}
	return err
}

func query(ctx context.Context, arguments []string) error {
	f, s := options("query")
	format := f.String("format", "PrettyCompactNoEscapes", "how the rows are written: a format of ClickHouse, as JSON, CSVWithNames, TabSeparated")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	if f.NArg() == 0 {
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, q := range queries.All() {
			var names []string
			for _, a := range q.Arguments {
				if a.Default != "" {
					a.Name = "[" + a.Name + "]"
				}
				names = append(names, a.Name)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", q.Name, strings.Join(names, " "), q.Answers)
		}
		return w.Flush()
	}
	values := map[string]string{}
	for _, a := range f.Args()[1:] {
		name, v, ok := strings.Cut(a, "=")
		if !ok {
			return fmt.Errorf("%q: write argument=value", a)
		}
		values[name] = v
	}
	text, err := ask(ctx, s, f.Arg(0), values, *format)
	fmt.Print(text)
	return err
}

func ask(ctx context.Context, s *store.Store, name string, values map[string]string, format string) (string, error) {
	q, err := queries.Find(name)
	if err != nil {
		return "", err
	}
	text, err := q.Text(values)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(text, "INSERT") {
		text += "\nFORMAT " + format
	}
	return s.Exec(ctx, text)
}

func closeDays(ctx context.Context, arguments []string) error {
	f, s := options("close-days")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	return queries.CloseDays(ctx, s)
}

func retain(ctx context.Context, arguments []string) error {
	f, s := options("retain")
	l := schema.Defaults
	days := func(name string, d *time.Duration, meaning string) {
		f.Func(name, fmt.Sprintf("`days` that %s are kept (%d; 0: for ever)", meaning, *d/(24*time.Hour)), func(v string) error {
			var n int
			if _, err := fmt.Sscan(v, &n); err != nil || n < 0 {
				return fmt.Errorf("want a number of days, not %q", v)
			}
			*d = time.Duration(n) * 24 * time.Hour
			return nil
		})
	}
	days("usage", &l.Usage, "hours of usage")
	days("flow", &l.Flow, "flows")
	days("batch", &l.Batch, "notes of batches")
	days("alert", &l.Alert, "alerts")
	f.Uint64Var(&l.Bytes, "bytes", 0, "room that all tables together may take; 0: no limit")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	dropped, err := schema.Retain(ctx, s, l, time.Now())
	for _, d := range dropped {
		fmt.Println("dropped", d)
	}
	return err
}

func carry(ctx context.Context, arguments []string) error {
	f, s := options("pipe")
	p := pipe.Settings{Store: s}
	f.StringVar(&p.From, "from", "mqtt://127.0.0.1:1883", "the broker: mqtt://HOST:PORT, mqtts://, nats://")
	f.StringVar(&p.Name, "name", "netifyd-store", "of the session (MQTT) or durable consumer (NATS)")
	f.IntVar(&p.Batch, "batch", 1000, "messages in an insert at the most")
	f.DurationVar(&p.Period, "period", time.Second, "how long an insert waits for more")
	f.StringVar(&p.LogLevel, "log", "info", "off, error, warn, info, debug")
	ready := f.String("ready", "", "`file` that is made when the broker keeps messages for this pipe")
	share := f.String("share", "", "`name` of a group of pipes that share the messages of a broker (MQTT)")
	ca, cert, key := f.String("ca", "", "file of the authority that signed the broker's certificate"), f.String("cert", "", "file of the pipe's certificate"), f.String("key", "", "file of its key")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	if *share != "" {
		for _, k := range pipe.Kinds {
			p.Topics = append(p.Topics, "$share/"+*share+"/netifyd/v1/+/"+k)
		}
	}
	if strings.HasPrefix(p.From, "mqtts:") || *ca != "" || *cert != "" {
		p.TLS = &tls.Config{}
	}
	if *ca != "" {
		text, err := os.ReadFile(*ca)
		if err != nil {
			return err
		}
		p.TLS.RootCAs = x509.NewCertPool()
		if !p.TLS.RootCAs.AppendCertsFromPEM(text) {
			return fmt.Errorf("%s: no certificate in PEM is in it", *ca)
		}
	}
	if *cert != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		if err != nil {
			return err
		}
		p.TLS.Certificates = []tls.Certificate{pair}
	}
	if *ready != "" {
		p.Ready = func() { _ = os.WriteFile(*ready, nil, 0o644) }
	}
	return pipe.Run(ctx, p)
}

func serve(ctx context.Context, arguments []string) error {
	f, s := options("board")
	listen := f.String("listen", "127.0.0.1:8090", "`address` of the page")
	host := f.String("host", "", "`names`, with commas between, that a server before the page passes on")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	s.Reads = true
	fmt.Printf("http://%s/\n", *listen)
	return board.Serve(ctx, *listen, s, strings.FieldsFunc(*host, func(r rune) bool { return r == ',' })...)
}

func runExample(ctx context.Context, arguments []string) error {
	f := flag.NewFlagSet("fleet example", flag.ContinueOnError)
	o := example.Options{}
	f.StringVar(&o.Root, "root", "..", "`directory` of the source tree")
	f.BoolVar(&o.Faults, "faults", false, "break brokers, store, agents, certificates and clocks")
	f.DurationVar(&o.Outage, "outage", 2*time.Minute, "how long brokers stay away")
	page := f.String("board", "", "keep all running afterwards, and serve the board at this `address`, as 127.0.0.1:8090")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	if *page != "" {
		// A port that somebody has is better known now than in the end.
		l, err := net.Listen("tcp", *page)
		if err != nil {
			return fmt.Errorf("%w: --board takes another address", err)
		}
		_ = l.Close()
		o.Keep = func(ctx context.Context, s *store.Store) error {
			reader := *s
			reader.User, reader.Reads = "board", true
			fmt.Printf("the board: http://%s/ (ctrl-c stops all)\n", *page)
			return board.Serve(ctx, *page, &reader)
		}
	}
	return example.Run(ctx, o)
}

func simulate(ctx context.Context, arguments []string) error {
	f := flag.NewFlagSet("fleet sim", flag.ContinueOnError)
	o := sim.Options{}
	f.StringVar(&o.Way, "way", "http", "to the store: http, mosquitto or nats")
	f.IntVar(&o.Routers, "routers", 100, "how many")
	f.IntVar(&o.Hours, "hours", 5, "hours of rows for each router: all but one at the start, the last when an hour is over")
	f.DurationVar(&o.Hour, "hour", time.Minute, "how long an hour lasts: 1m is 60 times faster; back-off of the relays is as much faster")
	f.DurationVar(&o.Spread, "spread", 10*time.Second, "within how long routers send a closed hour")
	f.DurationVar(&o.Outage, "outage", 10*time.Second, "broker or store (http) is away so long after the first hour; 0: not at all")
	f.DurationVar(&o.Most, "most", 4*time.Minute, "a run ends after so long, whatever it has done")
	memory := f.Uint64("memory", 8192, "MiB that all processes of a run may take together")
	all := f.Duration("all", 11*time.Minute, "a report takes no longer than this")
	report := f.String("report", "", "run every way, the largest with so many routers, and write the tables into this `document` (-: show them)")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	if o.Routers < 1 || o.Hours < 1 || o.Hour < time.Second || o.Hour > time.Hour {
		return errors.New("want at least one router, one hour of rows, and an hour that lasts 1s to 1h")
	}
	o.Memory = *memory << 20
	var err error
	if o.Program, err = os.Executable(); err != nil {
		return err
	}
	if *report != "" {
		var text bytes.Buffer
		began := time.Now()
		err := sim.Report(ctx, o, *all, &text, func(format string, arguments ...any) {
			fmt.Fprintf(os.Stderr, "%5.0fs  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, arguments...))
		})
		fmt.Print(text.String())
		if err != nil || *report == "-" {
			return err
		}
		return sim.Into(*report, text.Bytes())
	}
	r, err := sim.Run(ctx, o)
	if err == nil || errors.Is(err, sim.ErrBound) {
		sim.Columns(os.Stdout)
		r.Line(os.Stdout)
	}
	return err
}
