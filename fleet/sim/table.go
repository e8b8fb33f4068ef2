package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"
)

// Per router, what the computed table reckons with.
const (
	rowsAnHour = 300
	spread     = 10 * time.Minute // relay's spread in docs/relay.md
	comeBack   = 5 * time.Minute  // within which relays come back after a long outage: the most of their back-off
	months     = 13
)

// Columns is the head of the table of results.
func Columns(w io.Writer) {
	fmt.Fprintln(w, "| way | routers | rows | rows a CPU second: relays | broker | pipe | store | bytes a row sent | stored | a relay's memory | last relay back after |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|")
}

// per is rows a second of a processor.
func (r *Result) per(d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(r.Rows) / d.Seconds()
}

// Line writes a result.
func (r *Result) Line(w io.Writer) {
	number := func(v float64, format string) string {
		if v == 0 {
			return "-"
		}
		return fmt.Sprintf(format, v)
	}
	each := func(d time.Duration) string { return number(math.Round(r.per(d)/100)*100, "%.0f") }
	back := "-"
	if r.Recovery > 0 {
		back = fmt.Sprintf("%.1f s", r.Recovery.Seconds())
	}
	fmt.Fprintf(w, "| %s | %d | %d | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.Way, r.Routers, r.Rows, each(r.Cost.Relay), each(r.Cost.Broker), each(r.Cost.Pipe), each(r.Cost.Store),
		number(r.Wire, "%.1f"), number(r.Disk, "%.1f"), number(float64(r.Resident)/float64(r.Routers)/(1<<20), "%.1f MiB"), back)
}

// Report runs every way and writes what docs/fleet.md says of costs: what was
// measured, and what is computed from it. It goes on where a run passes a bound,
// and says so. All of it takes no longer than all.
func Report(ctx context.Context, o Options, all time.Duration, w io.Writer, say func(format string, arguments ...any)) error {
	from := time.Now()
	over := from.Add(all)
	var results []Result
	var words []string
	for _, run := range []struct {
		way     string
		routers int
	}{{"http", o.Routers / 10}, {"mosquitto", o.Routers * 3 / 10}, {"nats", o.Routers * 3 / 10}, {"nats", o.Routers}, {"mosquitto", o.Routers}} {
		p := o
		p.Way, p.Routers, p.Most = run.way, max(1, run.routers), min(o.Most, time.Until(over)-time.Minute)
		if p.Most < p.Hour {
			words = append(words, fmt.Sprintf("%s, %d routers: not begun, the time of %v is over", p.Way, p.Routers, all))
			continue
		}
		say("%s, %d routers", p.Way, p.Routers)
		r, err := Run(ctx, p)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			words = append(words, fmt.Sprintf("%s, %d routers: %v", p.Way, p.Routers, err))
			say("%s", words[len(words)-1])
		}
		results = append(results, r)
	}
	ctx, cancel := context.WithDeadline(ctx, over)
	defer cancel()
	clients := max(1, o.Routers*3/10)
	say("handshakes of %d routers", clients)
	hands, err := Handshakes(ctx, clients)
	if err != nil {
		words = append(words, err.Error())
	}
	o.write(w, results, hands, words, from)
	return nil
}

func (o *Options) write(w io.Writer, results []Result, hands []Handshake, words []string, from time.Time) {
	faster := float64(time.Hour / o.Hour)
	fmt.Fprintf(w, "`make fleet-sim`, up to %d routers, %s, in %.0f minutes. Time runs %.0f times faster: %d hours of rows for each router, the last during an outage of %.0f minutes (%v here) of the broker, or of the store itself (http).\n\n",
		o.Routers, from.UTC().Format(time.DateOnly), math.Ceil(time.Since(from).Minutes()), faster, o.Hours, o.Outage.Minutes()*faster, o.Outage)
	Columns(w)
	for i := range results {
		results[i].Line(w)
	}
	fmt.Fprintf(w, "\nA relay's back-off has its times divided by %.0f too: the last is back after at most 7.5 minutes, which are %.1f s here, and what is beyond is the load.\n", faster, 450/faster)
	for _, line := range words {
		fmt.Fprintf(w, "\nDid not end: %s.\n", line)
	}
	if len(hands) > 0 {
		fmt.Fprint(w, "\n| all at once, each with a certificate and a whole TLS handshake (P-256) | routers | the server's processor for one | last in after |\n|---|---|---|---|\n")
		for _, h := range hands {
			fmt.Fprintf(w, "| %s | %d | %.2f ms | %.1f s |\n", h.Server, h.Clients, float64(h.Each.Microseconds())/1000, h.All.Seconds())
		}
	}
	fmt.Fprintf(w, "\n**Computed from these, not tried**: %d rows an hour and router, hourly usage, %d months; the slowest run of each way.\n\n", rowsAnHour, months)
	compute(w, results, hands)
}

