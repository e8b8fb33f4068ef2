package core

import "strconv"

// Known says that packet.Decode reads frames of this kind of link.
func (t LinkType) Known() bool {
	switch t {
	case LinkNull, LinkEthernet, LinkPPP, LinkPPPHDLC, LinkPPPoE, LinkRawBSD, LinkRawOpen, LinkRaw, LinkCHDLC, LinkLoop, LinkLinuxSLL, LinkPPI, LinkIPv4, LinkIPv6, LinkLinuxSLL2,
		LinkDot11, LinkRadiotap, LinkNFLOG, LinkPKTAP, LinkBRCM, LinkBRCMPrepend, LinkDSA, LinkEDSA:
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
	case 107:
		name = "Frame Relay"
	case 117:
		name = "pflog of OpenBSD"
	case 119:
		name = "802.11 with the header of Prism"
	case 122:
		name = "IP over Fibre Channel"
	case 129:
		name = "ARCnet of Linux"
	case 138:
		name = "IP over FireWire"
	case 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162:
		name = "for private use"
	case 163:
		name = "802.11 with the header of AVS"
	case 187, 201:
		name = "Bluetooth HCI"
	case 189, 220:
		name = "USB of Linux"
	case 195, 215, 230:
		name = "802.15.4"
	case 226:
		name = "IPNET of Solaris"
	case 227:
		name = "CAN bus"
	case 242:
		name = "IP over InfiniBand"
	case 249:
		name = "USB of Windows"
	case 251:
		name = "Bluetooth Low Energy"
	case 253:
		name = "Netlink"
	}
	if name == "" {
		return strconv.Itoa(int(t))
	}
	return name + " (" + strconv.Itoa(int(t)) + ")"
}
