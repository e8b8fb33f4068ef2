package packet

const (
	subframeLen = 14 // two addresses and a length (IEEE 802.11-2020, 9.3.2.2)
	subframePad = 4  // each but the last is filled to a multiple
)

// train is what is left of an aggregated frame of several packets.
type train struct {
	left  int // captured bytes of body; 0: nothing
	body  []byte
	n     int  // of body on the wire
	base  View // what is around each of them
	depth int
}

// amsdu reads an aggregate: the first packet in it. Again gives the others.
func (d *Decoder) amsdu(b []byte, n int, v *View) Verdict {
	d.train = train{left: len(b), body: b, n: n, base: *v, depth: d.depth}
	return d.subframe(v)
}

// Again fills v with the next packet of the frame that the last Decode read,
// where that carried several, and says whether there was one. Call it until it
// gives false. WireLen is 0: the first packet of the frame has all of it.
// v.Payload is lent as by Decode.
func (d *Decoder) Again(v *View) bool { return d.train.left != 0 && d.again(v) }

func (d *Decoder) again(v *View) bool {
	for d.train.left != 0 {
		*v = d.train.base
		d.layers = 0
		v.WireLen = 0
		if d.subframe(v) == OK {
			return true
		}
	}
	return false
}

// subframe takes packets out of the train until one can be read.
func (d *Decoder) subframe(v *View) Verdict {
	t := &d.train
	wire := v.WireLen
	for t.left > subframeLen+llcLen {
		b := t.body
		size := int(be16(b[12:]))
		if size > t.n-subframeLen {
			break
		}
		*v = t.base
		v.WireLen = wire
		d.depth = t.depth
		v.DstMAC, v.SrcMAC = [6]byte(b[0:]), [6]byte(b[6:])
		next := (subframeLen + size + subframePad - 1) &^ (subframePad - 1)
		t.body, t.n = rest(b, next), max(t.n-next, 0)
		t.left = len(t.body)
		verdict := d.llc(cut(b[subframeLen:], size), size, v)
		if verdict == OK || verdict == Held {
			return verdict
		}
	}
	t.left = 0
	return NotIP
}
