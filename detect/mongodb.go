package detect

import "netifyd/core/proto"

var mongodbCard = Protocol{ID: proto.MongoDB, Over: TCP, Ports: []uint16{27017}, Limit: 512, Inspect: inspectMongoDB}

// inspectMongoDB recognises a message of the wire protocol
// (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/):
// length, request, answered request, operation, all little-endian, and what
// the operation begins with.
func inspectMongoDB(in *Input, _ *Result) Verdict {
	client, server := mongoMessage(in.ToServer, false), mongoMessage(in.ToClient, true)
	if len(in.ToClient) >= 16 && isZero(in.ToClient[8:12]) && server == Match {
		server = No // a server never speaks unasked: its answer names the question
	}
	switch {
	case client == Match || server == Match && len(in.ToServer) == 0:
		return Match
	case client == No || server == No:
		return No
	}
	return NeedMore
}

// Operations.
const (
	mongoReply      = 1
	mongoUpdate     = 2001
	mongoInsert     = 2002
	mongoQuery      = 2004
	mongoDelete     = 2006
	mongoCompressed = 2012
	mongoMessageOp  = 2013
)

func mongoMessage(b []byte, answer bool) Verdict {
	const header, largest = 16, 48000000
	if len(b) > 3 && b[3] > 2 || len(b) > 13 && b[13] != 0 && b[13] != 7 || len(b) > 14 && b[14] != 0 || len(b) > 15 && b[15] != 0 {
		return No
	}
	if len(b) < header+6 {
		return NeedMore
	}
	length, operation := le32(b), le32(b[12:])
	if length < header+6 || length > largest || !answer && le32(b[8:])+1 > 1 && operation != mongoMessageOp {
		return No
	}
	body := b[header:]
	switch operation {
	case mongoMessageOp: // flags, kind of section, document
		if le32(body)&^0x10003 != 0 || body[4] > 1 {
			return No
		}
		if len(body) < 9 {
			return NeedMore
		}
		if n := le32(body[5:]); n < 5 || n > length-header-5 {
			return No
		}
		return Match
	case mongoQuery, mongoInsert, mongoUpdate, mongoDelete: // flags (or zero), "database.collection"
		if le32(body)&^0xff != 0 {
			return No
		}
		dot := false
		for i, ch := range body[4:] {
			switch {
			case ch == 0 && i > 2 && dot:
				return Match
			case ch < ' ' || ch >= 0x7f || i > 120:
				return No
			case ch == '.':
				dot = true
			}
		}
		return NeedMore
	case mongoReply: // flags, cursor, start, count, document
		if !answer || le32(body)&^0x0f != 0 || length < header+20 {
			return No
		}
		if len(body) < 20 {
			return NeedMore
		}
		return mongoDocument(body[20:], length-header-20, le32(body[16:]) == 1)
	case mongoCompressed: // the original operation
		if inner := le32(body); inner != mongoMessageOp && inner != mongoQuery && (!answer || inner != mongoReply) {
			return No
		}
		return Match
	}
	return No
}

// mongoDocument wants a length, of all the room where the document is the only
// one, and an element: its kind and its name (bsonspec.org).
func mongoDocument(b []byte, room uint32, only bool) Verdict {
	const head, maxKind, shortest, longest = 5, 19, 2, 64
	if len(b) <= head {
		return NeedMore
	}
	n, name := le32(b), cutZero(b[head:])
	if n < head || n > room || only && n != room || b[4] == 0 || b[4] > maxKind || !isText(name) || len(name) > longest {
		return No
	}
	if len(name) == len(b)-head {
		return NeedMore
	}
	if len(name) < shortest {
		return No
	}
	return Match
}
