// Code generated from protocols.tsv by gen.go; DO NOT EDIT.

package proto

// Identifiers of protocols.
const (
	Unknown             ID = 0
	FTPC                ID = 1
	POP3                ID = 2
	SMTP                ID = 3
	IMAP                ID = 4
	DNS                 ID = 5
	IPP                 ID = 6
	HTTP                ID = 7
	MDNS                ID = 8
	NTP                 ID = 9
	NETBIOS             ID = 10
	NFS                 ID = 11
	SSDP                ID = 12
	BGP                 ID = 13
	SNMP                ID = 14
	XDMCP               ID = 15
	SMBv1               ID = 16
	SYSLOG              ID = 17
	DHCP                ID = 18
	PGSQL               ID = 19
	MYSQL               ID = 20
	FTPS                ID = 21
	DDLink              ID = 22
	POP3S               ID = 23
	APPLJ               ID = 24
	DConnect            ID = 25
	COAP                ID = 27
	VMWARE              ID = 28
	SMTPS               ID = 29
	UBNTAC2             ID = 31
	Kontiki             ID = 32
	OpenFT              ID = 33
	FastTrack           ID = 34
	Gnutella            ID = 35
	BitTorrent          ID = 37
	SkypeTeamsCall      ID = 38
	SignalCall          ID = 39
	Memcached           ID = 40
	SMBv23              ID = 41
	Mining              ID = 42
	NestLog             ID = 43
	Modbus              ID = 44
	Xbox                ID = 47
	QQ                  ID = 48
	RTSP                ID = 50
	IMAPS               ID = 51
	IceCast             ID = 52
	PPStream            ID = 54
	Zattoo              ID = 55
	ShoutCast           ID = 56
	Sopcast             ID = 57
	TVUplayer           ID = 59
	QQLive              ID = 61
	Thunder             ID = 62
	IRC                 ID = 65
	Ayiya               ID = 66
	XMPP                ID = 67
	VRRP                ID = 73
	Steam               ID = 74
	HalfLife2           ID = 75
	WoW                 ID = 76
	Telnet              ID = 77
	STUN                ID = 78
	IPSEC               ID = 79
	GRE                 ID = 80
	ICMP                ID = 81
	IGMP                ID = 82
	EGP                 ID = 83
	SCTP                ID = 84
	OSPF                ID = 85
	IPinIP              ID = 86
	RTP                 ID = 87
	RDP                 ID = 88
	VNC                 ID = 89
	TLS                 ID = 91
	SSH                 ID = 92
	NNTP                ID = 93
	MGCP                ID = 94
	IAX                 ID = 95
	TFTP                ID = 96
	AFP                 ID = 97
	Stealthnet          ID = 98
	Aimini              ID = 99
	SIP                 ID = 100
	TruPhone            ID = 101
	ICMPv6              ID = 102
	DHCPv6              ID = 103
	Armagetron          ID = 104
	Crossfire           ID = 105
	Dofus               ID = 106
	Fiesta              ID = 107
	Florensia           ID = 108
	Guildwars           ID = 109
	Kerberos            ID = 111
	LDAP                ID = 112
	MapleStory          ID = 113
	MSSQLTDS            ID = 114
	PPTP                ID = 115
	Warcraft3           ID = 116
	WoKungFu            ID = 117
	Dropbox             ID = 121
	RPC                 ID = 127
	NetFlow             ID = 128
	SFlow               ID = 129
	HTTPConnect         ID = 130
	HTTPProxy           ID = 131
	Citrix              ID = 132
	CHECKMK             ID = 138
	AJP                 ID = 139
	WhatsApp            ID = 142
	Viber               ID = 144
	RADIUS              ID = 146
	TeamViewer          ID = 148
	LotusNotes          ID = 150
	SAP                 ID = 151
	GTP                 ID = 152
	WSD                 ID = 153
	LLMNR               ID = 154
	RemoteScan          ID = 155
	Spotify             ID = 156
	H323                ID = 158
	OpenVPN             ID = 159
	NOE                 ID = 160
	CiscoVPN            ID = 161
	TeamSpeak           ID = 162
	CiscoSkinny         ID = 164
	RTCP                ID = 165
	RSYNC               ID = 166
	Oracle              ID = 167
	Corba               ID = 168
	WhoisDAS            ID = 170
	Collectd            ID = 171
	SOCKS               ID = 172
	Nintendo            ID = 173
	RTMP                ID = 174
	FTPD                ID = 175
	ZMQ                 ID = 177
	Megaco              ID = 181
	Redis               ID = 182
	VHUA                ID = 184
	Telegram            ID = 185
	QUIC                ID = 188
	EAQ                 ID = 190
	OOKLA               ID = 191
	AMQP                ID = 192
	KakaoTalkVoice      ID = 194
	HTTPS               ID = 196
	MPEGTS              ID = 198
	BJNP                ID = 204
	WireGuard           ID = 206
	SMPP                ID = 207
	TINC                ID = 209
	Starcraft           ID = 213
	Teredo              ID = 214
	MQTT                ID = 222
	RX                  ID = 223
	Git                 ID = 226
	DRDA                ID = 227
	SOMEIP              ID = 229
	FIX                 ID = 230
	CSGO                ID = 235
	LISP                ID = 236
	Diameter            ID = 237
	ApplePush           ID = 238
	DoH                 ID = 243
	DTLS                ID = 244
	GoogleMeetDuo       ID = 245
	WhatsAppCall        ID = 246
	SkypeTeams          ID = 247
	ZOOM                ID = 248
	SnapchatCall        ID = 255
	FTPSD               ID = 256
	SIPS                ID = 257
	MQTTS               ID = 258
	NNTPS               ID = 259
	DoT                 ID = 260
	DoQ                 ID = 261
	AmongUs             ID = 263
	AVASTSecureDNS      ID = 264
	CAPWAP              ID = 265
	Cassandra           ID = 266
	CheckPointHA        ID = 267
	DNP3                ID = 268
	DNSCrypt            ID = 269
	EtherNetIP          ID = 270
	GenshinImpact       ID = 271
	GTPC                ID = 272
	GTPP                ID = 273
	GTPU                ID = 274
	HPVirtGrp           ID = 275
	CiscoHSRP           ID = 276
	IEC104              ID = 277
	IRCS                ID = 279
	MongoDB             ID = 280
	NATS                ID = 281
	S7comm              ID = 282
	SOAP                ID = 283
	TargusDataspeed     ID = 284
	VXLAN               ID = 285
	Websocket           ID = 286
	Z3950               ID = 287
	Zabbix              ID = 288
	I3D                 ID = 289
	MPEGDash            ID = 290
	RakNet              ID = 291
	RiotGames           ID = 292
	RSH                 ID = 293
	SDRTN               ID = 294
	TocaBoca            ID = 295
	UltraSurf           ID = 296
	Xiaomi              ID = 297
	PGM                 ID = 298
	PIM                 ID = 299
	Threema             ID = 300
	AlibabaCloud        ID = 301
	SYSLOGS             ID = 302
	NATPMP              ID = 303
	TuyaLP              ID = 304
	ElasticSearch       ID = 305
	AVAST               ID = 306
	CryNetwork          ID = 307
	FastCGI             ID = 308
	KISMET              ID = 309
	LineCall            ID = 310
	Munin               ID = 311
	Syncthing           ID = 312
	TiVoConnect         ID = 313
	TPLINKSHP           ID = 314
	Tailscale           ID = 315
	MerakiCloud         ID = 316
	HerosOfTheStorm     ID = 317
	BACnet              ID = 318
	SourceEngine        ID = 319
	OICQ                ID = 320
	SRTP                ID = 321
	XMPPS               ID = 322
	Bitcoin             ID = 323
	SLP                 ID = 325
	HTTP2               ID = 326
	FacebookVoIP        ID = 327
	HAProxy             ID = 328
	RMCP                ID = 329
	CAN                 ID = 330
	Protobuf            ID = 331
	Ethereum            ID = 332
	TelegramVoIP        ID = 333
	BFCP                ID = 10000
	EDonkey             ID = 10001
	IQIYI               ID = 10002
	HARTIP              ID = 10003
	MSRPCH              ID = 10004
	EGD                 ID = 10005
	Tor                 ID = 10006
	CoDMobile           ID = 10007
	IMO                 ID = 10008
	SteamDatagramRelay  ID = 10009
	Line                ID = 10010
	Thrift              ID = 10011
	PTPv2               ID = 10012
	RTPS                ID = 10013
	OPCUA               ID = 10014
	FINS                ID = 10015
	EtherSIO            ID = 10016
	BeckhoffADS         ID = 10017
	MMS                 ID = 10018
	C37118              ID = 10019
	EtherSBus           ID = 10020
	PROFINETIO          ID = 10021
	HiSLIP              ID = 10022
	UFTP                ID = 10023
	OpenFlow            ID = 10024
	Kafka               ID = 10025
	NoMachine           ID = 10026
	IEC62056            ID = 10027
	HL7                 ID = 10028
	Ceph                ID = 10029
	Roughtime           ID = 10030
	KCP                 ID = 10031
	Mumble              ID = 10032
	Yojimbo             ID = 10033
	STOMP               ID = 10034
	Radmin              ID = 10035
	Raft                ID = 10036
	Gearman             ID = 10037
	TencentGames        ID = 10038
	GaijinEntertainment ID = 10039
	C1222               ID = 10040
	DLEP                ID = 10041
	BFD                 ID = 10042
	NetEaseGames        ID = 10043
	PathOfExile         ID = 10044
	PFCP                ID = 10045
	FLUTE               ID = 10046
	LoLWildRift         ID = 10047
	TESOnline           ID = 10048
	LDP                 ID = 10049
	KNXnetIP            ID = 10050
	ZUG                 ID = 10051
	JRMI                ID = 10052
	RipeAtlas           ID = 10053
	ClickHouse          ID = 10054
	Nano                ID = 10055
	OpenWire            ID = 10056
	CNPIP               ID = 10057
	ATG                 ID = 10058
	TRDP                ID = 10059
	Lustre              ID = 10060
	DingTalk            ID = 10061
	AnyDesk             ID = 10062
	SoftEther           ID = 10063
	L2TP                ID = 10064
	S7CommPlus          ID = 10065
	UMAS                ID = 10066
	EpicGames           ID = 10067
	Roblox              ID = 10068
	Activision          ID = 10069
	ApplePrivateRelay   ID = 10070
	Psiphon             ID = 10071
	Shadowsocks         ID = 10072
	VMess               ID = 10073
	Trojan              ID = 10074
	MQTTSN              ID = 10075
	StatsD              ID = 10076
	JetDirect           ID = 10077
	Miracast            ID = 10078
	AirPlay             ID = 10079
	Chromecast          ID = 10080
	HomeKit             ID = 10081
	Matter              ID = 10082
	Sonos               ID = 10083
	DoIP                ID = 10084
	SSTP                ID = 10085
	FortiClient         ID = 10086
	JSONRPC             ID = 10087
	HLS                 ID = 10088
	WebDAV              ID = 10089
	DiscordVoice        ID = 10090
	Monero              ID = 10091
	ESP                 ID = 10092
	AH                  ID = 10093
	Minecraft           ID = 10094
	ZeroTier            ID = 10095
	TACACSPlus          ID = 10096
	ISCSI               ID = 10097
	Beanstalkd          ID = 10098
	ZooKeeper           ID = 10099
	SRT                 ID = 10100
	ArtNet              ID = 10101
	NBD                 ID = 10102
	SPICE               ID = 10103
	GELF                ID = 10104
	Graphite            ID = 10105
	NRPE                ID = 10106
	RIP                 ID = 10107
	EIGRP               ID = 10108
	RSVP                ID = 10109
	CARP                ID = 10110
	Gopher              ID = 10111
	Finger              ID = 10112
	Ident               ID = 10113
	Echo                ID = 10114
	Daytime             ID = 10115
	Discard             ID = 10116
	Chargen             ID = 10117
	RustDesk            ID = 10118
	NineP               ID = 10119
	ENet                ID = 10120
	Quake               ID = 10121
	Soulseek            ID = 10122
	GRPC                ID = 10123
	ADB                 ID = 10124
	Babel               ID = 10125
	OLSR                ID = 10126
	HNCP                ID = 10127
	AODV                ID = 10128
	LMP                 ID = 10129
	LSPPing             ID = 10130
	LWAPP               ID = 10131
	PANA                ID = 10132
	Aerospike           ID = 10133
	AutoRP              ID = 10134
	EPGM                ID = 10135
	Timed               ID = 10136
	MSN                 ID = 10137
	DCC                 ID = 10138
	X11                 ID = 10139
	GENEVE              ID = 10140
)

