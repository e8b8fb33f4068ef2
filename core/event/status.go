package event

import (
	"bytes"
	"cmp"
	"time"
)

// CaptureStatus is the sum over all captures, since the agent started.
type CaptureStatus struct{ Received, Dropped, Freezes uint64 }

// ClientStatus is how many clients there are, and what became of others since the agent started.
type ClientStatus struct {
	Connected             int
	Refused, Closed, Lost uint64 // Lost: events
}

// ActionStatus is what rules did.
type ActionStatus struct {
	Rules, Active   int    // Active: whose time it is
	Flows           uint64 // that match a rule now
	Hits            uint64 // flows that began to match, since the start
	Elements        uint64 // that targets hold now
	Errors, Refused uint64 // of targets; Refused: for want of room
	Failing         int    // targets that do not work now
	Lost            uint64 // changes that found no room in a queue, and were mended
}

// Status is an agent_status. "Prev" is the value in the status before.
type Status struct {
	AgentVersion   string
	BuildVersion   string // free text, as in agent_hello
	Timestamp      int64  // seconds since 1970
	Uptime         uint64
	UpdateInterval uint64 // seconds

	CPUCores                                       int
	CPUSystem, CPUSystemPrev, CPUUser, CPUUserPrev time.Duration // since the start
	MaxRSS, MaxRSSPrev                             uint64        // KiB, the most so far
	RSS, RSSPrev                                   uint64        // KiB, now
	MemoryPlan                                     uint64        // KiB that tables take by the configuration

	Flows, FlowsPrev uint64
	FlowsExpired     uint64 // that ended since the status before because they were over or idle
	FlowsPurged      uint64 // that ended since the status before, for any reason
	FlowsEvicted     uint64 // ended because room was needed, since the start
	SlotsExhausted   uint64 // flows given up since every reassembly slot was in use, since the start
	Hints            int    // names remembered from DNS answers; negative: hints are off

	FlowsUnanswered uint64 // SYNs without an answer, which no event tells of, since the start
	FlowsUntold     uint64 // flows that no event tells of since there were too many, since the start

	Capture CaptureStatus
	Clients ClientStatus
	Actions *ActionStatus // nil: there are no rules
	Offload string        // "none", "software", "hardware", "unknown"

	Interfaces []InterfaceStatus
	Devices    []Device // seen since the last status
}

// clients is the member before which client_dropped has its place.
const clients = `"clients":{`

