package core

import "strconv"

// Known says that packet.Decode reads frames of this kind of link.
func (t LinkType) Known() bool {
	switch t {
	case LinkNull, LinkEthernet, LinkSLIP, LinkPPP, LinkRawBSD, LinkRawOpen, LinkPPPHDLC, LinkPPPoE, LinkATM, LinkRaw, LinkCHDLC, LinkDot11, LinkCLIP, LinkFrameRelay, LinkLoop, LinkEnc,
		LinkLinuxSLL, LinkPFLog, LinkPrism, LinkIPoverFC, LinkRadiotap, LinkTZSP, LinkFireWire, LinkDOCSIS, LinkAVS, LinkPPPD, LinkJuniperPPPoE, LinkJuniperEther, LinkJuniperPPP, LinkJuniperFrame,
		LinkJuniperCHDLC, LinkPPI, LinkPPPDir, LinkCHDLCDir, LinkFrameRelayDir, LinkMPLS, LinkIPNET, LinkIPv4, LinkIPv6, LinkNFLOG, LinkIPoIB, LinkPKTAP, LinkLinuxSLL2, LinkBRCM, LinkBRCMPrepend,
		LinkDSA, LinkEDSA:
		return true
	}
	return false
}

// String is the name that people know a link type by, and its number. Names
// are those of https://www.tcpdump.org/linktypes.html, for what capture programs
// write and packet.Decode does not read.
func (t LinkType) String() string {
	name := ""
	switch t {
	case 6:
		name = "Token Ring"
	case 7:
		name = "ARCnet"
	case 10:
		name = "FDDI"
	case 99:
		name = "Symantec's firewall"
	case 123:
		name = "ATM of Sun"
	case 130, 131, 132, 133, 134, 135, 136, 137, 164, 168, 174, 183, 194, 200, 232, 233, 234, 238:
		name = "Juniper"
	case 139, 140, 141, 142:
		name = "SS7"
	case 129:
		name = "ARCnet of Linux"
	case 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162:
		name = "for private use"
	case 175, 176, 197:
		name = "Endace ERF"
	case 182:
		name = "several links of Frame Relay"
	case 187, 201:
		name = "Bluetooth HCI"
	case 189, 220:
		name = "USB of Linux"
	case 195, 215, 230:
		name = "802.15.4"
	case 227:
		name = "CAN bus"
	case 240, 241:
		name = "netANALYZER"
	case 246:
		name = "pfsync"
	case 247:
		name = "InfiniBand"
	case 249:
		name = "USB of Windows"
	case 251:
		name = "Bluetooth Low Energy"
	case 252:
		name = "messages that Wireshark exported"
	case 253:
		name = "Netlink"
	case 271:
		name = "sockets of virtual machines"
	}
	if name == "" {
		return strconv.Itoa(int(t))
	}
	return name + " (" + strconv.Itoa(int(t)) + ")"
}
