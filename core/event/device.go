package event

import "net/netip"

// DeviceNews is what happened to a device.
type DeviceNews struct {
	What        string  // "new", "named" or "gone"
	MAC         [6]byte // zero: known by its address
	Addresses   []netip.Addr
	Name, From  string // From: where the name came from
	Type, Why   string // what kind of thing it is, and which rule said so
	Randomised  bool
	First, Last uint32 // seconds since 1970
}

// AppendDevice writes what happened to a device: type "device", dialect 5, for
// clients that ask for the kind.
func AppendDevice(dst []byte, d *DeviceNews) []byte {
	dst = appendString(append(dst, `{"event":`...), d.What)
	dst = appendUint(append(dst, `,"first_seen_at":`...), uint64(d.First)*1000)
	dst = append(dst, `,"ip":[`...)
	for i, a := range d.Addresses {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(a.AppendTo(append(dst, '"')), '"')
	}
	dst = appendUint(append(dst, `],"last_seen_at":`...), uint64(d.Last)*1000)
	if d.MAC != ([6]byte{}) {
		dst = appendMAC(append(dst, `,"mac":`...), d.MAC)
	}
	if d.Name != "" {
		dst = appendString(append(dst, `,"name":`...), d.Name)
		dst = appendString(append(dst, `,"name_from":`...), d.From)
	}
	dst = appendBool(append(dst, `,"randomised":`...), d.Randomised)
	dst = append(dst, `,"type":"device"`...)
	if d.Type != "" {
		dst = appendString(append(dst, `,"kind":`...), d.Type)
		dst = appendString(append(dst, `,"kind_from":`...), d.Why)
	}
	return append(dst, "}\n"...)
}
