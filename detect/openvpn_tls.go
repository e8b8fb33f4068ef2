package detect

// openvpnControl joins what the control channel carries each way: TLS, in
// packets P_CONTROL_V1 with numbers from 1 on, the reset being 0
// (https://build.openvpn.net/doxygen/group__network__protocol.html, "Reliability layer").
type openvpnControl struct {
	side [2]struct { // of the client, of the server
		room []byte
		n    int
		next uint32
	}
	outer int  // bytes of the layer of tls-auth between session and acknowledgements
	data  bool // the tunnel is up
}

func (o *openvpnControl) init(reset []byte, r openvpnReset, res *Result) {
	half := len(res.Scratch) / 2
	o.side[0].room, o.side[1].room = res.Scratch[:half], res.Scratch[half:]
	o.side[0].next, o.side[1].next = 1, 1
	o.outer = len(reset) - openvpnHead - openvpnRequest
	if r.fromServer {
		o.outer = len(reset) - openvpnHead - openvpnAnswer
	}
}

// add takes one packet and says whether it carried the next piece of its direction.
func (o *openvpnControl) add(d []byte, fromServer bool) bool {
	const control, dataV1, dataV2 = 4, 6, 9
	if len(d) == 0 {
		return false
	}
	if opcode := d[0] >> 3; opcode != control || d[0]&7 != 0 { // of the first key
		o.data = o.data || opcode == dataV1 || opcode == dataV2
		return false
	}
	at := openvpnHead + o.outer
	if len(d) <= at {
		return false
	}
	if n := int(d[at]); n > 0 { // acknowledged numbers, and the other's session
		at += 4*n + 8
	}
	at++
	s := &o.side[0]
	if fromServer {
		s = &o.side[1]
	}
	if len(d) < at+4 || be32(d[at:]) != s.next {
		return false
	}
	s.next++
	s.n += copy(s.room[s.n:], d[at+4:])
	return true
}

func (o *openvpnControl) fill(res *Result) {
	c, s := &o.side[0], &o.side[1]
	insideTLS(c.room[:c.n], s.room[:s.n], res)
	res.More = res.More && !o.data
}

// openvpnDatagrams reads the datagrams at hand behind a reset that proves
// itself. They may come out of order, so they are walked again as long as that helps.
func openvpnDatagrams(in *Input, res *Result) bool {
	const walks = 4
	reset, fromServer, first := in.Datagram(0)
	r, ok := readOpenVPN(reset)
	if !ok || !r.proven {
		return false
	}
	if r.wrapped {
		return true
	}
	var o openvpnControl
	o.init(reset, r, res)
	swapped := r.fromServer != fromServer
	for range walks {
		more := false
		for d, from, at := in.Datagram(first); d != nil; d, from, at = in.Datagram(at) {
			more = o.add(d, from != swapped) || more
		}
		if !more {
			break
		}
	}
	o.fill(res)
	return true
}

// openvpnStreams does the same for the packets of both streams, the reset being the first of one.
func openvpnStreams(in *Input, reset []byte, r openvpnReset, fromServer bool, res *Result) {
	if r.wrapped {
		return
	}
	var o openvpnControl
	o.init(reset, r, res)
	swapped := r.fromServer != fromServer
	for i, b := range [2][]byte{in.ToServer, in.ToClient} {
		for len(b) > 2 {
			n := be16(b)
			if len(b) < 2+n {
				break
			}
			o.add(b[2:2+n], (i == 1) != swapped)
			b = b[2+n:]
		}
	}
	o.fill(res)
}
