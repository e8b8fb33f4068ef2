package engine

import (
	"netifyd/core/attr"
	"netifyd/core/config"
	"netifyd/core/evidence"
	"netifyd/core/flow"
	"netifyd/core/hint"
	"netifyd/core/proto"
	"netifyd/detect/app"
)

// everybody is the client of answers that were sent to a multicast group.
var everybody [16]byte

// hinted adds the name that a DNS answer gave to the other side before the
// flow began, and looks for it once.
func (s *Shard) hinted(r *flow.Record) {
	if s.res.Has(attr.DNSHostName) || r.Sum != 0 && r.Flags&flow.HintHit == 0 || s.isShared(r) {
		return
	}
	if name, ok := s.hint(r, hint.Anytime); ok {
		r.Flags |= flow.HintHit
		s.res.Put(attr.DNSHostName, name)
	}
}

// hint is the name that a DNS answer gave to the other side no later than a
// time, for as long as it holds when the flow began. Valid until the next call.
func (s *Shard) hint(r *flow.Record, until int64) (name []byte, ok bool) {
	opener, start := r.Opener(), uint32(r.First/1e9)
	name, ok = s.hints.Lookup(s.lines.name[:0], &r.Addr[opener], &r.Addr[1-opener], start, until)
	if !ok && r.Other != flow.OtherRemote { // what a device said of itself to everybody
		name, ok = s.hints.Lookup(s.lines.name[:0], &everybody, &r.Addr[1-opener], start, until)
	}
	return name, ok
}

// isShared says that all clients have the address that a flow shows as theirs:
// on the WAN side of a router every IPv4 client has the router's. What one of
// them asked for says nothing of the others.
func (s *Shard) isShared(r *flow.Record) bool {
	return r.Version == 4 && s.set.ifaces[r.Iface].cfg.Role == config.WAN
}

// name finds the application of a flow: it collects the evidence, the strongest
// first, until that suffices.
func (s *Shard) name(r *flow.Record, set *attr.Set) {
	host := set.Get(attr.HostName)
	if host != nil {
		r.DomainCategory = s.set.apps.DomainCategory(host)
	}
	media := r.Protocol == ipUDP && isMedia(r.Proto)
	asks := isNaming(r.Proto) || host != nil && isAddress(host) && set.Has(attr.DNSQuery)
	f := evidence.Flow{Spoke: spoke(r.Proto, set), Media: media, Asks: asks, Remote: r.Other == flow.OtherRemote}
	var apps [evidence.Clues]*app.App
	by, ask := evidence.Judge(&f)
	for ; ask != evidence.None; by, ask = evidence.Judge(&f) {
		a := s.clue(r, set, f.Spoke, ask)
		if ask == evidence.Address && ownsOne(a, &apps) {
			a = nil
		}
		apps[ask] = a
		switch {
		case a == nil:
			f.Says[ask] = evidence.Nothing
		case a.Network:
			f.Says[ask] = evidence.Network
		default:
			f.Says[ask] = evidence.App
		}
	}
	r.Flags &^= flow.Named | flow.TwinApp | flow.AddressApp | flow.HintApp
	if by == evidence.None {
		r.App, r.AppCategory = 0, 0
		return
	}
	r.App, r.AppCategory = apps[by].ID, apps[by].Category
	switch {
	case by.IsHint():
		r.Flags |= flow.HintApp
	case by == evidence.Twin:
		r.Flags |= flow.TwinApp
	}
	if by == evidence.Address && overrides(&f) {
		r.Flags |= flow.AddressApp
	}
	if f.Says[by] != evidence.App {
		return
	}
	call := r.Protocol == ipUDP && isCall(r.Proto)
	if by == evidence.Spoken || by == evidence.Twin {
		r.Flags |= flow.Named
		if media || call {
			s.kin.remember(r, r.Local(), apps[by], s.now)
		}
	}
	switch {
	case call && by == evidence.Twin && f.Remote:
		s.kin.remember(r, 1-r.Local(), apps[by], s.now)
	case by == evidence.Kin:
		s.kin.remember(r, r.Local(), apps[by], s.now)
	}
}

// ownsOne says that a stronger clue named a network of the company whose the address is.
func ownsOne(owner *app.App, apps *[evidence.Clues]*app.App) bool {
	for _, a := range apps {
		if owner != nil && a != nil && owner.Owns(a) {
			return true
		}
	}
	return false
}

