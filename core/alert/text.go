package alert

import (
	"fmt"
	"strconv"

	"netifyd/core/glyph"
)

// Words are what the arguments of an alert stand for.
type Words struct{ Device, Label, Iface, Host string }

// Text is an alert as an English sentence, for the log and for terminals.
// Pages translate Kind and its arguments themselves.
func (a *Alert) Text(w Words) string {
	n := strconv.FormatUint(a.Value, 10)
	whose := "all devices together have"
	if a.Device != 0 {
		whose = w.Device + " has"
	}
	switch a.Kind {
	case DeviceNew:
		return "new device: " + w.Device
	case DeviceResolver:
		return w.Device + " asks an encrypted resolver of its own for names"
	case ApplicationFirst:
		return w.Device + " uses " + w.Label + " for the first time"
	case QuotaNear:
		return fmt.Sprintf("%s used %d %% of the quota of this period: %s", whose, Near, glyph.Octets(a.Value))
	case QuotaReached:
		return fmt.Sprintf("%s used up the quota of this period: %s", whose, glyph.Octets(a.Value))
	case CaptureLost:
		return "the kernel dropped " + n + " packets that the agent was too slow for: usage is too low; raise capture.ring"
	case TableFull:
		return n + " flows ended early since the flow table is full: raise flows.max"
	case DevicesFull:
		return "the bytes of " + n + " flows were counted as others since the table of devices is full: raise usage.devices"
	case ClockUnset:
		return "the clock is not set: history waits until it is; look at the time service"
	case InterfaceGone:
		return "the interface " + w.Iface + " is gone: nothing is captured there"
	case OffloadCounted:
		return "the kernel offloads flows and counts them: totals are right, the split by direction is near"
	case OffloadUncounted:
		return "the kernel offloads flows and does not count them: usage is too low; set net.netfilter.nf_conntrack_acct=1"
	case RiskFound:
		if a.Value > 1 {
			return w.Device + " has " + n + " flows at risk: " + w.Label
		}
		return w.Device + " has a flow at risk: " + w.Label
	case ScanPorts:
		return w.who() + " tries one port after the other: " + n + " connections did not come about"
	case ScanHosts:
		return w.who() + " tries many hosts at port " + w.Label + ": " + n + " connections did not come about"
	case SynUnanswered:
		return n + " connections that " + w.who() + " asked for at port " + w.Label + " stayed without an answer"
	case HistoryUnwritten:
		return "history could not be written; it is kept in memory until it can"
	}
	return a.Kind.String()
}

// Say is Text for an alert out of an answer: kind is its identifier there. False:
// there is no such kind.
func Say(kind string, value uint64, w Words) (string, bool) {
	k, known := ParseKind(kind)
	a := Alert{Kind: k, Value: value}
	if w.Device != "" {
		a.Device = 1
	}
	return a.Text(w), known
}

// Spent compares what was used in a period with a quota, and raises each level
// once a period. device is its number; 0: all together.
func (w *Watch) Spent(period int64, device uint32, used, quota uint64, now uint32) {
	if quota == 0 {
		return
	}
	if period != w.period || w.spent == nil {
		w.period, w.spent = period, map[uint32]Kind{}
	}
	kind := Kind(0)
	switch {
	case used >= quota:
		kind = QuotaReached
	case used >= quota/100*Near:
		kind = QuotaNear
	}
	if kind > w.spent[device] {
		w.spent[device] = kind
		w.Raise(Alert{Kind: kind, Device: device, Value: used}, now)
	}
}

// who is the device, or the host where there is none.
func (w *Words) who() string {
	if w.Device != "" {
		return w.Device
	}
	return w.Host
}
