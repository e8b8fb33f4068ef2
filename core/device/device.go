package device

import "net/netip"

// ID is a place in the table. It names a device as long as somebody holds the
// lock, or has a flow of it; Device.Number names it for ever.
type ID uint16

// Places that are no devices.
const (
	None   ID = iota // nobody
	WAN              // what captures of role wan saw: outside of every sum over devices
	Others           // devices that found the table full, or that shall not be told apart
	Gone             // devices that gave up their place
	Self             // this machine
	firstID
)

// Kind is what a device is known by.
type Kind uint8

// Kinds.
const (
	ByNothing Kind = iota // a free place
	ByMAC
	ByIP
	Group // one of the places that are no devices
)

// String is what a device is known by, in answers.
func (k Kind) String() string { return [...]string{"", "mac", "ip", "group"}[k] }

// Flags of a device.
type Flags uint8

// Flags.
const (
	Randomised Flags = 1 << iota // the hardware address was made up by the device (locally administered)
	Hidden                       // the user does not want to see it
	Resolver                     // it asks a resolver of its own, encrypted
	Changed                      // something to keep was learned since it was written down
)

// addresses6 is how many IPv6 addresses of a device are kept, the newest first.
const addresses6 = 4

// Device is one device. It holds no pointer, so that the collector never walks the table.
type Device struct {
	Number      uint32 // of this device for ever; never given twice
	First, Last uint32 // seconds since 1970
	Flows       uint32 // flows of the flow table that are booked on it
	Kind        Kind
	Flags       Flags
	V4          [4]byte // the newest IPv4 address
	V6          [addresses6][16]byte
	said        uint8  // what the user says it is: place in said, plus one
	vendor      uint16 // place in vendors, or unasked, or unknown
	votes       [4]uint16
	names       [2]Name
	key         [16]byte // what the index finds it by
	same        uint32   // number of the device that it is the same as, by the user's word; 0: of none
}

// Addresses appends the addresses of a device, the newest of each family first.
func (d *Device) Addresses(dst []netip.Addr) []netip.Addr {
	if d.V4 != ([4]byte{}) {
		dst = append(dst, netip.AddrFrom4(d.V4))
	}
	for i := range d.V6 {
		if d.V6[i] != ([16]byte{}) {
			dst = append(dst, netip.AddrFrom16(d.V6[i]))
		}
	}
	return dst
}

// MAC is the hardware address that a device of kind ByMAC is known by.
func (d *Device) MAC() [6]byte { return [6]byte(d.key[:6]) }

// Addr is the address that a device of kind ByIP is known by.
func (d *Device) Addr() netip.Addr { return netip.AddrFrom16(d.key).Unmap() }

// Online says that a device had traffic in the last five minutes.
func (d *Device) Online(now uint32) bool { return now < d.Last+online }

// macText is what net.HardwareAddr says, at a tenth of the price: lists call it for each row.
func macText(mac []byte) string {
	const digits = "0123456789abcdef"
	var b [17]byte
	for i, c := range mac {
		if i > 0 {
			b[3*i-1] = ':'
		}
		b[3*i], b[3*i+1] = digits[c>>4], digits[c&15]
	}
	return string(b[:])
}
