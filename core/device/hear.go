package device

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Hears says that messages of a protocol may tell the name of a device.
func Hears(id proto.ID) bool {
	switch id {
	case proto.DHCP, proto.DHCPv6, proto.MDNS, proto.LLMNR, proto.NETBIOS, proto.SSDP:
		return true
	}
	return false
}

// Hear reads a datagram that a machine of the local network sent, for what it
// says of a device. mac and addr are the sender's. The caller holds the lock;
// it is a shard, and nothing is allocated.
func (t *Table) Hear(p proto.ID, mac *[6]byte, version uint8, addr *[16]byte, payload []byte, now uint32) {
	switch p {
	case proto.DHCP:
		t.hearDHCP(mac, payload, now)
		return
	case proto.DHCPv6:
		t.hearDHCPv6(mac, addr, payload, now)
		return
	}
	id := t.known(mac, version, addr)
	if id == None {
		return
	}
	switch p {
	case proto.MDNS:
		t.hearMDNS(id, version, addr, payload)
	case proto.LLMNR:
		t.hearLLMNR(id, version, addr, payload)
	case proto.NETBIOS:
		t.hearNetBIOS(id, payload)
	case proto.SSDP:
		t.hearSSDP(id, payload)
	}
}

// known is the device with an address, as Of has it, None where it was not
// booked yet: what it says, it will say again.
func (t *Table) known(mac *[6]byte, version uint8, addr *[16]byte) ID {
	if t.excluded(mac) {
		return None
	}
	if !t.byIP && !t.hides(mac) {
		return t.Main(t.Find(*mac))
	}
	id, _ := t.Of(mac, version, addr, true, 0)
	if id < firstID {
		return None
	}
	return id
}

// Layout of a DHCP message (RFC 2131, section 2) and its options (RFC 2132,
// RFC 4702 for the client's full name).
const (
	dhcpFixed  = 236
	dhcpCookie = 0x63825363

	optionHostName   = 12
	optionParameters = 55
	optionClass      = 60
	optionFullName   = 81
	optionEnd        = 255
)

// hearDHCP reads what a client says of itself, and the address that a server gave it.
func (t *Table) hearDHCP(sender *[6]byte, m []byte, now uint32) {
	if len(m) < dhcpFixed+4 || m[1] != 1 || m[2] != 6 {
		return
	}
	client := [6]byte(m[28:34]) // chaddr
	request, relayed := m[0] == 1, [4]byte(m[24:28]) != [4]byte{}
	if request && !relayed && client != *sender {
		return // in another's name
	}
	var addr [16]byte
	copy(addr[:4], m[12:16]) // ciaddr
	if !request {
		copy(addr[:4], m[16:20]) // yiaddr
	}
	id, _ := t.Of(&client, 4, &addr, true, now)
	if id < firstID {
		return
	}
	c := wire.New(m[dhcpFixed:])
	if c.U32() != dhcpCookie {
		return
	}
	for c.Len() > 0 {
		code := c.U8()
		if code == 0 {
			continue
		}
		value := c.Vec8()
		if code == optionEnd || !c.Ok() {
			return
		}
		switch {
		case code == optionHostName:
			t.name(id, FromDHCP, value)
		case code == optionFullName && len(value) > 3:
			t.name(id, FromDHCP, fullName(value[3:], value[0]&4 != 0))
		case code == optionParameters && request:
			t.weigh(id, byDHCP55, value)
		case code == optionClass && request:
			t.weigh(id, byDHCP60, value)
		}
	}
}

// fullName is the first label of the name in option 81, which is in the form of
// DNS, or in that of earlier clients plain text.
func fullName(name []byte, canonical bool) []byte {
	if !canonical {
		return name
	}
	if len(name) < 2 || int(name[0]) >= len(name) || name[0] > 63 {
		return nil
	}
	return name[1 : 1+name[0]]
}

// hearDHCPv6 reads the client's full name (RFC 8415, section 8; RFC 4704,
// section 4): option 39.
func (t *Table) hearDHCPv6(mac *[6]byte, addr *[16]byte, m []byte, now uint32) {
	if len(m) < 4 || m[0] != 1 && m[0] != 3 && m[0] != 5 && m[0] != 6 && m[0] != 11 { // solicit, request, renew, rebind, information
		return
	}
	id, _ := t.Of(mac, 6, addr, true, now)
	if id < firstID {
		return
	}
	c := wire.New(m[4:])
	for c.Len() > 0 {
		code, value := c.U16(), c.Vec16()
		if !c.Ok() {
			return
		}
		if code == 39 && len(value) > 1 {
			t.name(id, FromDHCP, fullName(value[1:], true))
		}
	}
}

// hearNetBIOS reads a registration of a name of its own (RFC 1002, section
// 4.2.2): a request with opcode 5 for a unique name of a workstation or server.
func (t *Table) hearNetBIOS(id ID, m []byte) {
	const question = 12
	if len(m) < question+34+4 || m[2]&0xf8 != 5<<3 || m[question] != 32 {
		return
	}
	var name [16]byte
	for i := range name {
		a, b := m[question+1+2*i]-'A', m[question+2+2*i]-'A'
		if a > 15 || b > 15 {
			return
		}
		name[i] = a<<4 | b
	}
	if name[15] != 0 && name[15] != 0x20 || registersGroup(m[question+34:]) {
		return
	}
	text := name[:15]
	for len(text) > 0 && (text[len(text)-1] == ' ' || text[len(text)-1] == 0) {
		text = text[:len(text)-1]
	}
	t.name(id, FromNetBIOS, text)
}

// registersGroup says that the record behind the question, which repeats its
// name by a pointer, is that of a group: the top bit of its flags.
func registersGroup(m []byte) bool {
	c := wire.New(m)
	c.Skip(4) // type and class of the question
	if c.U16()>>14 != 3 {
		return true
	}
	c.Skip(10) // type, class, time to live, length
	flags := c.U16()
	return !c.Ok() || flags&0x8000 != 0
}

// hearSSDP reads the line that says which software answers or announces itself.
func (t *Table) hearSSDP(id ID, m []byte) {
	if server := headerOf(m, "server:"); server != nil {
		t.weigh(id, bySSDP, server)
	}
}

// headerOf is the value of a header line; name is in lower case, with its colon.
func headerOf(m []byte, name string) []byte {
	for at := 0; at < len(m); {
		end := at
		for end < len(m) && m[end] != '\n' {
			end++
		}
		line := m[at:end]
		at = end + 1
		if len(line) <= len(name) {
			continue
		}
		i := 0
		for i < len(name) && line[i]|0x20 == name[i]|0x20 {
			i++
		}
		if i < len(name) {
			continue
		}
		line = line[i:]
		for len(line) > 0 && line[0] == ' ' {
			line = line[1:]
		}
		for len(line) > 0 && (line[len(line)-1] == '\r' || line[len(line)-1] == ' ') {
			line = line[:len(line)-1]
		}
		return line
	}
	return nil
}

// Agent weighs the user agent of a request that a device sent. The caller holds the lock.
func (t *Table) Agent(mac *[6]byte, version uint8, addr *[16]byte, agent []byte) {
	if id := t.known(mac, version, addr); id != None {
		t.weigh(id, byAgent, agent)
	}
}

// Resolve notes that a device asks an encrypted resolver of its own. The caller holds the lock.
func (t *Table) Resolve(id ID) {
	if d := t.At(id); d != nil && d.Kind != Group && d.Flags&Resolver == 0 {
		d.Flags |= Resolver | Changed
		t.note(Resolves, id)
	}
}
