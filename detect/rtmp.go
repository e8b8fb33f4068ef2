package detect

import (
	"bytes"

	"netifyd/core/proto"
)

var rtmpCard = Protocol{ID: proto.RTMP, Over: TCP, Ports: []uint16{1935}, Limit: rtmpLimit, Inspect: inspectRTMP}

// inspectRTMP recognises the handshake (Adobe, RTMP 1.0, section 5.2): version
// 3, time, four zero bytes and 1528 bytes of noise. The server answers in
// kind; where the program's version stands in place of the zeros, the client
// must wait after its block and then repeat the server's time, or get its noise back.
// What the client then connects to names the host.
func inspectRTMP(in *Input, res *Result) Verdict {
	v := rtmpHandshake(in)
	if v == Match {
		readConnect(in.ToServer, res)
	}
	return v
}

// readConnect reads the host of the address in the client's first command
// (section 7.2.1.1), which comes behind its two blocks in chunks of 128 bytes,
// each of which but the first begins with one byte (section 5.3.1.2).
func readConnect(client []byte, res *Result) {
	const head, chunk = 12, 128
	b := client[min(len(client), 1+2*rtmpBlock):]
	res.More = len(client) < rtmpLimit
	if len(b) < head {
		return
	}
	if b[0]>>6 != 0 || b[7] != 0x14 { // not a full header, not a command
		res.More = false
		return
	}
	length := int(b[4])<<16 | be16(b[5:])
	text := res.Scratch[:0]
	for b = b[head:]; len(b) > 0 && len(text) < length; {
		text = append(text, b[:min(chunk, len(b))]...)
		b = b[min(chunk+1, len(b)):]
	}
	if at := bytes.Index(text, []byte("\x00\x05tcUrl\x02")); at >= 0 && len(text) >= at+10 {
		url := text[at+10:]
		if n := be16(text[at+8:]); len(url) >= n {
			host, _ := authority(following(url[:n], "://"))
			putHost(res, withoutPort(host))
			res.More = false
		}
	}
	res.More = res.More && len(text) < length
}

const (
	rtmpLimit = 4096
	rtmpBlock = 1536
)

func rtmpHandshake(in *Input) Verdict {
	const version, zero, noise, block = 3, 5, 9, rtmpBlock
	client, server := in.ToServer, in.ToClient
	if len(client) > 0 && client[0] != version || len(server) > 0 && server[0] != version || len(client) == 0 && len(server) > 0 {
		return No
	}
	if len(client) < noise || len(server) == 0 {
		if len(client) > 1+block {
			return No
		}
		return NeedMore
	}
	if isZero(client[zero:noise]) && len(client) >= 64 && (looksRandom(client[noise:64]) || len(client) > block && len(server) > block) {
		return Match
	}
	const newestProgram = 40
	if len(client) > block && client[zero] <= newestProgram && len(server) > zero && server[zero] <= newestProgram {
		// The client's second block begins with the server's time.
		if second := client[1+block:]; same(second[:min(4, len(second))], server[1:1+min(4, len(second))]) {
			return Match
		}
	}
	echo := 1 + block + 8
	if len(client) < noise+16 || len(server) < echo+16 {
		return NeedMore
	}
	if same(client[noise:noise+16], server[echo:echo+16]) {
		return Match
	}
	return No
}
