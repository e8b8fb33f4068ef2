package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

// wsFrame is a client's frame of text under a mask.
func wsFrame(text string, mask string) string {
	b := []byte{0x81, 0x80 | byte(len(text))}
	b = append(b, mask...)
	for i := range len(text) {
		b = append(b, text[i]^mask[i&3])
	}
	return string(b)
}

// joined asks a card about a connection whose opening was not seen.
func joined(t *testing.T, p *Protocol, what ...said) Verdict {
	t.Helper()
	fl := &testFlow{in: Input{Over: TCP, IPProtocol: 6, ServerPort: 9123, ClientPort: 40000}, said: what}
	last, res := NeedMore, new(Result)
	matched := false
	fl.replay(p.Limit, true, func(in *Input) bool {
		res.Reset(p.ID)
		before := last
		last = p.Inspect(in, res)
		if before == No && last != No {
			t.Errorf("%v: No, and then %d", p.ID, last)
		}
		matched = matched || last == Match
		return matched
	})
	return last
}

func TestWebsocketMidway(t *testing.T) {
	hello := wsFrame(`{"type":"subscribe","channel":"ticker"}`, "\x9b\x31\xe0\x47")
	for _, what := range [][]said{
		{c(hello)}, {s("\x81\x05hello"), c(hello), s("\x89\x02hi")}, {c(wsFrame("ping", "\x9b\x31\xe0\x47") + wsFrame("grüße an alle von hier", "\x01\xb2\xc3\xd4"))},
		{s(hello), c("\x81\x05hello")}, // the directions are the wrong way round
	} {
		if v := joined(t, &websocketMidwayCard, what...); v != Match {
			t.Errorf("%q: verdict %d", what[0].bytes, v)
		}
	}
	for _, what := range [][]said{
		{c("\x81\x05hello")}, {c("\x81\xa7\x00\x00\x00\x00" + `{"type":"subscribe","channel":"ticker"}`)}, {cx("81 94 01020304" + sealedHex(20))}, {c("GET / HTTP/1.1\r\n\r\n")},
	} {
		if v := joined(t, &websocketMidwayCard, what...); v == Match {
			t.Errorf("%q is WebSocket", what[0].bytes)
		}
	}
}

func TestMQTTMidway(t *testing.T) {
	publish := "\x30\x14\x00\x0ehome/kitchen/t21.5"
	for _, what := range [][]said{
		{c(publish + publish)}, {c(publish), c("\xc0\x00"), s("\xd0\x00")}, {s("\x32\x16\x00\x0ehome/kitchen/t\x00\x0721.5"), c("\x40\x02\x00\x07"), s(publish)},
		{c("\xc0\x00"), s("\xd0\x00"), s(publish)},
		{c("\xc0\x00"), s("\xd0\x00"), c("\xc0\x00"), s("\xd0\x00"), c("\xc0\x00"), s("\xd0\x00")},
	} {
		if v := joined(t, &mqttMidwayCard, what...); v != Match {
			t.Errorf("%q: verdict %d", what[0].bytes, v)
		}
	}
	for _, what := range [][]said{
		{c("\xc0\x00"), s("\xd0\x00")}, {c("\xc0\x00\xc0\x00\xc0\x00"), s("\xc0\x00\xc0\x00\xc0\x00")}, {c(publish)}, {c("\x30\x14\x00\x0ehome/+/kitchen21.5" + publish)}, {c("\x36" + publish[1:] + publish)}, {c("0123456789")}, {c(publish + "x" + publish)},
	} {
		if v := joined(t, &mqttMidwayCard, what...); v == Match {
			t.Errorf("%q is MQTT", what[0].bytes)
		}
	}
}

// h2Frame is a frame of HTTP/2 (RFC 9113, section 4.1).
func h2Frame(kind, flags byte, stream uint32, body string) string {
	n := len(body)
	return string([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, byte(stream >> 24), byte(stream >> 16), byte(stream >> 8), byte(stream)}) + body
}

func TestHTTP2Midway(t *testing.T) {
	const ping = "\x02\x04\x10\x10\x09\x0e\x07\x07"
	ask := h2Frame(1, 4, 7, "\x83\x86\xc3\xc2\x7e\x04test") // of the table that was filled before: 66 and 67
	answer := h2Frame(1, 4, 7, "\x88\xc0")
	call := h2Frame(0, 0, 7, "\x00\x00\x00\x00\x05hello")
	for _, what := range []struct {
		want proto.ID
		said []said
	}{
		{proto.HTTP2, []said{c(ask), s(answer)}},
		{proto.HTTP2, []said{s(h2Frame(8, 0, 0, "\x00\x00\x10\x00") + answer + h2Frame(0, 1, 7, "hello")), c(ask)}},
		{proto.HTTP2, []said{c(h2Frame(6, 0, 0, ping)), s(h2Frame(6, 1, 0, ping))}},
		{proto.HTTP2, []said{s(h2Frame(6, 0, 0, ping)), c(h2Frame(8, 0, 7, "\x00\x00\x00\x05") + h2Frame(6, 1, 0, ping))}},
		{proto.GRPC, []said{c(call + call), s(call)}},
		{proto.HTTP2, []said{c(h2Frame(1, 0x2c, 7, "\x02\x00\x00\x00\x03\x10\x83\x86\xc3\x00\x00")), s(answer)}}, // padded, with a priority
	} {
		if v := joined(t, &http2MidwayCard, what.said...); v != Match {
			t.Errorf("%q: verdict %d", what.said[0].bytes, v)
		}
		res := new(Result)
		res.Reset(proto.HTTP2)
		in := Input{Over: TCP, ToServer: join(what.said, false), ToClient: join(what.said, true)}
		if inspectHTTP2Midway(&in, res); res.Protocol != what.want || !res.Partial {
			t.Errorf("%q: %v, partial %v", what.said[0].bytes, res.Protocol, res.Partial)
		}
		if in.Opened = true; inspectHTTP2Midway(&in, res) != No {
			t.Errorf("%q: taken in a connection that began otherwise", what.said[0].bytes)
		}
	}
	for _, what := range [][]said{
		{c(ask)}, {c(ask), s(strings.Replace(answer, "\x07", "\x09", 1))}, {c(ask), s("HTTP/1.1 200 OK\r\n\r\n")},
		{c(h2Frame(1, 4, 7, "\x83\x80")), s(answer)},                   // no field has the number 0
		{c(h2Frame(1, 4, 7, "\x7e\x7ftest")), s(answer)},               // a text beyond the end
		{c(h2Frame(6, 0, 0, ping)), s(h2Frame(6, 0, 0, ping))},         // two questions
		{c(h2Frame(6, 0, 1, ping)), s(h2Frame(6, 1, 1, ping))},         // of a stream
		{c(h2Frame(8, 0, 0, "\x00\x00\x10\x00\x00") + ask), s(answer)}, // longer than it may be
		{c(h2Frame(0, 0, 7, "\x00\x00\x00\x00\x04hello")), s(call)},    // another length than its frame's
		{c(strings.Repeat("\x00", 40)), s(strings.Repeat("\x00", 40))},
	} {
		if v := joined(t, &http2MidwayCard, what...); v == Match {
			t.Errorf("%q is HTTP/2", what[0].bytes)
		}
	}
}

// join is what one direction says.
func join(all []said, fromServer bool) (b []byte) {
	for _, s := range all {
		if s.fromServer == fromServer {
			b = append(b, s.bytes...)
		}
	}
	return b
}
