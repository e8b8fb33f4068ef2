package process

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/privacy"
)

// place keeps what is sent to it.
type place struct {
	rows  []string
	kinds []string
	lost  uint64
}

func (p *place) Send(_ context.Context, b *output.Batch) error {
	for _, l := range b.Lines {
		p.rows = append(p.rows, string(l))
	}
	p.kinds, p.lost = append(p.kinds, b.Kind), p.lost+b.Lost
	return nil
}
func (p *place) Close() error { return nil }

// laned gives a lane and what takes all that was offered to it.
func laned(t *testing.T) (*lane.Lane, func() *place) {
	p := &place{}
	l, err := lane.New(lane.Options{}, p, func() lane.Identity { return lane.Identity{} })
	if err != nil {
		t.Fatal(err)
	}
	return l, func() *place {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		l.Run(ctx)
		return p
	}
}

// full is a record of a flow as the agent writes it.
func full(kind, digest string, first int64, more string) []byte {
	return fmt.Appendf(nil, `{"flow":{"detected_application":133,"detected_application_name":"netify.netflix","detected_protocol":196,"detected_protocol_name":"HTTP/S","detection_confidence":"dpi",`+
		`"digest":"%s","first_seen_at":%d,"host_server_name":"a.netflix.com","ip_nat":false,"ip_protocol":6,"ip_version":4,"last_seen_at":%d,"local_bytes":100,"local_ip":"192.168.1.2","local_mac":"02:00:00:00:00:01","local_origin":true,"local_packets":1,"local_port":5000,`+
		`"other_bytes":1000,"other_ip":"1.2.3.4","other_mac":"02:00:00:00:00:ff","other_packets":2,"other_port":443,"other_type":"remote","ssl":{"client_ja4":"t13d"},"total_bytes":1100,"total_packets":3%s},"interface":"lan","internal":true,"type":"%s"}`, digest, first, first+5, more, kind)
}

// counters are a flow_stats or a flow_purge.
func counters(kind, digest string, up, down, total int) []byte {
	return fmt.Appendf(nil, `{"flow":{"digest":"%s","last_seen_at":2000,"local_bytes":%d,"local_packets":1,"other_bytes":%d,"other_packets":1,"total_bytes":%d,"total_packets":9},"interface":"lan","internal":true,"reason":"closed","type":"%s"}`, digest, up, down, total, kind)
}

func feed(p Processor, lines ...[]byte) {
	for _, l := range lines {
		var o struct{ Type string }
		_ = json.Unmarshal(l, &o)
		p.Event(o.Type, l)
	}
}

func TestFinal(t *testing.T) {
	l, all := laned(t)
	rows := lane.NewRows(FinalColumns...)
	rows.To(l, "flow", lane.Bulk, false)
	f := &Flows{Most: 2, Hear: []Hearer{&Final{rows}}}
	feed(f, full("flow_dpi_complete", "aabbccddeeff00112233", 1000, ""),
		full("flow", "aabbccddeeff00112233", 1000, ""), // its counters came before
		counters("flow_stats", "aabbccddeeff00112233", 10, 20, 1130),
		full("flow_dpi_update", "aabbccddeeff00112233", 1000, `,"twin":true`),
		counters("flow_purge", "aabbccddeeff00112233", 1, 2, 1133),
		full("flow_dpi_complete", "b1", 1000, ""), full("flow_dpi_complete", "b2", 1000, ""), full("flow_dpi_complete", "b3", 1000, ""),
		counters("flow_purge", "b3", 1, 2, 1133), // there was no room for it
		counters("flow_stats", "b4", 1, 2, 1133))
	if f.Known() != 2 {
		t.Errorf("%d are known", f.Known())
	}
	p := all()
	want := `[1000,2000,"02:00:00:00:00:01","aabbccddeeff0011","192.168.1.2","1.2.3.4",5000,443,6,"HTTP/S","netify.netflix","a.netflix.com","t13d",1022,111,1133,9,"closed","dpi","lan",true,true,true]`
	if len(p.rows) != 1 || p.rows[0] != want || p.lost != 1 {
		t.Errorf("%d lost, %s\nwant %s", p.lost, p.rows, want)
	}
}

