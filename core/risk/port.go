package risk

import "netifyd/core/proto"

// usual are the ports of protocols whose port hardly ever changes. What is
// spoken at any port, as TLS, QUIC, RTP or games, is not here, nor is what a
// program announces elsewhere.
var usual = map[proto.ID][]uint16{
	proto.FTPC: {21, 990}, proto.SSH: {22, 2222}, proto.Telnet: {23, 2323}, proto.SMTP: {25, 465, 587, 2525}, proto.DNS: {53},
	proto.HTTP: {80, 81, 591, 3000, 3128, 5000, 7547, 8000, 8008, 8080, 8081, 8088, 8090, 8443, 8880, 8888, 9000, 9090}, proto.POP3: {110}, proto.IMAP: {143},
	proto.NTP: {123}, proto.SNMP: {161, 162}, proto.BGP: {179}, proto.LDAP: {389, 3268}, proto.Kerberos: {88, 464, 749},
	proto.SMBv1: {139, 445}, proto.SMBv23: {139, 445}, proto.NETBIOS: {137, 138, 139}, proto.RDP: {3389}, proto.MYSQL: {3306, 33060}, proto.PGSQL: {5432}, proto.MSSQLTDS: {1433, 1434},
	proto.MQTT: {1883}, proto.SYSLOG: {514, 601, 1514}, proto.RADIUS: {1645, 1646, 1812, 1813, 3799}, proto.DHCP: {67, 68, 4011}, proto.DHCPv6: {546, 547}, proto.RSYNC: {873}, proto.Oracle: {1521, 1526, 1630},
	proto.MongoDB: {27017, 27018, 27019}, proto.Redis: {6379, 6380, 16379, 26379}, proto.IRC: {194, 6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669, 7000}, proto.Modbus: {502, 802}, proto.S7comm: {102}, proto.IEC104: {2404},
}

// ports is usual by the place of the protocol, so that no map is asked.
var ports = func() (t [proto.Places][]uint16) {
	for id, list := range usual {
		t[id.Place()] = list
	}
	return t
}()

func isOddPort(in *Input) bool {
	list := ports[in.Proto.Place()]
	if len(list) == 0 || in.Proto == proto.HTTP && !in.Remote {
		return false
	}
	for _, p := range list {
		if p == in.ServerPort || p == in.ClientPort {
			return false
		}
	}
	return true
}

// OneWay says that a protocol is not answered where nothing is wrong: reports,
// traps and streams, and what goes to and fro under two pairs of ports (BFD: RFC
// 5881, section 4; carriers of packets: RFC 7348, section 5). Calls try addresses
// that nobody can reach (STUN: RFC 8445, section 2.2).
func OneWay(id proto.ID) bool {
	switch id {
	case proto.NetFlow, proto.SFlow, proto.SYSLOG, proto.Collectd, proto.StatsD, proto.Graphite, proto.GELF, proto.SNMP, proto.MPEGTS, proto.RTP, proto.SRTP, proto.RTCP, proto.SAP, proto.NETBIOS, proto.SSDP,
		proto.MDNS, proto.Dropbox, proto.ArtNet, proto.CiscoHSRP, proto.UBNTAC2, proto.Babel, proto.OLSR, proto.STUN, proto.BFD, proto.VXLAN, proto.GENEVE, proto.GTP, proto.GTPU, proto.LISP,
		proto.RTPS, proto.SOMEIP, proto.EGD, proto.FLUTE, proto.UFTP, proto.TRDP, proto.PTPv2, proto.RIP, proto.PGM, proto.EPGM, proto.AutoRP, proto.C37118:
		return true
	}
	return false
}
