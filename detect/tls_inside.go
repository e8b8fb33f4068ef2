package detect

// insideTLS reads TLS that begins in the middle of a conversation, for the
// cards of protocols that change to it (STARTTLS, tunnels, RDP): c and s are the
// bytes of each direction from there on, nil where there are none yet. It adds
// the attributes of TLS and sets More as long as the handshake is not over; the
// protocol and Partial stay as the card has them.
func insideTLS(c, s []byte, res *Result) {
	partial := res.Partial
	if len(c)+len(s) == 0 || inspectTLS(c, s, res) == NeedMore {
		res.More = true
	}
	res.Partial = partial
}

// insideDTLS is insideTLS for the datagrams of a flow that began as something
// else and came to DTLS, as those of WebRTC do.
func insideDTLS(in *Input, res *Result) {
	partial, id := res.Partial, res.Protocol
	inspectDTLS(in, res)
	res.Partial, res.Protocol = partial, id
}
