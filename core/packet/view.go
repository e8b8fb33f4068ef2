// Package packet turns a frame into a View: the innermost IP packet of a frame
// with the few fields the corridor needs. One file reads one header.
package packet

// TunnelType says what carried a packet.
type TunnelType uint8

// Tunnels that Decode looks into.
const (
	TunnelNone TunnelType = iota
	TunnelGRE
	TunnelIPIP // IPv4 in IPv4 and IPv4 in IPv6, IPv6 in IPv6
	Tunnel6in4
	TunnelGTP
	TunnelVXLAN
	TunnelL2TP
	TunnelTeredo
	TunnelCAPWAP
	TunnelGENEVE
	TunnelVXLANGPE
	TunnelERSPAN
	TunnelMPLS
	TunnelEtherIP
	TunnelAYIYA
	TunnelAH
	TunnelLISP
	TunnelTZSP
	// NumTunnels is how many there are, with none.
	NumTunnels = iota
)

var tunnelNames = [...]string{"", "gre", "ipip", "6in4", "gtp", "vxlan", "l2tp", "teredo", "capwap",
	"geneve", "vxlan-gpe", "erspan", "mpls", "etherip", "ayiya", "ah", "lisp", "tzsp"}

// String is the name in flow.tunnel.type.
func (t TunnelType) String() string { return tunnelNames[t] }

// Flags of a TCP header (RFC 9293, section 3.1).
const (
	FIN = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
)

// Seen is a set of headers met on the way in, for the interface's counters.
type Seen uint16

// Headers met.
const (
	SeenEthernet Seen = 1 << iota
	SeenVLAN
	SeenMPLS
	SeenPPPoE
	SeenFragment
)

// Tunnel describes the outermost packet that carried the viewed one. Addresses
// as in View. Zero where Type is TunnelNone.
type Tunnel struct {
	Type             TunnelType
	Version          uint8 // IP version of the outer packet
	DSCP             uint8 // of the outer packet, 0 to 63
	Src, Dst         [16]byte
	SrcPort, DstPort uint16 // of what runs over UDP
	ID               uint32 // GTP TEID of the packet's direction, VXLAN and GENEVE VNI, GRE key, L2TP and ERSPAN session, AH SPI, LISP instance
}

// View is one packet. Payload is lent with the frame (or with the fragment
// pool) until the next Decode. Fields that the packet does not have are zero.
type View struct {
	Time    int64  // nanoseconds since 1970
	WireLen int    // bytes on the link; of a joined datagram the sum over its fragments
	IPLen   int    // bytes from the viewed packet's IP header on, by its length field; of a joined datagram the sum
	Payload []byte // what follows the last header read (TCP, UDP, SCTP, …, or IP: ICMP begins with its type), no longer than the IP length says; may be cut by the snap length
	PayLen  int    // length of the payload by the headers; len(Payload) is less where the snap length cut it
	// Src and Dst are in network order; IPv4 in the first four bytes, the rest
	// zero. They lie at a multiple of four bytes.
	Src, Dst         [16]byte
	SrcMAC           [6]byte
	DstMAC           [6]byte
	VLAN             uint16 // innermost tag's identifier; 0 if untagged
	Seen             Seen
	Version          uint8 // 4 or 6
	Protocol         uint8 // IP protocol after all extension headers
	TCPFlags         uint8
	DSCP             uint8  // differentiated services code point of the IP header (RFC 2474), 0 to 63
	Hops             uint8  // time to live of IPv4, hop limit of IPv6
	SrcPort, DstPort uint16 // TCP, UDP, SCTP, UDP-Lite, DCCP; else 0
	Seq, Ack         uint32
	Segment          []byte // TCP: from its header on; lent as Payload is
	Tunnel           Tunnel
}

// Verdict of Decode.
type Verdict uint8

// Verdicts of Decode.
const (
	OK        Verdict = iota // View is filled
	NotIP                    // a frame that carries no IP packet (ARP, STP, LLDP, …)
	Malformed                // shorter or stranger than its headers say
	Held                     // a fragment, kept until the rest comes
)
