package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestHL7(t *testing.T) {
	const id = proto.HL7
	mustMatch(t, id, id, TCP, 6661, c("\x0bMSH|^~\\&|LAB|HOSPITAL|ADT|CLINIC|202601220000||ADT^A01|1|P|2.3\r\x1c\r"))
	mustMatch(t, id, id, TCP, 6661, s("\x0bMSH|^~\\&#|LAB\r"))
	mustMatch(t, id, id, TCP, 6661, c("\x0bFHS|^~\\&|LAB\r"))
	mustNot(t, id, TCP, 6661, c("MSH|^~\\&|LAB"))
	mustNot(t, id, TCP, 6661, c("\x0bMSH|^~\\&^^LAB"))
	mustNot(t, id, TCP, 6661, c("\x0bPID|^~\\&|LAB"))
}
