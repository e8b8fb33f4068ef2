package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestMQTT(t *testing.T) {
	res := mustMatch(t, proto.MQTT, proto.MQTT, TCP, 1883, c("\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04dev1"))
	wantText(t, res, attr.MQTTVersion, "3.1.1")
	wantText(t, res, attr.MQTTClientID, "dev1")
	res = mustMatch(t, proto.MQTT, proto.MQTT, TCP, 1883, c("\x10\x16\x00\x04MQTT\x05\x02\x00\x3c\x05\x11\x00\x00\x00\x0a\x00\x04dev2"))
	wantText(t, res, attr.MQTTVersion, "5.0")
	wantText(t, res, attr.MQTTClientID, "dev2")
	res = mustMatch(t, proto.MQTT, proto.MQTT, TCP, 1883, c("\x10\x11\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x03abc"))
	wantText(t, res, attr.MQTTVersion, "3.1")
	for _, b := range []string{
		"\x10\x10\x00\x04MQTT\x09\x02\x00\x3c\x00\x04dev1",     // level
		"\x10\x10\x00\x04MQTT\x04\x03\x00\x3c\x00\x04dev1",     // reserved flag
		"\x10\x10\x00\x04MQTT\x04\x1a\x00\x3c\x00\x04dev1",     // QoS 3 of a will that is not there
		"\x10\x02\x00\x04MQTT\x04\x02\x00\x3c\x00\x04dev1",     // length
		"\x10\x90\x00\x00\x04MQTT\x04\x02\x00\x3c\x00\x04dev1", // length not in its shortest form
		"\x20\x02\x00\x00",
	} {
		mustNot(t, proto.MQTT, TCP, 1883, c(b))
	}
}
