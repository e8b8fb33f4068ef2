package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDConnect(t *testing.T) {
	const id = proto.DConnect
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 411, s("$Lock EXTENDEDPROTOCOLABC Pk=hub|"))
	mustMatch(t, id, id, TCP, 40001, c("$MyNick alice|$Lock EXTENDEDPROTOCOL Pk=x|"))
	mustMatch(t, id, id, TCP, 1511, c("HSUP ADBASE ADTIGR\n"))
	mustMatch(t, id, id, TCP, 1511, s("ISUP ADBASE ADTIGR ADPING\n"))
	mustMatch(t, id, id, TCP, 40001, c("CSUP ADBASE ADTIGR\n"))
	mustNot(t, id, TCP, 411, s("$Locks|"))
	mustNot(t, id, TCP, 1511, c("HSUP BASE\n"))

	cid := "DWI27TZWIA4SLJYM26UDEPFGSK5A5IYVNJGH3LY"
	mustMatch(t, id, id, UDP, 3412, c("URES "+cid+" SI1092 SL10 FN/files/a.txt TRKR3Q6CDKV\n"))
	mustMatch(t, id, id, UDP, 3412, c("UPSR "+cid+" TRKR3Q6CDKV\n"))
	mustNot(t, id, UDP, 3412, c("URES "+cid[:38]+" SI1092 SL10\n"))
	mustNot(t, id, UDP, 3412, c("URES "+cid[:38]+"1 SI1092 SL10\n"))
	mustNot(t, id, UDP, 3412, c("Ures "+cid+" SI1092\n"))
	mustMatch(t, id, id, UDP, 412, c("$SR bob files\\a.txt\x051092 10/10\x05TTH:KR3Q6CDKV (10.9.0.2:411)|"))
	mustMatch(t, id, id, UDP, 412, c("$SR bob files\\a.txt\x051092 10/10\x05a hub (10.9.0.2)"))
	mustNot(t, id, UDP, 412, c("$SR bob files (10.9.0.2)|"))
	mustNot(t, id, UDP, 412, c("$SR bob files\x051092 10/10|"))
}
