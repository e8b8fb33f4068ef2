package engine

import (
	"netifyd/core/attr"
	"netifyd/core/expr"
	"netifyd/core/flow"
)

// soften lets the rules of the catalogue (soft dissectors) set application and
// protocol of a flow; the first that fits wins.
func (s *Shard) soften(r *flow.Record, set *attr.Set) {
	app, id, ok := s.set.apps.Soften(s.input(r, set))
	if !ok {
		return
	}
	r.Flags |= flow.Soft
	if app != nil {
		r.App, r.AppCategory = app.ID, app.Category
		r.Flags &^= flow.HintApp
	}
	if id != 0 {
		r.Proto, r.ProtoCategory = id, s.set.apps.ProtocolCategory(id)
	}
}

// input is what expressions may ask about a flow. It is lent until the next one.
func (s *Shard) input(r *flow.Record, set *attr.Set) *expr.Input {
	local, other := r.Local(), 1-r.Local()
	version, _ := set.Number(attr.TLSVersion)
	cipher, _ := set.Number(attr.TLSCipher)
	in := &s.soft
	*in = expr.Input{
		IPVersion: r.Version, IPProtocol: r.Protocol, VLAN: r.VLAN,
		LocalPort: r.Port[local], OtherPort: r.Port[other], LocalMAC: r.MAC[local], OtherMAC: r.MAC[other],
		LocalIP: flow.Addr(r.Version, &r.Addr[local]), OtherIP: flow.Addr(r.Version, &r.Addr[other]),
		OtherType: expr.OtherType(r.Other), Origin: expr.OriginOther, Tunnel: r.Tunnel.String(),
		Interface: s.set.ifaces[r.Iface].label.Name, Internal: s.set.ifaces[r.Iface].label.Internal,
		NAT: r.Flags&flow.NAT != 0, Guessed: r.Flags&flow.Guessed != 0, Updated: r.Flags&flow.Updated != 0, Complete: r.Flags&flow.Decided != 0,
		Proto: r.Proto, ProtoCategory: r.ProtoCategory, App: r.App, AppTag: s.set.apps.Tag(r.App), AppCategory: r.AppCategory, DomCategory: r.DomainCategory,
		Host: set.Get(attr.HostName), DNSHost: set.Get(attr.DNSHostName), TLSVersion: uint16(version), TLSCipher: uint16(cipher),
	}
	risks := s.risks(r, set)
	in.Risks = uint64(risks)
	in.RiskScore, in.RiskClient, in.RiskServer = risks.Score()
	if r.LocalOrigin() {
		in.Origin = expr.OriginLocal
	}
	return in
}
