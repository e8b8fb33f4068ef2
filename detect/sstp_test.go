package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSSTP(t *testing.T) {
	testProtocol(t, proto.SSTP)
	const request = "SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n"
	mustMatch(t, proto.SSTP, proto.SSTP, TCP, 8080, c(request))
	mustNot(t, proto.SSTP, TCP, 8080, c("POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n"))
	mustNot(t, proto.SSTP, TCP, 8080, c("SSTP_DUPLEX_POST /other HTTP/1.1\r\n"))
}