// rates are the slowest of what was measured: rows a CPU second, bytes a row, seconds a handshake.
type rates struct{ broker, pipe, store, wire, disk, hand float64 }

func slowest(results []Result, hands []Handshake, http bool) (r rates) {
	low := func(v *float64, d float64) {
		if d > 0 && (*v == 0 || d < *v) {
			*v = d
		}
	}
	for i := range results {
		s := &results[i]
		if (s.Way == "http") != http {
			continue
		}
		low(&r.broker, s.per(s.Cost.Broker))
		low(&r.pipe, s.per(s.Cost.Pipe))
		low(&r.store, s.per(s.Cost.Store))
		r.wire, r.disk = max(r.wire, s.Wire), max(r.disk, s.Disk)
	}
	for _, h := range hands {
		if (h.Server == "haproxy") == http {
			r.hand = max(r.hand, h.Each.Seconds())
		}
	}
	return r
}

// compute writes the table for three sizes: ten routers by HTTP, more by MQTT.
func compute(w io.Writer, results []Result, hands []Handshake) {
	sizes := []float64{10, 1000, 100_000}
	ways := []rates{slowest(results, hands, true), slowest(results, hands, false), slowest(results, hands, false)}
	row := func(name string, cell func(n float64, r rates) string) {
		fmt.Fprintf(w, "| %s |", name)
		for i, n := range sizes {
			fmt.Fprintf(w, " %s |", cell(n, ways[i]))
		}
		fmt.Fprintln(w)
	}
	average := func(n float64) float64 { return n * rowsAnHour / 3600 }
	peak := func(n float64) float64 { return n * rowsAnHour / spread.Seconds() }
	cores := func(rows, per float64) float64 {
		if per == 0 {
			return 0
		}
		return rows / per
	}
	two := func(a, b float64) string {
		if a+b == 0 {
			return "-"
		}
		return short(a) + " · " + short(b)
	}
	fmt.Fprint(w, "| | 10 routers, HTTP | 1 000, MQTT | 100 000, MQTT |\n|---|---|---|---|\n")
	row("rows a second, average · in the hour's first minutes with `spread = \"10m\"`", func(n float64, _ rates) string { return two(average(n), peak(n)) })
	row("cores of the store, average · then", func(n float64, r rates) string { return two(cores(average(n), r.store), cores(peak(n), r.store)) })
	row("cores of the broker, average · then", func(n float64, r rates) string { return two(cores(average(n), r.broker), cores(peak(n), r.broker)) })
	row("cores of the pipe, average · then", func(n float64, r rates) string { return two(cores(average(n), r.pipe), cores(peak(n), r.pipe)) })
	row("cores for handshakes while all come back within 5 minutes", func(n float64, r rates) string { return short(n * r.hand / comeBack.Seconds()) })
	row("uplink of a router a day", func(_ float64, r rates) string { return size(24 * rowsAnHour * r.wire) })
	row("into the centre, Mbit/s, average · then", func(n float64, r rates) string {
		return two(8e-6*average(n)*r.wire, 8e-6*peak(n)*r.wire)
	})
	row("disk, 13 months", func(n float64, r rates) string { return size(n * 24 * rowsAnHour * 30.5 * months * r.disk) })
	// Half of a core is left free at the peak.
	row("machines, with twice what the peak takes, and two copies of the store", func(n float64, r rates) string {
		if r.broker == 0 {
			return "any"
		}
		many := func(v float64) float64 { return math.Max(1, math.Ceil(2*v)) }
		return fmt.Sprintf("cores: broker %.0f, pipes %.0f, store 2 × %.0f", many(math.Max(cores(peak(n), r.broker), n*r.hand/comeBack.Seconds())), many(cores(peak(n), r.pipe)), many(cores(peak(n), r.store)))
	})
}

// short writes a number with two digits that count.
func short(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v < 0.001:
		return "< 0.001"
	case v < 10:
		return fmt.Sprintf("%.2g", v)
	}
	digits := math.Pow(10, math.Floor(math.Log10(v))-1)
	return fmt.Sprintf("%.0f", math.Round(v/digits)*digits)
}

func size(v float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	i := 0
	for ; v >= 1000 && i < len(units)-1; i++ {
		v /= 1000
	}
	return short(v) + " " + units[i]
}

// Marks of the part of a document that Report writes.
const (
	begins = "<!-- make fleet-sim writes from here -->"
	ends   = "<!-- to here -->"
)

// Into puts a report into a document, in place of the one before.
func Into(path string, report []byte) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), begins)
	_, after, also := strings.Cut(rest, ends)
	if !ok || !also {
		return fmt.Errorf("%s: the lines %q and %q are not in it", path, begins, ends)
	}
	return os.WriteFile(path, []byte(before+begins+"\n\n"+string(bytes.TrimSpace(report))+"\n\n"+ends+after), 0o644)
}
