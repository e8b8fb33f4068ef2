package engine

import (
	"netifyd/core/attr"
	"netifyd/core/flow"
	"netifyd/core/packet"
	"netifyd/core/risk"
	"netifyd/detect"
)

// judge lets the rules look at what was found of a flow, and puts the risks
// among its metadata, beside those that were found before.
func (s *Shard) judge(r *flow.Record) {
	if s.set.risksOff == ^risk.Set(0) || r.Marks&flow.Ended != 0 { // the newest packet is another flow's then
		return
	}
	v, in, opener := &s.view, &s.risk, r.Opener()
	in.Facts, in.Proto, in.IPProtocol = s.res.Facts, s.res.Protocol, r.Protocol
	in.ServerPort, in.ClientPort, in.Now = r.Port[1-opener], r.Port[opener], s.now/1e9
	in.Remote, in.Known = r.Other == flow.OtherRemote, r.App != 0
	in.V6, in.Fragmented = r.Version == 6, v.Seen&packet.SeenFragment != 0
	if in.Payload = nil; over(r.Protocol) == detect.IP {
		in.Payload, in.Whole = v.Payload, len(v.Payload) == v.PayLen
	}
	told, _ := s.res.Number(attr.Risks)
	before := told
	if r.Marks&flow.Risky != 0 { // a later datagram says nothing of what an earlier one showed
		before |= attr.PackedNumber(s.packed(r), attr.Risks)
	}
	found := risk.Judge(in, s.set.risksOff) | risk.Set(before)
	if found != risk.Set(told) {
		s.res.Drop(attr.Risks)
		s.res.PutUint(attr.Risks, uint64(found))
		r.Marks |= flow.Risky
	}
	if s.usage != nil && (found&^risk.Set(before)).AtLeast(risk.High) != 0 {
		r.Marks |= flow.AtRisk
	}
}

// tellRisk notes the worst risk of a flow for the alerts, once its device is
// known. What another capture tells too is an alert of that one alone. The
// caller holds the lock of the devices.
func (s *Shard) tellRisk(r *flow.Record) {
	r.Marks &^= flow.AtRisk
	if r.Device == 0 || r.Meta == 0 || r.Marks&flow.Twin != 0 {
		return
	}
	if id := risk.Set(attr.PackedNumber(s.packed(r), attr.Risks)).Worst(); id != 0 {
		s.usage.AtRisk(r, uint8(id))
	}
}

// risks are those of a flow whose metadata is set, with what its counters say now.
func (s *Shard) risks(r *flow.Record, set *attr.Set) risk.Set {
	found, _ := set.Number(attr.Risks)
	if s.set.risksOff.Has(risk.Unidirectional) || !oneSided(r) {
		return risk.Set(found)
	}
	return risk.Set(found) | 1<<risk.Unidirectional
}

// manyPackets is how many packets one side sends before the other's silence says something.
const manyPackets = 10

// oneSided says that the one who was spoken to did not answer.
func oneSided(r *flow.Record) bool {
	if r.Flags&flow.TwoWay != 0 || r.Protocol != ipTCP && r.Protocol != ipUDP || r.Other == flow.OtherMulticast || r.Other == flow.OtherBroadcast {
		return false
	}
	return r.TotalPackets >= manyPackets && !risk.OneWay(r.Proto)
}

// tellOneSided tells of a flow once more that was told of before so much of it
// went unanswered.
func (s *Shard) tellOneSided(r *flow.Record) {
	const told = flow.Announced | flow.Decided
	if r.Flags&told != told || !oneSided(r) || s.set.risksOff.Has(risk.Unidirectional) {
		return
	}
	r.Flags |= flow.Updated
	s.announce(r, nil)
}
