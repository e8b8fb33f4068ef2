package process

import (
	"encoding/json"
	"slices"
	"time"

	"netifyd/cmd/netifyctl/relay/privacy"
)

// Flow is what is remembered of a flow that lasts.
type Flow struct {
	Digest                      string
	First, Last                 int64 // milliseconds since 1970
	Interface                   string
	Internal, NAT, Twin, Origin bool // Origin: the local side opened it
	Version, L4                 int
	LocalIP, OtherIP, OtherType string
	LocalMAC, OtherMAC          string
	LocalPort, OtherPort        int
	Protocol, Application       int
	ProtocolName                string
	ApplicationName             string
	Host, JA4, Confidence       string

	Local, Other uint64 // bytes that were told since it is remembered
	Bytes        uint64 // of both sides, the whole flow
	Packets      uint64

	hidden bool // of a device that is excluded
	round  uint32
}

// Told is what a line says of a flow.
type Told struct {
	*Flow
	Local, Other, Packets uint64 // since the last line
	Ended                 bool
	Reason                string
}

// Hearer is told of flows.
type Hearer interface {
	Flow(*Told)
	// Unknown is told of the end of a flow that was not remembered.
	Unknown()
}

// Flows remembers the flows that last, up to a number, and tells hearers what
// happens to them. It is a Processor.
type Flows struct {
	Most   int
	Filter *privacy.Filter
	Hear   []Hearer

	table map[string]*Flow
	round uint32    // rises with each connection to the agent
	sweep time.Time // when flows of older rounds have ended unheard; zero: there are none
	told  Told
	names map[string]string
}

// settle is how long an agent may take to tell the flows that it has.
const settle = time.Minute

var flowKinds = []string{"flow_dpi_complete", "flow_dpi_update", "flow_stats", "flow_purge"}

// Kinds of lines that flows are told in.
func (*Flows) Kinds() []string { return flowKinds }

// flowLine is what is read of a line.
type flowLine struct {
	Interface string `json:"interface"`
	Internal  bool   `json:"internal"`
	Reason    string `json:"reason"`
	Flow      struct {
		Digest       string `json:"digest"`
		First        int64  `json:"first_seen_at"`
		Last         int64  `json:"last_seen_at"`
		NAT          bool   `json:"ip_nat"`
		Twin         bool   `json:"twin"`
		Origin       bool   `json:"local_origin"`
		Version      int    `json:"ip_version"`
		L4           int    `json:"ip_protocol"`
		LocalIP      string `json:"local_ip"`
		OtherIP      string `json:"other_ip"`
		OtherType    string `json:"other_type"`
		LocalMAC     string `json:"local_mac"`
		OtherMAC     string `json:"other_mac"`
		LocalPort    int    `json:"local_port"`
		OtherPort    int    `json:"other_port"`
		Protocol     int    `json:"detected_protocol"`
		Application  int    `json:"detected_application"`
		ProtocolName string `json:"detected_protocol_name"`
		AppName      string `json:"detected_application_name"`
		Host         string `json:"host_server_name"`
		Confidence   string `json:"detection_confidence"`
		SSL          struct {
			JA4 string `json:"client_ja4"`
		} `json:"ssl"`
		LocalBytes   uint64 `json:"local_bytes"`
		OtherBytes   uint64 `json:"other_bytes"`
		LocalPackets uint64 `json:"local_packets"`
		OtherPackets uint64 `json:"other_packets"`
		TotalBytes   uint64 `json:"total_bytes"`
		TotalPackets uint64 `json:"total_packets"`
	} `json:"flow"`
}

// Event reads a line about a flow.
func (t *Flows) Event(kind string, line []byte) {
	if !slices.Contains(flowKinds, kind) {
		return
	}
	var l flowLine
	if json.Unmarshal(line, &l) != nil || l.Flow.Digest == "" {
		return
	}
	if t.table == nil {
		t.table, t.names = map[string]*Flow{}, map[string]string{}
	}
	f := t.table[l.Flow.Digest]
	switch kind {
	case "flow_dpi_complete", "flow_dpi_update":
		if f == nil && kind == "flow_dpi_update" || f == nil && len(t.table) >= t.Most {
			return
		}
		if f == nil || f.First != l.Flow.First {
			f = &Flow{Digest: l.Flow.Digest, First: l.Flow.First}
			t.table[f.Digest] = f
		}
		t.record(f, &l)
		if kind == "flow_dpi_update" {
			return // what it counts is told by the lines that follow
		}
	default:
		if f == nil {
			if kind == "flow_purge" {
				for _, h := range t.Hear {
					h.Unknown()
				}
			}
			return
		}
	}
	f.round, f.Last = t.round, l.Flow.Last
	f.Local, f.Other = f.Local+l.Flow.LocalBytes, f.Other+l.Flow.OtherBytes
	f.Bytes, f.Packets = max(f.Bytes, l.Flow.TotalBytes), max(f.Packets, l.Flow.TotalPackets)
	if kind == "flow_purge" {
		delete(t.table, f.Digest)
	}
	t.tell(f, Told{Local: l.Flow.LocalBytes, Other: l.Flow.OtherBytes, Packets: l.Flow.LocalPackets + l.Flow.OtherPackets, Ended: kind == "flow_purge", Reason: l.Reason})
}

func (t *Flows) tell(f *Flow, told Told) {
	if f.hidden {
		return
	}
	t.told, t.told.Flow = told, f
	for _, h := range t.Hear {
		h.Flow(&t.told)
	}
}

// record takes what a full record says.
func (t *Flows) record(f *Flow, l *flowLine) {
	x, p := &l.Flow, t.Filter
	f.hidden = p.Excluded(x.LocalMAC) || p.Excluded(x.OtherMAC)
	f.Interface, f.Internal, f.NAT, f.Twin, f.Origin = t.name(l.Interface), l.Internal, x.NAT, x.Twin, x.Origin
	f.Version, f.L4, f.LocalPort, f.OtherPort = x.Version, x.L4, x.LocalPort, x.OtherPort
	f.LocalIP, f.OtherIP, f.OtherType = t.name(p.IP(x.LocalIP)), p.IP(x.OtherIP), t.name(x.OtherType)
	f.LocalMAC, f.OtherMAC = t.name(p.MAC(x.LocalMAC)), t.name(p.MAC(x.OtherMAC))
	f.Protocol, f.Application = x.Protocol, x.Application
	f.ProtocolName, f.ApplicationName = t.name(x.ProtocolName), t.name(x.AppName)
	f.Host, f.JA4, f.Confidence = t.name(p.Host(x.Host)), t.name(x.SSL.JA4), t.name(x.Confidence)
}

// name gives one string for all that are equal, so that each takes memory once.
func (t *Flows) name(s string) string {
	if kept, ok := t.names[s]; ok {
		return kept
	}
	if len(t.names) >= 8192 {
		clear(t.names)
	}
	t.names[s] = s
	return s
}

// Opened begins a round: the agent tells the flows that it has, and those that it
// does not tell have ended meanwhile.
func (t *Flows) Opened(now time.Time) {
	t.round++
	t.sweep = now.Add(settle)
}

// Tick ends the flows that ended unheard.
func (t *Flows) Tick(now time.Time) {
	if t.sweep.IsZero() || now.Before(t.sweep) {
		return
	}
	t.sweep = time.Time{}
	for digest, f := range t.table {
		if f.round != t.round {
			delete(t.table, digest)
			t.tell(f, Told{Ended: true, Reason: "unheard"})
		}
	}
}

// Known is how many flows are remembered.
func (t *Flows) Known() int { return len(t.table) }
