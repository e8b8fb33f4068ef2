package detect

import "netifyd/core/proto"

func init() {
	register(Protocol{ID: proto.RTMP, Over: TCP, Ports: []uint16{1935}, Limit: 4096, Inspect: inspectRTMP})
}

// inspectRTMP recognises the handshake (Adobe, RTMP 1.0, section 5.2): version
// 3, time, four zero bytes and 1528 bytes of noise. The server answers in
// kind; where the program's version stands in place of the zeros, the client
// must wait after its block and then repeat the server's time, or get its noise back.
func inspectRTMP(in *Input, _ *Result) Verdict {
	const version, zero, noise, block = 3, 5, 9, 1536
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
	if isZero(client[zero:noise]) && len(client) >= 64 && !isZero(client[noise:64]) {
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
