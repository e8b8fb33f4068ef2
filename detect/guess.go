package detect

import (
	"sort"

	"netifyd/core/proto"
)

// guess is a protocol that a server's port may be taken for where the bytes
// told nothing.
type guess struct {
	port uint16
	id   proto.ID
	by   proto.ID // whose card knows id where that is another's; 0: its own; unread: no card
}

// unread: there is no form that bytes could lack.
const unread = ^proto.ID(0)

// The guesses by port, sorted. A port is here if it is registered to the
// protocol (IANA, "Service Name and Transport Protocol Port Number Registry")
// or if it is used for little else. A port that several protocols share
// (5555, 8009, 9000, 9090, 9999) is not here: a wrong name is worse than none.
var (
	tcpGuesses = []guess{
		{7, proto.Echo, 0}, {13, proto.Daytime, 0}, {19, proto.Chargen, 0},
		{21, proto.FTPC, 0}, {22, proto.SSH, 0}, {23, proto.Telnet, 0}, {25, proto.SMTP, 0},
		{43, proto.WhoisDAS, 0}, {49, proto.TACACSPlus, 0}, {53, proto.DNS, 0},
		{70, proto.Gopher, 0}, {79, proto.Finger, 0}, {80, proto.HTTP, 0}, {88, proto.Kerberos, 0},
		{110, proto.POP3, 0}, {111, proto.RPC, 0}, {113, proto.Ident, 0}, {119, proto.NNTP, 0},
		{135, proto.RPC, 0}, {139, proto.NETBIOS, 0}, {143, proto.IMAP, 0}, {179, proto.BGP, 0},
		{210, proto.Z3950, 0}, {389, proto.LDAP, 0}, {427, proto.SLP, 0},
		{443, proto.HTTPS, proto.TLS}, {445, proto.SMBv23, proto.SMBv1}, {446, proto.DRDA, 0}, {464, proto.Kerberos, 0},
		{465, proto.SMTPS, proto.TLS}, {502, proto.Modbus, 0}, {514, proto.RSH, 0}, {548, proto.AFP, 0},
		{554, proto.RTSP, 0}, {563, proto.NNTPS, proto.TLS}, {564, proto.NineP, 0}, {587, proto.SMTP, 0},
		{591, proto.HTTP, 0}, {631, proto.IPP, proto.HTTP}, {636, proto.TLS, 0}, {646, proto.LDP, 0},
		{655, proto.TINC, 0}, {683, proto.Corba, 0}, {853, proto.DoT, proto.TLS}, {854, proto.DLEP, 0},
		{873, proto.RSYNC, 0}, {988, proto.Lustre, 0}, {989, proto.FTPS, proto.TLS}, {990, proto.FTPS, proto.TLS},
		{992, proto.TLS, 0}, {993, proto.IMAPS, proto.TLS}, {995, proto.POP3S, proto.TLS},
		{1080, proto.SOCKS, 0}, {1099, proto.JRMI, 0}, {1153, proto.C1222, 0}, {1194, proto.OpenVPN, 0},
		{1433, proto.MSSQLTDS, 0}, {1494, proto.Citrix, 0}, {1521, proto.Oracle, 0}, {1720, proto.H323, 0},
		{1723, proto.PPTP, 0}, {1883, proto.MQTT, 0}, {1935, proto.RTMP, 0},
		{2000, proto.CiscoSkinny, 0}, {2049, proto.NFS, 0}, {2181, proto.ZooKeeper, 0}, {2404, proto.IEC104, 0},
		{2427, proto.MGCP, 0}, {2575, proto.HL7, 0}, {2598, proto.Citrix, 0}, {2727, proto.MGCP, 0},
		{2775, proto.SMPP, 0}, {2809, proto.Corba, 0}, {2944, proto.Megaco, 0},
		{3128, proto.HTTPProxy, 0}, {3260, proto.ISCSI, 0}, {3268, proto.LDAP, 0}, {3269, proto.TLS, 0},
		{3300, proto.Ceph, 0}, {3306, proto.MYSQL, 0}, {3389, proto.RDP, 0}, {3478, proto.STUN, 0},
		{3671, proto.KNXnetIP, 0}, {3724, proto.WoW, 0}, {3868, proto.Diameter, 0},
		{4222, proto.NATS, 0}, {4730, proto.Gearman, 0}, {4739, proto.NetFlow, 0}, {4840, proto.OPCUA, 0},
		{4880, proto.HiSLIP, 0}, {4899, proto.Radmin, 0}, {4949, proto.Munin, 0},
		{5060, proto.SIP, 0}, {5061, proto.SIPS, proto.TLS}, {5094, proto.HARTIP, 0}, {5222, proto.XMPP, 0},
		{5223, proto.TLS, 0}, {5228, proto.TLS, 0}, {5269, proto.XMPP, 0}, {5298, proto.XMPP, 0},
		{5349, proto.TLS, 0}, {5432, proto.PGSQL, 0}, {5666, proto.NRPE, 0}, {5671, proto.TLS, 0},
		{5672, proto.AMQP, 0}, {5900, proto.VNC, 0}, {5938, proto.TeamViewer, 0},
		{6346, proto.Gnutella, 0}, {6379, proto.Redis, 0}, {6514, proto.TLS, 0}, {6556, proto.CHECKMK, 0},
		{6653, proto.OpenFlow, 0}, {6667, proto.IRC, 0}, {6697, proto.IRCS, proto.TLS}, {6881, proto.BitTorrent, 0},
		{8000, proto.HTTP, 0}, {8008, proto.HTTP, 0}, {8080, proto.HTTP, 0},
		{8333, proto.Bitcoin, 0}, {8443, proto.TLS, 0}, {8554, proto.RTSP, 0}, {8883, proto.MQTTS, proto.TLS},
		{9042, proto.Cassandra, 0}, {9092, proto.Kafka, 0}, {9100, proto.JetDirect, 0}, {9418, proto.Git, 0},
		{10050, proto.Zabbix, 0}, {10051, proto.Zabbix, 0}, {10809, proto.NBD, 0},
		{11211, proto.Memcached, 0}, {13400, proto.DoIP, 0}, {20000, proto.DNP3, 0}, {22000, proto.Syncthing, 0},
		{25565, proto.Minecraft, 0}, {27017, proto.MongoDB, 0}, {30303, proto.Ethereum, 0}, {30490, proto.SOMEIP, 0},
		{44818, proto.EtherNetIP, 0}, {51413, proto.BitTorrent, 0}, {61613, proto.STOMP, 0}, {61616, proto.OpenWire, 0},
	}
	udpGuesses = []guess{
		{7, proto.Echo, 0}, {13, proto.Daytime, 0}, {19, proto.Chargen, 0}, {53, proto.DNS, 0},
		{67, proto.DHCP, 0}, {68, proto.DHCP, 0}, {69, proto.TFTP, 0}, {88, proto.Kerberos, 0},
		{111, proto.RPC, 0}, {123, proto.NTP, 0}, {137, proto.NETBIOS, 0}, {138, proto.NETBIOS, 0},
		{161, proto.SNMP, 0}, {162, proto.SNMP, 0}, {177, proto.XDMCP, 0}, {319, proto.PTPv2, 0}, {320, proto.PTPv2, 0},
		{389, proto.LDAP, 0}, {427, proto.SLP, 0}, {443, proto.QUIC, 0}, {464, proto.Kerberos, 0},
		{500, proto.IPSEC, 0}, {514, proto.SYSLOG, 0}, {520, proto.RIP, 0}, {521, proto.RIP, 0},
		{546, proto.DHCPv6, 0}, {547, proto.DHCPv6, 0}, {623, proto.RMCP, 0}, {646, proto.LDP, 0}, {664, proto.RMCP, 0},
		{683, proto.Corba, 0}, {853, proto.DoQ, proto.QUIC}, {854, proto.DLEP, 0},
		{1153, proto.C1222, 0}, {1194, proto.OpenVPN, 0}, {1434, proto.MSSQLTDS, 0},
		{1645, proto.RADIUS, 0}, {1646, proto.RADIUS, 0}, {1701, proto.L2TP, 0}, {1719, proto.H323, 0},
		{1812, proto.RADIUS, 0}, {1813, proto.RADIUS, 0}, {1900, proto.SSDP, 0}, {1985, proto.CiscoHSRP, 0},
		{2029, proto.CiscoHSRP, 0}, {2049, proto.NFS, 0}, {2055, proto.NetFlow, 0},
		{2123, proto.GTPC, 0}, {2152, proto.GTPU, 0}, {2222, proto.EtherNetIP, 0}, {2427, proto.MGCP, 0},
		{2727, proto.MGCP, 0}, {2944, proto.Megaco, 0},
		{3386, proto.GTPP, 0}, {3389, proto.RDP, 0}, {3478, proto.STUN, 0}, {3544, proto.Teredo, 0},
		{3671, proto.KNXnetIP, 0}, {3702, proto.WSD, 0}, {3784, proto.BFD, 0}, {3785, proto.BFD, unread}, {3799, proto.RADIUS, 0},
		{4341, proto.LISP, 0}, {4342, proto.LISP, 0}, {4500, proto.IPSEC, 0}, {4569, proto.IAX, 0},
		{4739, proto.NetFlow, 0}, {4784, proto.BFD, 0}, {4789, proto.VXLAN, 0},
		{5004, proto.RTP, 0}, {5005, proto.RTCP, 0}, {5060, proto.SIP, 0}, {5094, proto.HARTIP, 0},
		{5246, proto.CAPWAP, 0}, {5247, proto.CAPWAP, 0}, {5351, proto.NATPMP, 0}, {5353, proto.MDNS, 0},
		{5355, proto.LLMNR, 0}, {5540, proto.Matter, 0}, {5683, proto.COAP, 0}, {5684, proto.DTLS, 0}, {5938, proto.TeamViewer, 0},
		{6343, proto.SFlow, 0}, {6346, proto.Gnutella, 0}, {6454, proto.ArtNet, 0}, {6784, proto.BFD, 0}, {6881, proto.BitTorrent, 0},
		{7000, proto.RX, 0}, {7001, proto.RX, 0}, {7002, proto.RX, 0}, {7003, proto.RX, 0}, {7005, proto.RX, 0}, {7400, proto.RTPS, 0},
		{8125, proto.StatsD, 0}, {8472, proto.VXLAN, 0}, {8801, proto.ZOOM, 0}, {8805, proto.PFCP, 0},
		{9875, proto.SAP, 0}, {9987, proto.TeamSpeak, 0}, {9993, proto.ZeroTier, 0}, {9995, proto.NetFlow, 0}, {9996, proto.NetFlow, 0},
		{10001, proto.UBNTAC2, 0}, {11211, proto.Memcached, 0}, {13400, proto.DoIP, 0}, {17500, proto.Dropbox, 0},
		{19132, proto.RakNet, 0}, {19302, proto.STUN, 0}, {20000, proto.DNP3, 0}, {21027, proto.Syncthing, 0},
		{25826, proto.Collectd, 0}, {27015, proto.SourceEngine, 0}, {27036, proto.Steam, 0}, {27960, proto.Quake, 0},
		{30303, proto.Ethereum, 0}, {30490, proto.SOMEIP, 0}, {34964, proto.PROFINETIO, 0},
		{41641, proto.Tailscale, 0}, {44818, proto.EtherNetIP, 0}, {47808, proto.BACnet, 0},
		{51413, proto.BitTorrent, 0}, {51820, proto.WireGuard, 0}, {57621, proto.Spotify, 0}, {64738, proto.Mumble, 0},
	}
)

// Guess is the protocol that a port is taken for; Unknown where there is none,
// or where every card of that protocol has refused what the flow said: left is
// the cards that have not. nil: the beginning of the flow was not seen, and
// nothing was refused.
func Guess(over Transport, port uint16, left *Candidates) proto.ID {
	table := tcpGuesses
	switch over {
	case UDP:
		table = udpGuesses
	case IP:
		return proto.Unknown
	}
	i := sort.Search(len(table), func(i int) bool { return table[i].port >= port })
	if i == len(table) || table[i].port != port {
		return proto.Unknown
	}
	g := &table[i]
	if left != nil && g.by != unread && !g.open(over, left) {
		return proto.Unknown
	}
	return g.id
}

// card is the protocol whose cards know what is guessed.
func (g *guess) card() proto.ID {
	if g.by != proto.Unknown {
		return g.by
	}
	return g.id
}

// open says that a card of the guess is among those that are left.
func (g *guess) open(over Transport, left *Candidates) bool {
	first := sort.Search(len(Registry), func(i int) bool { return Registry[i].ID >= g.card() })
	for i := first; i < len(Registry) && Registry[i].ID == g.card(); i++ {
		if Registry[i].Over&over != 0 && left.has(i) {
			return true
		}
	}
	return false
}
