package process

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"netifyd/cmd/netifyctl/relay/lane"
)

// most is how many rows an aggregator adds up before it tells them early, so that
// it never grows; digests are listed up to so many in a row.
const (
	mostRows    = 4096
	mostDigests = 16
)

// key is what a row of an aggregator stands for: all of type 3, the first four
// of type 1.
type key struct {
	mac, ip               string
	application, protocol int

	applicationName, protocolName string
	other, otherType              string
	otherPort, l4, version        int
	origin, internal              bool
	iface                         string
}

// sum is what a row adds up.
type sum struct {
	key
	up, down, packets uint64
	digests           []string
}

// Aggregator adds up flows for a time, as the aggregator of netifyd 5 does: type
// 1 by device, address, application and protocol, type 3 also by the other side.
// It knows flows by what Flows tells.
type Aggregator struct {
	Type     int
	Nested   bool
	Private  bool // without addresses
	Rows     int  // most in one payload; 0: all
	Interval time.Duration

	ways    []aggregatorWay
	sums    map[key]*sum
	order   []*sum // as they came
	began   time.Time
	payload []byte
}

type aggregatorWay struct {
	lane  *lane.Lane
	table *lane.Table
}

// To adds a lane.
func (a *Aggregator) To(l *lane.Lane, name string) {
	a.ways = append(a.ways, aggregatorWay{l, &lane.Table{Kind: name, AtOnce: true}})
}

// Flow adds what a line says. Translated flows are left out: their inner side counts.
func (a *Aggregator) Flow(t *Told) {
	if t.NAT || t.Twin || t.Local+t.Other+t.Packets == 0 {
		return
	}
	k := key{application: t.Application, protocol: t.Protocol, applicationName: t.ApplicationName, protocolName: t.ProtocolName}
	if !a.Private {
		k.mac, k.ip = t.LocalMAC, t.LocalIP
	}
	if a.Type == 3 {
		k.otherType, k.otherPort, k.l4, k.version, k.origin, k.internal, k.iface = t.OtherType, t.OtherPort, t.L4, t.Version, t.Origin, t.Internal, t.Interface
		if !a.Private {
			k.other = t.OtherIP
		}
	}
	s := a.sums[k]
	if s == nil {
		if len(a.order) >= mostRows {
			a.tell(time.Now())
		}
		if a.sums == nil {
			a.sums = map[key]*sum{}
		}
		s = &sum{key: k}
		a.sums[k] = s
		a.order = append(a.order, s)
	}
	s.up, s.down, s.packets = s.up+t.Local, s.down+t.Other, s.packets+t.Packets
	if a.Type == 3 && len(s.digests) < mostDigests && !slices.Contains(s.digests, t.Digest) {
		s.digests = append(s.digests, t.Digest)
	}
}

// Unknown is nothing to an aggregator: what it missed was counted before.
func (*Aggregator) Unknown() {}

// Tick tells the sums when their time has passed.
func (a *Aggregator) Tick(now time.Time) {
	if a.began.IsZero() {
		a.began = now
	}
	if now.Sub(a.began) >= a.Interval {
		a.tell(now)
	}
}

// tell writes what was added up, and begins anew.
func (a *Aggregator) tell(now time.Time) {
	start, end := a.began.Unix(), now.Unix()
	if end <= start {
		end = start + 1 // readers divide by the time between
	}
	if a.Nested {
		a.offer(a.nested(start, end))
	} else {
		rows := a.Rows
		if rows <= 0 {
			rows = mostRows
		}
		for part := range slices.Chunk(a.order, rows) {
			a.offer(a.flat(start, end, part))
		}
	}
	a.began, a.sums, a.order = now, nil, a.order[:0]
}

func (a *Aggregator) offer(payload []byte) {
	for _, w := range a.ways {
		w.lane.Offer(w.table, payload)
	}
}

func (a *Aggregator) head(start, end int64) []byte {
	b := append(a.payload[:0], `{"log_time_start":`...)
	b = strconv.AppendInt(b, start, 10)
	b = append(b, `,"log_time_end":`...)
	return append(strconv.AppendInt(b, end, 10), `,"stats":`...)
}

var (
	columns3 = []string{"detected_application", "detected_application_name", "detected_protocol", "detected_protocol_name", "interface", "internal", "ip_protocol", "ip_version",
		"local_origin", "local_ip", "local_mac", "other_ip", "other_port", "other_type", "local_bytes", "other_bytes", "packets", "digests"}
	columns1 = []string{"application_id", "protocol_id", "protocol", "local_mac", "local_ip", "download", "upload", "packets"}
)

// flat writes rows one after the other. Of type 3, what has no address is without it.
func (a *Aggregator) flat(start, end int64, rows []*sum) []byte {
	b := append(a.head(start, end), '[')
	for i, s := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		if a.Type == 3 {
			b = lane.AppendObject(b, columns3, []any{s.application, s.applicationName, s.protocol, s.protocolName, s.iface, s.internal, s.l4, s.version,
				s.origin, s.ip, s.mac, s.other, s.otherPort, s.otherType, s.up, s.down, s.packets, s.digests})
			continue
		}
		b = lane.AppendObject(b, columns1, []any{s.tag(), s.protocol, s.protocolName, s.mac, s.ip, s.down, s.up, s.packets})
	}
	a.payload = append(b, `]}`...)
	return a.payload
}

// tag is how readers of type 1 know an application: its number, a dot, its tag.
func (k *key) tag() string {
	if k.application == 0 {
		return "0.netify.unclassified"
	}
	return strconv.Itoa(k.application) + "." + k.applicationName
}

// nested writes objects in objects: device, address, application, protocol.
func (a *Aggregator) nested(start, end int64) []byte {
	slices.SortStableFunc(a.order, func(x, y *sum) int { return x.compare(&y.key) })
	b := append(a.head(start, end), '{')
	var last [3]string
	depth := 0 // objects that are open in stats
	for _, s := range a.order {
		path := [3]string{s.mac, s.ip, s.tag()}
		same := 0
		for same < depth && path[same] == last[same] {
			same++
		}
		for ; depth > same; depth-- {
			b = append(b, '}')
		}
		for ; depth < len(path); depth++ {
			b = lane.AppendText(comma(b), path[depth])
			b = append(b, ':', '{')
		}
		b = append(strconv.AppendInt(append(comma(b), '"'), int64(s.protocol), 10), `":`...)
		b = lane.AppendObject(b, []string{"download", "upload", "packets"}, []any{s.down, s.up, s.packets})
		last = path
	}
	for ; depth > 0; depth-- {
		b = append(b, '}')
	}
	a.payload = append(b, `}}`...)
	return a.payload
}

func comma(b []byte) []byte {
	if b[len(b)-1] == '{' {
		return b
	}
	return append(b, ',')
}

// compare is the order of nested objects.
func (k *key) compare(o *key) int {
	return cmp.Or(cmp.Compare(k.mac, o.mac), cmp.Compare(k.ip, o.ip), cmp.Compare(k.tag(), o.tag()), cmp.Compare(k.protocol, o.protocol))
}
