package detect

import (
	"testing"

	"netifyd/core/proto"
)

// TestCaptures holds detectors to the captures in testdata that have their
// flows; kin are what a flow turns into. Protocols whose secure form may also
// begin with TLS at once (SMTP, IMAP, POP3, FTP) are left to TestWholeRegistry.
func TestCaptures(t *testing.T) {
	for _, c := range []struct {
		id  proto.ID
		kin []proto.ID
	}{
		{proto.SSH, nil},
		{proto.STUN, nil},
		{proto.SIP, nil},
		{proto.RTP, nil},
		{proto.RTCP, nil},
		{proto.Telnet, nil},
		{proto.MQTT, nil},
		{proto.VNC, nil},
		{proto.SMBv1, []proto.ID{proto.SMBv23}},
		{proto.LDAP, nil},
		{proto.Kerberos, nil},
		{proto.OpenVPN, nil},
		{proto.WireGuard, nil},
		{proto.PGSQL, nil},
		{proto.RSYNC, nil},
		{proto.SOCKS, nil},
		{proto.RTSP, nil},
		{proto.RTMP, nil},
		{proto.L2TP, nil},
		{proto.AMQP, nil},
		{proto.NATS, nil},
		{proto.STOMP, nil},
		{proto.Collectd, nil},
		{proto.BGP, nil},
	} {
		t.Run(c.id.Name(), func(t *testing.T) { testProtocol(t, c.id, c.kin...) })
	}
}