var table = [...]entry{
	{Unknown, "Unknown", Unclassified},
	{FTPC, "FTP/C", FileServer},
	{POP3, "POP3", Mail},
	{SMTP, "SMTP", Mail},
	{IMAP, "IMAP", Mail},
	{DNS, "DNS", Networking},
	{IPP, "IPP", Printing},
	{HTTP, "HTTP", Web},
	{MDNS, "MDNS", Networking},
	{NTP, "NTP", Networking},
	{NETBIOS, "NETBIOS", Networking},
	{NFS, "NFS", FileServer},
	{SSDP, "SSDP", Networking},
	{BGP, "BGP", Networking},
	{SNMP, "SNMP", Infrastructure},
	{XDMCP, "XDMCP", RemoteDesktop},
	{SMBv1, "SMBv1", FileServer},
	{SYSLOG, "SYSLOG", Infrastructure},
	{DHCP, "DHCP", Networking},
	{PGSQL, "PGSQL", Database},
	{MYSQL, "MYSQL", Database},
	{FTPS, "FTP/S", FileServer},
	{DDLink, "DDLink", FileSharing},
	{POP3S, "POP3/S", Mail},
	{APPLJ, "APPLJ", FileSharing},
	{DConnect, "DConnect", FileSharing},
	{COAP, "COAP", Infrastructure},
	{VMWARE, "VMWARE", Infrastructure},
	{SMTPS, "SMTP/S", Mail},
	{UBNTAC2, "UBNTAC2", Infrastructure},
	{Kontiki, "Kontiki", FileSharing},
	{OpenFT, "OpenFT", FileSharing},
	{FastTrack, "FastTrack", FileSharing},
	{Gnutella, "Gnutella", FileSharing},
	{BitTorrent, "BitTorrent", FileSharing},
	{SkypeTeamsCall, "Skype/Teams/Call", VoIP},
	{SignalCall, "SignalCall", VoIP},
	{Memcached, "Memcached", Database},
	{SMBv23, "SMBv23", FileServer},
	{Mining, "Mining", Infrastructure},
	{NestLog, "NestLog", Infrastructure},
	{Modbus, "Modbus", Infrastructure},
	{Xbox, "Xbox", Games},
	{QQ, "QQ", Messaging},
	{RTSP, "RTSP", Media},
	{IMAPS, "IMAP/S", Mail},
	{IceCast, "IceCast", Media},
	{PPStream, "PPStream", Media},
	{Zattoo, "Zattoo", Media},
	{ShoutCast, "ShoutCast", MediaProvider},
	{Sopcast, "Sopcast", Media},
	{TVUplayer, "TVUplayer", MediaProvider},
	{QQLive, "QQLive", MediaProvider},
	{Thunder, "Thunder", MediaProvider},
	{IRC, "IRC", Messaging},
	{Ayiya, "Ayiya", Networking},
	{XMPP, "XMPP", Messaging},
	{VRRP, "VRRP", Networking},
	{Steam, "Steam", Games},
	{HalfLife2, "HalfLife2", Games},
	{WoW, "WoW", Games},
	{Telnet, "Telnet", RemoteDesktop},
	{STUN, "STUN", Infrastructure},
	{IPSEC, "IPSEC", VPN},
	{GRE, "GRE", VPN},
	{ICMP, "ICMP", Networking},
	{IGMP, "IGMP", Networking},
	{EGP, "EGP", Networking},
	{SCTP, "SCTP", Networking},
	{OSPF, "OSPF", Networking},
	{IPinIP, "IPinIP", VPN},
	{RTP, "RTP", Media},
	{RDP, "RDP", RemoteDesktop},
	{VNC, "VNC", RemoteDesktop},
	{TLS, "TLS", Infrastructure},
	{SSH, "SSH", Infrastructure},
	{NNTP, "NNTP", FileSharing},
	{MGCP, "MGCP", VoIP},
	{IAX, "IAX", VoIP},
	{TFTP, "TFTP", FileServer},
	{AFP, "AFP", FileServer},
	{Stealthnet, "Stealthnet", FileSharing},
	{Aimini, "Aimini", Media},
	{SIP, "SIP", VoIP},
	{TruPhone, "TruPhone", VoIP},
	{ICMPv6, "ICMPv6", Networking},
	{DHCPv6, "DHCPv6", Networking},
	{Armagetron, "Armagetron", Games},
	{Crossfire, "Crossfire", Games},
	{Dofus, "Dofus", Games},
	{Fiesta, "Fiesta", Games},
	{Florensia, "Florensia", Games},
	{Guildwars, "Guildwars", Games},
	{Kerberos, "Kerberos", Authentication},
	{LDAP, "LDAP", Authentication},
	{MapleStory, "MapleStory", Games},
	{MSSQLTDS, "MSSQL/TDS", Database},
	{PPTP, "PPTP", VPN},
	{Warcraft3, "Warcraft3", Games},
	{WoKungFu, "WoKungFu", Games},
	{Dropbox, "Dropbox", FileSharing},
	{RPC, "RPC", Infrastructure},
	{NetFlow, "NetFlow", Infrastructure},
	{SFlow, "SFlow", Infrastructure},
	{HTTPConnect, "HTTP/Connect", Proxy},
	{HTTPProxy, "HTTP/Proxy", Proxy},
	{Citrix, "Citrix", RemoteDesktop},
	{CHECKMK, "CHECKMK", Infrastructure},
	{AJP, "AJP", Infrastructure},
	{WhatsApp, "WhatsApp", Messaging},
	{Viber, "Viber", VoIP},
	{RADIUS, "RADIUS", Authentication},
	{TeamViewer, "TeamViewer", RemoteDesktop},
	{LotusNotes, "LotusNotes", Mail},
	{SAP, "SAP", Media},
	{GTP, "GTP", Infrastructure},
	{WSD, "WSD", Networking},
	{LLMNR, "LLMNR", Networking},
	{RemoteScan, "RemoteScan", Infrastructure},
	{Spotify, "Spotify", MediaProvider},
	{H323, "H323", VoIP},
	{OpenVPN, "OpenVPN", VPN},
	{NOE, "NOE", VoIP},
	{CiscoVPN, "Cisco/VPN", VPN},
	{TeamSpeak, "TeamSpeak", VoIP},
	{CiscoSkinny, "Cisco/Skinny", VoIP},
	{RTCP, "RTCP", Media},
	{RSYNC, "RSYNC", FileServer},
	{Oracle, "Oracle", Database},
	{Corba, "Corba", Infrastructure},
	{WhoisDAS, "Whois/DAS", Networking},
	{Collectd, "Collectd", Infrastructure},
	{SOCKS, "SOCKS", Proxy},
	{Nintendo, "Nintendo", Games},
	{RTMP, "RTMP", Media},
	{FTPD, "FTP/D", FileServer},
	{ZMQ, "ZMQ", Infrastructure},
	{Megaco, "Megaco", VoIP},
	{Redis, "Redis", Database},
	{VHUA, "VHUA", Messaging},
	{Telegram, "Telegram", Messaging},
	{QUIC, "QUIC", Web},
	{EAQ, "EAQ", VoIP},
	{OOKLA, "OOKLA", Infrastructure},
	{AMQP, "AMQP", Infrastructure},
	{KakaoTalkVoice, "KakaoTalk/Voice", VoIP},
	{HTTPS, "HTTP/S", Web},
	{MPEGTS, "MPEGTS", Media},
	{BJNP, "BJNP", Printing},
	{WireGuard, "WireGuard", VPN},
	{SMPP, "SMPP", VoIP},
	{TINC, "TINC", Networking},
	{Starcraft, "Starcraft", Games},
	{Teredo, "Teredo", Networking},
	{MQTT, "MQTT", Infrastructure},
	{RX, "RX", FileServer},
	{Git, "Git", Infrastructure},
	{DRDA, "DRDA", Database},
	{SOMEIP, "SOMEIP", Infrastructure},
	{FIX, "FIX", Infrastructure},
	{CSGO, "CSGO", Games},
	{LISP, "LISP", Networking},
	{Diameter, "Diameter", Authentication},
	{ApplePush, "Apple/Push", Messaging},
	{DoH, "DoH", Networking},
	{DTLS, "DTLS", Infrastructure},
	{GoogleMeetDuo, "Google/Meet/Duo", VoIP},
	{WhatsAppCall, "WhatsApp/Call", VoIP},
	{SkypeTeams, "Skype/Teams", VoIP},
	{ZOOM, "ZOOM", VoIP},
	{SnapchatCall, "Snapchat/Call", Messaging},
	{FTPSD, "FTP/S/D", FileServer},
	{SIPS, "SIP/S", VoIP},
	{MQTTS, "MQTT/S", Infrastructure},
	{NNTPS, "NNTP/S", FileSharing},
	{DoT, "DoT", Networking},
	{DoQ, "DoQ", Networking},
	{AmongUs, "AmongUs", Games},
	{AVASTSecureDNS, "AVASTSecureDNS", Networking},
	{CAPWAP, "CAPWAP", Infrastructure},
	{Cassandra, "Cassandra", Database},
	{CheckPointHA, "CheckPointHA", Networking},
	{DNP3, "DNP3", Infrastructure},
	{DNSCrypt, "DNSCrypt", Infrastructure},
	{EtherNetIP, "EtherNet/IP", Networking},
	{GenshinImpact, "Genshin/Impact", Games},
	{GTPC, "GTP/C", Infrastructure},
	{GTPP, "GTP/P", Infrastructure},
	{GTPU, "GTP/U", Infrastructure},
	{HPVirtGrp, "HP/VirtGrp", Infrastructure},
	{CiscoHSRP, "Cisco/HSRP", Networking},
	{IEC104, "IEC60870/5/104", Infrastructure},
	{IRCS, "IRC/S", Messaging},
	{MongoDB, "MongoDB", Database},
	{NATS, "NATS", Infrastructure},
	{S7comm, "S7comm", Infrastructure},
	{SOAP, "SOAP", Infrastructure},
	{TargusDataspeed, "Targus/Dataspeed", Infrastructure},
	{VXLAN, "VXLAN", Networking},
	{Websocket, "Websocket", Web},
	{Z3950, "Z39/50", Networking},
	{Zabbix, "Zabbix", Infrastructure},
	{I3D, "i3D", Games},
	{MPEGDash, "MPEG/Dash", Media},
	{RakNet, "RakNet", Games},
	{RiotGames, "Riot/Games", Games},
	{RSH, "RSH", RemoteDesktop},
	{SDRTN, "SD/RTN", VoIP},
	{TocaBoca, "TocaBoca", Games},
	{UltraSurf, "UltraSurf", VPN},
	{Xiaomi, "Xiaomi", Infrastructure},
	{PGM, "PGM", Networking},
	{PIM, "PIM", Networking},
	{Threema, "Threema", Messaging},
	{AlibabaCloud, "Alibaba/Cloud", Infrastructure},
	{SYSLOGS, "SYSLOG/S", Infrastructure},
	{NATPMP, "NAT/PMP", Networking},
	{TuyaLP, "Tuya/LP", Infrastructure},
	{ElasticSearch, "ElasticSearch", Database},
	{AVAST, "AVAST", Infrastructure},
	{CryNetwork, "CryNetwork", Games},
	{FastCGI, "FastCGI", Web},
	{KISMET, "KISMET", Infrastructure},
	{LineCall, "Line/Call", VoIP},
	{Munin, "Munin", Infrastructure},
	{Syncthing, "Syncthing", FileSharing},
	{TiVoConnect, "TiVo/Connect", Infrastructure},
	{TPLINKSHP, "TPLINK/SHP", Infrastructure},
	{Tailscale, "Tailscale", VPN},
	{MerakiCloud, "Meraki/Cloud", Infrastructure},
	{HerosOfTheStorm, "HerosOfTheStorm", Games},
	{BACnet, "BACnet", Infrastructure},
	{SourceEngine, "SourceEngine", Games},
	{OICQ, "OICQ", Messaging},
	{SRTP, "SRTP", Media},
	{XMPPS, "XMPP/S", Messaging},
	{Bitcoin, "Bitcoin", Infrastructure},
	{SLP, "SLP", Networking},
	{HTTP2, "HTTP/2", Web},
	{FacebookVoIP, "Facebook/VoIP", VoIP},
	{HAProxy, "HAProxy", Proxy},
	{RMCP, "RMCP", Infrastructure},
	{CAN, "CAN", Infrastructure},
	{Protobuf, "Protobuf", Infrastructure},
	{Ethereum, "Ethereum", Infrastructure},
	{TelegramVoIP, "Telegram/VoIP", VoIP},
	{BFCP, "BFCP", VoIP},
	{EDonkey, "eDonkey", FileSharing},
	{IQIYI, "iQIYI", MediaProvider},
	{HARTIP, "HART-IP", Infrastructure},
	{MSRPCH, "MS-RPCH", Infrastructure},
	{EGD, "EGD", Infrastructure},
	{Tor, "Tor", VPN},
	{CoDMobile, "CoDMobile", Games},
	{IMO, "IMO", Messaging},
	{SteamDatagramRelay, "SteamDatagramRelay", Games},
	{Line, "Line", Messaging},
	{Thrift, "Thrift", Infrastructure},
	{PTPv2, "PTPv2", Networking},
	{RTPS, "RTPS", Infrastructure},
	{OPCUA, "OPC-UA", Infrastructure},
	{FINS, "FINS", Infrastructure},
	{EtherSIO, "EtherSIO", Infrastructure},
	{BeckhoffADS, "BeckhoffADS", Infrastructure},
	{MMS, "MMS", Infrastructure},
	{C37118, "C37.118", Infrastructure},
	{EtherSBus, "Ether-S-Bus", Infrastructure},
	{PROFINETIO, "PROFINET/IO", Infrastructure},
	{HiSLIP, "HiSLIP", Infrastructure},
	{UFTP, "UFTP", FileSharing},
	{OpenFlow, "OpenFlow", Networking},
	{Kafka, "Kafka", Infrastructure},
	{NoMachine, "NoMachine", RemoteDesktop},
	{IEC62056, "IEC62056", Infrastructure},
	{HL7, "HL7", Infrastructure},
	{Ceph, "Ceph", FileServer},
	{Roughtime, "Roughtime", Networking},
	{KCP, "KCP", Networking},
	{Mumble, "Mumble", VoIP},
	{Yojimbo, "Yojimbo", Games},
	{STOMP, "STOMP", Infrastructure},
	{Radmin, "Radmin", RemoteDesktop},
	{Raft, "Raft", Infrastructure},
	{Gearman, "Gearman", Infrastructure},
	{TencentGames, "TencentGames", Games},
	{GaijinEntertainment, "GaijinEntertainment", Games},
	{C1222, "C12.22", Infrastructure},
	{DLEP, "DLEP", Networking},
	{BFD, "BFD", Networking},
	{NetEaseGames, "NetEaseGames", Games},
	{PathOfExile, "PathOfExile", Games},
	{PFCP, "PFCP", Infrastructure},
	{FLUTE, "FLUTE", FileSharing},
	{LoLWildRift, "LoLWildRift", Games},
	{TESOnline, "TESOnline", Games},
	{LDP, "LDP", Networking},
	{KNXnetIP, "KNXnet/IP", Infrastructure},
	{ZUG, "ZUG", Infrastructure},
	{JRMI, "JRMI", Infrastructure},
	{RipeAtlas, "RipeAtlas", Infrastructure},
	{ClickHouse, "ClickHouse", Database},
	{Nano, "Nano", Infrastructure},
	{OpenWire, "OpenWire", Infrastructure},
	{CNPIP, "CNP/IP", Infrastructure},
	{ATG, "ATG", Infrastructure},
	{TRDP, "TRDP", Infrastructure},
	{Lustre, "Lustre", FileServer},
	{DingTalk, "DingTalk", Messaging},
	{AnyDesk, "AnyDesk", RemoteDesktop},
	{SoftEther, "SoftEther", VPN},
	{L2TP, "L2TP", VPN},
	{S7CommPlus, "S7CommPlus", Infrastructure},
	{UMAS, "UMAS", Infrastructure},
	{EpicGames, "EpicGames", Games},
	{Roblox, "Roblox", Games},
	{Activision, "Activision", Games},
	{ApplePrivateRelay, "ApplePrivateRelay", VPN},
	{Psiphon, "Psiphon", VPN},
	{Shadowsocks, "Shadowsocks", VPN},
	{VMess, "VMess", VPN},
	{Trojan, "Trojan", VPN},
	{MQTTSN, "MQTT-SN", Infrastructure},
	{StatsD, "StatsD", Infrastructure},
	{JetDirect, "JetDirect", Printing},
	{Miracast, "Miracast", Media},
	{AirPlay, "AirPlay", Media},
	{Chromecast, "Chromecast", Media},
	{HomeKit, "HomeKit", Infrastructure},
	{Matter, "Matter", Infrastructure},
	{Sonos, "Sonos", Media},
	{DoIP, "DoIP", Infrastructure},
	{SSTP, "SSTP", VPN},
	{FortiClient, "FortiClient", VPN},
	{JSONRPC, "JSON-RPC", Infrastructure},
	{HLS, "HLS", Media},
	{WebDAV, "WebDAV", Web},
	{DiscordVoice, "Discord/Voice", VoIP},
	{Monero, "Monero", Infrastructure},
	{ESP, "ESP", VPN},
	{AH, "AH", VPN},
	{Minecraft, "Minecraft", Games},
	{ZeroTier, "ZeroTier", VPN},
	{TACACSPlus, "TACACS+", Authentication},
	{ISCSI, "iSCSI", FileServer},
	{Beanstalkd, "Beanstalkd", Infrastructure},
	{ZooKeeper, "ZooKeeper", Infrastructure},
	{SRT, "SRT", Media},
	{ArtNet, "Art-Net", Infrastructure},
	{NBD, "NBD", FileServer},
	{SPICE, "SPICE", RemoteDesktop},
	{GELF, "GELF", Infrastructure},
	{Graphite, "Graphite", Infrastructure},
	{NRPE, "NRPE", Infrastructure},
	{RIP, "RIP", Networking},
	{EIGRP, "EIGRP", Networking},
	{RSVP, "RSVP", Networking},
	{CARP, "CARP", Networking},
	{Gopher, "Gopher", Web},
	{Finger, "Finger", Networking},
	{Ident, "Ident", Networking},
	{Echo, "Echo", Networking},
	{Daytime, "Daytime", Networking},
	{Discard, "Discard", Networking},
	{Chargen, "Chargen", Networking},
	{RustDesk, "RustDesk", RemoteDesktop},
	{NineP, "9P", FileServer},
	{ENet, "ENet", Games},
	{Quake, "Quake", Games},
	{Soulseek, "Soulseek", FileSharing},
	{GRPC, "gRPC", Web},
	{ADB, "ADB", RemoteDesktop},
	{Babel, "Babel", Networking},
	{OLSR, "OLSR", Networking},
	{HNCP, "HNCP", Networking},
	{AODV, "AODV", Networking},
	{LMP, "LMP", Networking},
	{LSPPing, "LSP-Ping", Networking},
	{LWAPP, "LWAPP", Infrastructure},
	{PANA, "PANA", Authentication},
	{Aerospike, "Aerospike", Database},
	{AutoRP, "Auto-RP", Networking},
	{EPGM, "EPGM", Networking},
	{Timed, "Timed", Networking},
	{MSN, "MSN", Messaging},
	{DCC, "DCC", Mail},
	{X11, "X11", RemoteDesktop},
	{GENEVE, "GENEVE", Networking},
}
