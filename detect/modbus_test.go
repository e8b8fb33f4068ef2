package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestModbus(t *testing.T) {
	testProtocol(t, proto.Modbus)
	// Read Holding Registers 108 to 110, of the application protocol's section 6.3.
	request, response := cx("1501 0000 0006 01 03 006b 0003"), sx("1501 0000 0009 01 03 06 022b00000064")
	mustMatch(t, proto.Modbus, proto.Modbus, TCP, 502, request, response)
	mustMatch(t, proto.Modbus, proto.Modbus, TCP, 502, request)
	mustMatch(t, proto.Modbus, proto.Modbus, TCP, 502, response)
	mustMatch(t, proto.Modbus, proto.Modbus, TCP, 5020, request, response)
	mustMatch(t, proto.Modbus, proto.Modbus, TCP, 5020, request, sx("1501 0000 0003 01 83 02"))
	mustMatch(t, proto.Modbus, proto.Modbus, TCP, 5020, cx("0001 0000 0002 01 41"), sx("0001 0000 0004 01 41 0102"))
	mustNot(t, proto.Modbus, TCP, 5020, request)
	mustNot(t, proto.Modbus, TCP, 5020, request, sx("1502 0000 0009 01 44 06 022b00000064"))
	mustNot(t, proto.Modbus, TCP, 502, cx("1501 0001 0006 01 03 006b 0003"))
	mustNot(t, proto.Modbus, TCP, 502, cx("1501 0000 0007 01 03 006b 000300"))
	mustNot(t, proto.Modbus, TCP, 502, cx("1501 0000 0001 01 03"))
	mustMatch(t, proto.Modbus, proto.UMAS, TCP, 502, cx("000a 0000 0004 00 5a 00 02"), sx("000a 0000 0006 00 5a 00 fe 0c30"))
}
