package detect

import "netifyd/core/proto"

var cassandraCard = Protocol{ID: proto.Cassandra, Over: TCP, Ports: []uint16{9042, 7000}, Limit: 512, Inspect: inspectCassandra}

// inspectCassandra recognises the native protocol
// (https://github.com/apache/cassandra/blob/trunk/doc/native_protocol_v4.spec,
// section 2): STARTUP with its map of options, or OPTIONS, an empty frame of
// nine bytes that says little: the server must answer with SUPPORTED, or the
// port agree; and the handshake between nodes.
func inspectCassandra(in *Input, _ *Result) Verdict {
	const options, startup, supported = 5, 1, 6
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	if v := begins(b, "\xca\x55\x2d\xfa"); v != No {
		return v
	}
	body, operation, length, v := cassandraFrame(b, 0)
	if v != Match {
		return v
	}
	switch operation {
	case startup:
		if length < 20 || length > 1024 {
			return No
		}
		if len(body) < 4 {
			return NeedMore
		}
		if count := be16(body); count < 1 || count > 8 || be16(body[2:]) > 32 {
			return No
		}
		for i, ch := range body[4:min(len(body), 4+be16(body[2:]))] {
			if ch != '_' && (ch < 'A' || ch > 'Z') {
				return No
			}
			if i >= 8 {
				return Match
			}
		}
		return NeedMore
	case options:
		if length != 0 {
			return No
		}
		if b[0] >= 3 && isZero(b[1:4]) && len(body) == 0 && in.HasPort(9042) {
			return Match
		}
		if len(in.ToClient) == 0 {
			return NeedMore
		}
		options, operation, length, v := cassandraFrame(in.ToClient, 0x80)
		if v == Match && (operation != supported || length < 4) {
			return No
		}
		if v == Match && len(options) < 4 {
			return NeedMore
		}
		if v == Match && (be16(options) == 0 || be16(options) > 16 || be16(options[2:]) == 0 || be16(options[2:]) > 64) {
			return No // names of options
		}
		return v
	}
	return No
}

// cassandraFrame reads a header: version (with the direction's bit), flags,
// stream (two bytes from version 3 on), operation, length.
func cassandraFrame(b []byte, direction byte) (body []byte, operation byte, length int, v Verdict) {
	if len(b) == 0 {
		return nil, 0, 0, NeedMore
	}
	version := b[0] &^ 0x80
	if b[0]&0x80 != direction || version < 1 || version > 5 || len(b) > 1 && b[1] > 0x1f {
		return nil, 0, 0, No
	}
	at := 3
	if version >= 3 {
		at = 4
	}
	if len(b) < at+5 {
		return nil, 0, 0, NeedMore
	}
	if b[at+1] != 0 || b[at] > 16 {
		return nil, 0, 0, No
	}
	return b[at+5:], b[at], int(be32(b[at+1:])), Match
}
