package detect

import (
	"testing"
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
	} {
		if v := joined(t, &mqttMidwayCard, what...); v != Match {
			t.Errorf("%q: verdict %d", what[0].bytes, v)
		}
	}
	for _, what := range [][]said{
		{c("\xc0\x00"), s("\xd0\x00")}, {c(publish)}, {c("\x30\x14\x00\x0ehome/+/kitchen21.5" + publish)}, {c("\x36" + publish[1:] + publish)}, {c("0123456789")}, {c(publish + "x" + publish)},
	} {
		if v := joined(t, &mqttMidwayCard, what...); v == Match {
			t.Errorf("%q is MQTT", what[0].bytes)
		}
	}
}