// AppendStatus writes an agent_status. The short form, which greets a client,
// has neither agent_version nor devices, interfaces and stats. Dialect 5 has
// one form: there those three are lines of their own. It orders s.Interfaces and s.Devices.
func AppendStatus(b []byte, d Dialect, s *Status, short bool) []byte {
	b = append(b, '{')
	if a := s.Actions; a != nil {
		b = appendUint(append(b, `"actions":{"active":`...), uint64(a.Active))
		b = appendUint(append(b, `,"elements":`...), a.Elements)
		b = appendUint(append(b, `,"errors":`...), a.Errors)
		b = appendUint(append(b, `,"failing":`...), uint64(a.Failing))
		b = appendUint(append(b, `,"flows":`...), a.Flows)
		b = appendUint(append(b, `,"hits":`...), a.Hits)
		b = appendUint(append(b, `,"lost":`...), a.Lost)
		b = appendUint(append(b, `,"refused":`...), a.Refused)
		b = append(appendUint(append(b, `,"rules":`...), uint64(a.Rules)), `},`...)
	}
	if !short || d == V5 {
		b = append(appendString(append(b, `"agent_version":`...), s.AgentVersion), ',')
	}
	if d == V5 {
		short = true
		b = append(appendString(append(b, `"build_version":`...), s.BuildVersion), ',')
	}
	b = appendUint(append(b, `"capture":{"dropped":`...), s.Capture.Dropped)
	b = appendUint(append(b, `,"freezes":`...), s.Capture.Freezes)
	b = appendUint(append(b, `,"received":`...), s.Capture.Received)
	b = appendUint(append(b, `},`+clients+`"closed":`...), s.Clients.Closed)
	b = appendUint(append(b, `,"connected":`...), uint64(s.Clients.Connected))
	b = appendUint(append(b, `,"lost":`...), s.Clients.Lost)
	b = appendUint(append(b, `,"refused":`...), s.Clients.Refused)
	b = appendUint(append(b, `},"cpu_cores":`...), uint64(s.CPUCores))
	b = appendSeconds(append(b, `,"cpu_system":`...), s.CPUSystem)
	b = appendSeconds(append(b, `,"cpu_system_prev":`...), s.CPUSystemPrev)
	b = appendSeconds(append(b, `,"cpu_user":`...), s.CPUUser)
	b = appendSeconds(append(b, `,"cpu_user_prev":`...), s.CPUUserPrev)
	if !short {
		b = appendDevices(append(b, `,"devices":`...), s.Devices)
	}
	if s.Hints >= 0 {
		b = appendUint(append(b, `,"dhc_size":`...), uint64(s.Hints))
	}
	b = appendBool(append(b, `,"dhc_status":`...), s.Hints >= 0)
	if !short && s.Hints >= 0 {
		b = append(appendUint(append(b, `,"dns_hint_cache":{"cache_size":`...), uint64(s.Hints)), '}')
	}
	b = append(b, `,"fhc_status":false`...)
	b = appendUint(append(b, `,"flow_count":`...), s.Flows)
	b = appendUint(append(b, `,"flow_count_prev":`...), s.FlowsPrev)
	b = appendUint(append(b, `,"flows":`...), s.Flows)
	b = appendUint(append(b, `,"flows_active":`...), s.Flows)
	b = appendUint(append(b, `,"flows_evicted":`...), s.FlowsEvicted)
	b = appendUint(append(b, `,"flows_expired":`...), s.FlowsExpired)
	b = append(b, `,"flows_expiring":0`...) // a flow that ends is told of and gone at once
	b = appendUint(append(b, `,"flows_in_use":`...), s.Flows)
	b = appendUint(append(b, `,"flows_prev":`...), s.FlowsPrev)
	b = appendUint(append(b, `,"flows_purged":`...), s.FlowsPurged)
	b = appendUint(append(b, `,"flows_unanswered":`...), s.FlowsUnanswered)
	b = appendUint(append(b, `,"flows_untold":`...), s.FlowsUntold)
	if !short {
		b = appendInterfaces(append(b, `,"interfaces":`...), s.Interfaces)
	}
	b = appendUint(append(b, `,"maxrss_kb":`...), s.MaxRSS)
	b = appendUint(append(b, `,"maxrss_kb_prev":`...), s.MaxRSSPrev)
	b = appendUint(append(b, `,"memory_plan_kb":`...), s.MemoryPlan)
	b = appendUint(append(b, `,"memrss_kb":`...), s.RSS)
	b = appendUint(append(b, `,"memrss_kb_prev":`...), s.RSSPrev)
	b = appendString(append(b, `,"offload":`...), cmp.Or(s.Offload, "none"))
	b = append(b, `,"sink_status":false,"sink_uploads":false`...)
	b = appendUint(append(b, `,"slots_exhausted":`...), s.SlotsExhausted)
	if !short {
		b = appendInterfaceStats(append(b, `,"stats":`...), s.Interfaces)
	}
	if d == V5 {
		b = append(b, `,"tcm_kb":0,"tcm_kb_prev":0`...) // of another allocator
	}
	b = appendUint(append(b, `,"timestamp":`...), uint64(max(s.Timestamp, 0)))
	b = append(b, `,"type":"agent_status","update_imf":1`...)
	b = appendUint(append(b, `,"update_interval":`...), s.UpdateInterval)
	b = appendUint(append(b, `,"uptime":`...), s.Uptime)
	return append(b, `,"version":`+JSONVersion+"}\n"...)
}

// AppendClientStatus is line, an agent_status, with the number of events that one client has lost.
func AppendClientStatus(dst, line []byte, dropped uint64) []byte {
	// Inside a string the quotes would be escaped, so this is the member itself.
	at := bytes.Index(line, []byte(clients))
	if at < 0 {
		return append(dst, line...)
	}
	dst = append(dst, line[:at]...)
	dst = appendUint(append(dst, `"client_dropped":`...), dropped)
	dst = append(dst, ',')
	return append(dst, line[at:]...)
}

func appendSeconds(b []byte, t time.Duration) []byte {
	return appendDecimal(b, uint64(max(t, 0).Microseconds()), 6)
}