// overrides says that the address names the application where a name said less.
func overrides(f *evidence.Flow) bool {
	for c := evidence.Spoken; c < evidence.Address; c++ {
		if f.Says[c] == evidence.Network {
			return true
		}
	}
	return false
}

// clue is the application that one kind of evidence names; nil: none.
func (s *Shard) clue(r *flow.Record, set *attr.Set, spoke bool, c evidence.Clue) *app.App {
	apps := s.set.apps
	switch c {
	case evidence.Spoken:
		if host := askedFor(set); host != nil {
			return s.memo.host(apps, host)
		}
	case evidence.Twin:
		return apps.Twin(r.Proto)
	case evidence.Kin:
		return s.kin.find(r, s.now)
	case evidence.Certificate:
		return s.certified(r, set, spoke)
	case evidence.Past:
		if _, id := s.past.find(r); id != 0 {
			return apps.App(id)
		}
	case evidence.Answer:
		if name := set.Get(attr.DNSHostName); name != nil {
			return s.memo.host(apps, name)
		}
	case evidence.Agent:
		if agent := set.Get(attr.HTTPUserAgent); agent != nil {
			return apps.Agent(agent)
		}
	case evidence.Address:
		other := 1 - r.Local()
		return apps.Service(apps.Address(flow.Addr(r.Version, &r.Addr[other])), r.Port[other])
	}
	return nil
}

// certified looks for an application by what the server calls itself: the names
// in its certificate, or in its greeting, and whose it is. Where the client asked
// for a name, other names of the server count for nothing: many sites share a certificate.
func (s *Shard) certified(r *flow.Record, set *attr.Set, spoke bool) (weak *app.App) {
	found := func(a *app.App) bool {
		if a != nil && (weak == nil || weak.Network) {
			weak = a
		}
		return weak != nil && !weak.Network
	}
	if !spoke {
		if host := set.Get(attr.HostName); host != nil && greets(r.Proto) && found(s.memo.host(s.set.apps, host)) {
			return weak
		}
		if cn := set.Get(attr.TLSServerCN); cn != nil && found(s.memo.host(s.set.apps, cn)) {
			return weak
		}
		for name, at := set.Next(attr.TLSSANs, 0); at != 0; name, at = set.Next(attr.TLSSANs, at) {
			if found(s.memo.host(s.set.apps, name)) {
				return weak
			}
		}
	}
	for _, dn := range [...]attr.Key{attr.TLSSubjectDN, attr.TLSIssuerDN} {
		if v := set.Get(dn); v != nil && found(s.set.apps.Organisation(v)) {
			return weak
		}
	}
	return weak
}

// spoke says that the client named the host that it asks for. A name that
// cannot be told, since it has forbidden bytes in it, is one too. The name in a
// hello is that of the front server where the real hello is encrypted (ECH).
func spoke(id proto.ID, set *attr.Set) bool {
	switch host := set.Get(attr.HostName); {
	case string(set.Get(attr.TLSECH)) == "offered":
		return false
	case host != nil:
		return !isAddress(askedFor(set)) && !greets(id) && !isOwnName(id)
	}
	return set.Has(attr.TLSSNI)
}

// askedFor is the name of the host that a flow asks for: where it goes to an
// address to ask for a name, that name.
func askedFor(set *attr.Set) []byte {
	host := set.Get(attr.HostName)
	if host == nil || !isAddress(host) {
		return host
	}
	if name := set.Get(attr.DNSQuery); name != nil {
		return name
	}
	return host
}

// isAddress says that a host name is an IPv4 address, or an IPv6 address in brackets.
func isAddress(host []byte) bool {
	if len(host) > 0 && host[0] == '[' {
		return true
	}
	for _, c := range host {
		if c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// greets says that the host name of a protocol is what the server calls itself.
func greets(id proto.ID) bool { return id == proto.SMTP }

// isOwnName says that the host name of a protocol is that of who speaks, not of whom it asks.
func isOwnName(id proto.ID) bool {
	switch id {
	case proto.DHCP, proto.DHCPv6, proto.Collectd, proto.GELF:
		return true
	}
	return false
}

// isNaming says that a protocol asks for names: its server is not the application.
func isNaming(id proto.ID) bool {
	switch id {
	case proto.DNS, proto.MDNS, proto.LLMNR, proto.NETBIOS, proto.DoT, proto.DoH, proto.DoQ, proto.DNSCrypt:
		return true
	}
	return false
}
