package detect

// Input is what a detector may look at. All of it is lent for the call.
type Input struct {
	// ToServer and ToClient: for TCP the first bytes of the stream each way,
	// contiguous; for UDP the newest datagram each way, of the direction that
	// did not speak last only if it was kept (Protocol.Limit). nil: nothing seen.
	// The server is the side that did not open the flow; where the opening was
	// not seen, the side with the lower port: it may be the wrong way round.
	ToServer, ToClient []byte
	// Opened: the client was seen to open the flow, and the directions are right.
	Opened bool
	// FromServer: the newest packet went to the client.
	FromServer bool
	// Lost is how many bytes of the newest datagram the snap length cut off.
	Lost                   int
	Over                   Transport // exactly one
	IPProtocol             uint8
	ServerPort, ClientPort uint16
	Known                  bool  // the card matched the flow before
	deep                   uint8 // proxies that what is looked at came through

	held []byte // UDP: kept datagrams, oldest first: direction (1), length (2), how many bytes were cut off (2), bytes
	cut  bool   // one of them is not whole
}

// Newest is the bytes of the direction that spoke last: for UDP the newest datagram.
func (in *Input) Newest() []byte {
	if in.FromServer {
		return in.ToClient
	}
	return in.ToServer
}

// ClientFirst says that the client spoke and the server did not, from the first
// byte of the flow on: no protocol whose server greets.
func (in *Input) ClientFirst() bool {
	return in.Opened && len(in.ToServer) > 0 && len(in.ToClient) == 0
}

// ServerFirst is the same of the server.
func (in *Input) ServerFirst() bool {
	return in.Opened && len(in.ToClient) > 0 && len(in.ToServer) == 0
}

// HasPort says that either side uses the port.
func (in *Input) HasPort(port uint16) bool {
	return in.ServerPort == port || in.ClientPort == port
}

// heldHeader is the room before each kept datagram.
const heldHeader = 5

// AppendHeld appends a datagram to the log of kept ones, which the engine
// keeps in a slot and gives back with SetHeld.
func AppendHeld(log []byte, fromServer bool, datagram []byte, lost int) []byte {
	dir := byte(0)
	if fromServer {
		dir = 1
	}
	log = append(log, dir, byte(len(datagram)>>8), byte(len(datagram)), byte(lost>>8), byte(lost))
	return append(log, datagram...)
}

// HeldSize is the room that a datagram of n bytes takes in the log.
func HeldSize(n int) int { return heldHeader + n }

// SetHeld lends the log of kept datagrams, which does not hold the newest
// one, and fills in the other direction's bytes from it.
func (in *Input) SetHeld(log []byte) {
	in.held, in.cut = log, false
	for len(log) >= heldHeader {
		n := int(log[1])<<8 | int(log[2])
		if len(log) < heldHeader+n {
			return
		}
		in.cut = in.cut || log[3]|log[4] != 0
		switch fromServer := log[0] == 1; {
		case fromServer && !in.FromServer:
			in.ToClient = log[heldHeader : heldHeader+n]
		case !fromServer && in.FromServer:
			in.ToServer = log[heldHeader : heldHeader+n]
		}
		log = log[heldHeader+n:]
	}
}

// size is the length that a datagram at hand had before the snap length cut it.
func (in *Input) size(d []byte) int {
	if newest := in.Newest(); len(d) == 0 || len(newest) > 0 && &d[0] == &newest[0] {
		return len(d) + in.Lost
	} else if !in.cut {
		return len(d)
	}
	for h := in.held; len(h) > heldHeader; {
		n := int(h[1])<<8 | int(h[2])
		if &h[heldHeader] == &d[0] {
			return len(d) + (int(h[3])<<8 | int(h[4]))
		}
		h = h[min(len(h), heldHeader+n):]
	}
	return len(d)
}

// LongestHeld is the length of the longest datagram that was kept before the
// newest one, and whether all of them went the way of the newest.
func (in *Input) LongestHeld() (longest int, sameWay bool) {
	sameWay = true
	for h := in.held; len(h) >= heldHeader; {
		n := int(h[1])<<8 | int(h[2])
		longest, sameWay = max(longest, n), sameWay && h[0] == 1 == in.FromServer
		h = h[min(len(h), heldHeader+n):]
	}
	return longest, sameWay
}

// Datagram walks the datagrams of a UDP flow that are at hand, oldest first,
// the newest last: begin with at 0, pass what came back, stop when d is nil.
func (in *Input) Datagram(at int) (d []byte, fromServer bool, next int) {
	if h := in.held; at+heldHeader <= len(h) {
		n := int(h[at+1])<<8 | int(h[at+2])
		if end := at + heldHeader + n; end <= len(h) {
			return h[at+heldHeader : end : end], h[at] == 1, end
		}
	}
	if at <= len(in.held) && in.Over == UDP {
		return in.Newest(), in.FromServer, len(in.held) + 1
	}
	return nil, false, at
}
