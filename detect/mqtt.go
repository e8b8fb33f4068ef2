package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/core/wire"
)

var mqttCard = Protocol{ID: proto.MQTT, Over: TCP, Ports: []uint16{1883}, Limit: 1024, Inspect: inspectMQTT}

// inspectMQTT recognises CONNECT (MQTT 3.1.1, section 3.1; MQTT 5.0, section
// 3.1): the packet type, a remaining length that holds what must be there,
// the protocol's name and level, and flags that may be together.
func inspectMQTT(in *Input, res *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	if b[0] != 0x10 {
		return No
	}
	length, size, v := mqttLength(b[1:])
	if v != Match {
		return v
	}
	if length < 12 {
		return No
	}
	b = b[1+size:]
	v = begins(b, "\x00\x04MQTT")
	name := 6
	if v == No {
		v, name = begins(b, "\x00\x06MQIsdp"), 8
	}
	if v != Match {
		return v
	}
	c := wire.New(b[name:])
	level, flags := c.U8()&0x7f, c.U8() // a bridge sets the level's top bit
	if !c.Ok() {
		return NeedMore
	}
	willQoS := flags >> 3 & 3
	if flags&1 != 0 || willQoS == 3 || flags&4 == 0 && flags&0x38 != 0 {
		return No
	}
	switch level {
	case 3:
		res.PutString(attr.MQTTVersion, "3.1")
	case 4:
		res.PutString(attr.MQTTVersion, "3.1.1")
	case 5:
		res.PutString(attr.MQTTVersion, "5.0")
	default:
		return No
	}
	c.Skip(2) // keep alive
	if level == 5 {
		properties, n, v := mqttLength(c.Rest())
		if v == No {
			return Match
		}
		c.Skip(n + properties)
	}
	id := c.Vec16()
	res.More = !c.Ok() && len(in.ToServer) < min(1024, length+size+1)
	if c.Ok() && len(id) > 0 {
		res.Put(attr.MQTTClientID, id)
	}
	return Match
}

// mqttLength reads a variable byte integer of up to four bytes (MQTT 5.0, section 1.5.5), in its shortest form.
func mqttLength(b []byte) (value, size int, v Verdict) {
	for size < 4 {
		if size >= len(b) {
			return 0, 0, NeedMore
		}
		d := b[size]
		value |= int(d&0x7f) << (7 * size)
		size++
		if d&0x80 == 0 {
			if d == 0 && size > 1 {
				return 0, 0, No
			}
			return value, size, Match
		}
	}
	return 0, 0, No
}