// What the agent does not tell of again after a break has ended meanwhile; what
// it tells again goes on, with its sums.
func TestRounds(t *testing.T) {
	l, all := laned(t)
	rows := lane.NewRows(FinalColumns...)
	rows.To(l, "flow", lane.Bulk, true)
	f := &Flows{Most: 10, Hear: []Hearer{&Final{rows}}}
	now := time.Unix(5000, 0)
	f.Opened(now)
	feed(f, full("flow_dpi_complete", "b1", 1000, ""), full("flow_dpi_complete", "b2", 1000, ""), full("flow_dpi_complete", "b3", 1000, ""))
	f.Tick(now.Add(settle))
	f.Opened(now.Add(time.Hour))
	again := []byte(strings.ReplaceAll(string(full("flow_dpi_complete", "b1", 1000, "")), `_bytes":1`, `_bytes":0`))
	again = []byte(strings.ReplaceAll(string(again), `"total_bytes":0100`, `"total_bytes":1100`))
	again = []byte(strings.NewReplacer(`"local_bytes":000`, `"local_bytes":0`, `"other_bytes":0000`, `"other_bytes":0`).Replace(string(again)))
	feed(f, again, full("flow_dpi_complete", "b3", 7777, "")) // another flow between the same
	f.Tick(now.Add(time.Hour + settle/2))
	f.Tick(now.Add(time.Hour + settle))
	feed(f, counters("flow_purge", "b1", 1, 2, 1103), counters("flow_purge", "b3", 1, 2, 1103))
	p := all()
	var got []string
	for _, r := range p.rows {
		var x struct {
			Digest, Reason  string
			First, Up, Down int64
		}
		if err := json.Unmarshal([]byte(r), &x); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(x.Digest, " ", x.Reason, " ", x.First, " ", x.Up, " ", x.Down))
	}
	if want := []string{"b2 unheard 1000 100 1000", "b1 closed 1000 101 1002", "b3 closed 7777 101 1002"}; !slices.Equal(got, want) || f.Known() != 0 {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestExcluded(t *testing.T) {
	l, all := laned(t)
	rows := lane.NewRows(FinalColumns...)
	rows.To(l, "flow", lane.Bulk, false)
	hide, err := privacy.New("none", "none", "", "", []string{"02:00:00:00:00:01"})
	if err != nil {
		t.Fatal(err)
	}
	f := &Flows{Most: 10, Hear: []Hearer{&Final{rows}}, Filter: hide}
	feed(f, full("flow_dpi_complete", "b1", 1000, ""), counters("flow_purge", "b1", 1, 2, 1103))
	other := []byte(strings.ReplaceAll(string(full("flow_dpi_complete", "b2", 1000, "")), "00:01", "00:02"))
	feed(f, other, counters("flow_purge", "b2", 1, 2, 1103))
	p := all()
	if len(p.rows) != 1 || strings.Contains(p.rows[0], "02:00") || strings.Contains(p.rows[0], "netflix.com") || !strings.Contains(p.rows[0], `,"192.168.1.2","b2","192.168.1.2",`) || p.lost != 0 {
		t.Errorf("%q, %d lost", p.rows, p.lost)
	}
}

func TestAggregator(t *testing.T) {
	start := time.Unix(1000, 0)
	lines := [][]byte{
		full("flow_dpi_complete", "b1", 1000, ""),
		counters("flow_stats", "b1", 10, 20, 1130),
		full("flow_dpi_complete", "b2", 1000, ""),
		[]byte(strings.NewReplacer(`"detected_application":133,"detected_application_name":"netify.netflix"`, `"detected_application":0,"detected_application_name":"Unknown"`, "192.168.1.2", "192.168.1.3").Replace(string(full("flow_dpi_complete", "b3", 1000, "")))),
		[]byte(strings.Replace(string(full("flow_dpi_complete", "b4", 1000, "")), `"ip_nat":false`, `"ip_nat":true`, 1)),
		full("flow_dpi_complete", "b5", 1000, `,"twin":true`),
		counters("flow_purge", "b1", 1, 2, 1133),
	}
	for _, c := range []struct {
		name string
		a    Aggregator
		want []string
	}{
		{"3", Aggregator{Type: 3}, []string{`{"log_time_start":1000,"log_time_end":1010,"stats":[` +
			`{"detected_application":133,"detected_application_name":"netify.netflix","detected_protocol":196,"detected_protocol_name":"HTTP/S","interface":"lan","internal":true,"ip_protocol":6,"ip_version":4,"local_origin":true,"local_ip":"192.168.1.2","local_mac":"02:00:00:00:00:01","other_ip":"1.2.3.4","other_port":443,"other_type":"remote","local_bytes":211,"other_bytes":2022,"packets":10,"digests":["b1","b2"]},` +
			`{"detected_application":0,"detected_application_name":"Unknown","detected_protocol":196,"detected_protocol_name":"HTTP/S","interface":"lan","internal":true,"ip_protocol":6,"ip_version":4,"local_origin":true,"local_ip":"192.168.1.3","local_mac":"02:00:00:00:00:01","other_ip":"1.2.3.4","other_port":443,"other_type":"remote","local_bytes":100,"other_bytes":1000,"packets":3,"digests":["b3"]}]}`}},
		{"1", Aggregator{Type: 1, Rows: 1}, []string{
			`{"log_time_start":1000,"log_time_end":1010,"stats":[{"application_id":"133.netify.netflix","protocol_id":196,"protocol":"HTTP/S","local_mac":"02:00:00:00:00:01","local_ip":"192.168.1.2","download":2022,"upload":211,"packets":10}]}`,
			`{"log_time_start":1000,"log_time_end":1010,"stats":[{"application_id":"0.netify.unclassified","protocol_id":196,"protocol":"HTTP/S","local_mac":"02:00:00:00:00:01","local_ip":"192.168.1.3","download":1000,"upload":100,"packets":3}]}`}},
		{"1 nested", Aggregator{Type: 1, Nested: true}, []string{`{"log_time_start":1000,"log_time_end":1010,"stats":{"02:00:00:00:00:01":{` +
			`"192.168.1.2":{"133.netify.netflix":{"196":{"download":2022,"upload":211,"packets":10}}},"192.168.1.3":{"0.netify.unclassified":{"196":{"download":1000,"upload":100,"packets":3}}}}}}`}},
		{"1 private", Aggregator{Type: 1, Nested: true, Private: true}, []string{`{"log_time_start":1000,"log_time_end":1010,"stats":{"":{` +
			`"":{"0.netify.unclassified":{"196":{"download":1000,"upload":100,"packets":3}},"133.netify.netflix":{"196":{"download":2022,"upload":211,"packets":10}}}}}}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, all := laned(t)
			a := &c.a
			a.Interval = 10 * time.Second
			a.To(l, "sums")
			f := &Flows{Most: 100, Hear: []Hearer{a}}
			a.Tick(start)
			feed(f, lines...)
			a.Tick(start.Add(9 * time.Second))
			a.Tick(start.Add(10 * time.Second))
			p := all()
			if !slices.Equal(p.rows, c.want) || len(p.kinds) != len(c.want) || p.kinds[0] != "sums" {
				t.Errorf("%q %q\nwant %q", p.kinds, p.rows, c.want)
			}
			for _, r := range p.rows {
				if !json.Valid([]byte(r)) {
					t.Errorf("no JSON: %s", r)
				}
			}
		})
	}
}

// More rows than it may hold are told early, and nothing is lost.
func TestAggregatorIsFull(t *testing.T) {
	l, all := laned(t)
	a := &Aggregator{Type: 3, Interval: time.Hour}
	a.To(l, "sums")
	a.Tick(time.Unix(1000, 0))
	for i := range mostRows + 10 {
		a.Flow(&Told{Flow: &Flow{OtherPort: i}, Local: 1, Packets: 1})
	}
	if len(a.order) != 10 {
		t.Errorf("%d rows are held", len(a.order))
	}
	a.tell(time.Now())
	bytes := 0
	for _, r := range all().rows {
		bytes += strings.Count(r, `"local_bytes":1,`)
	}
	if bytes != mostRows+10 {
		t.Errorf("%d bytes", bytes)
	}
}

func TestRaw(t *testing.T) {
	l, all := laned(t)
	r := &Raw{}
	r.To(l, "events", []string{"flow_purge"})
	if !slices.Equal(r.Kinds(), []string{"flow_purge"}) {
		t.Error(r.Kinds())
	}
	r.To(l, "all", nil)
	if r.Kinds() != nil {
		t.Error(r.Kinds())
	}
	feed(r, counters("flow_stats", "b1", 1, 2, 3), counters("flow_purge", "b1", 1, 2, 3))
	if p := all(); len(p.rows) != 3 || !slices.Equal(p.kinds, []string{"all", "events"}) {
		t.Errorf("%q", p.kinds)
	}
}
