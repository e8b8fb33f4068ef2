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

// insideMySQL reads TLS behind the server's greeting of length bytes, where
// the client's answer is the short SSLRequest: 32 bytes, number 1, and the flag CLIENT_SSL.
func insideMySQL(in *Input, length int, res *Result) {
	const answer, clientSSL = 36, 0x0800
	b := in.ToServer
	if len(b) < answer {
		res.More = true
		return
	}
	if le32(b) == 32|1<<24 && le16(b[4:])&clientSSL != 0 {
		insideTLS(b[answer:], behind(in.ToClient, length), res)
	}
}

// insidePostgreSQL reads TLS behind a request of eight bytes for it that the server grants with 'S'.
func insidePostgreSQL(in *Input, res *Result) {
	if len(in.ToClient) == 0 || in.ToClient[0] == 'S' {
		insideTLS(behind(in.ToServer, 8), behind(in.ToClient, 1), res)
	}
}

func behind(b []byte, n int) []byte { return b[min(n, len(b)):] }
