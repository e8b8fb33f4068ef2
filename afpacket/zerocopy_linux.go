//go:build !no_gopacket && !tiny

package afpacket

import (
	"time"

	"github.com/google/gopacket"
)

var _ gopacket.ZeroCopyPacketDataSource = (*Source)(nil)

// ZeroCopyReadPacketData lends the next packet's bytes until the next call, as
// gopacket's other sources do. It waits for one; the error is os.ErrClosed
// after Close. A tag that was taken out of the bytes is an AncillaryVLAN, and
// not counted in Length. Not to be mixed with Next.
func (s *Source) ZeroCopyReadPacketData() ([]byte, gopacket.CaptureInfo, error) {
	for s.read >= len(s.lent.Frames) {
		s.read = 0
		if err := s.Next(&s.lent); err != nil {
			return nil, gopacket.CaptureInfo{}, err
		}
	}
	f := &s.lent.Frames[s.read]
	s.read++
	info := gopacket.CaptureInfo{
		Timestamp:      time.Unix(0, f.Time),
		CaptureLength:  len(f.Data),
		Length:         f.Length,
		InterfaceIndex: s.sock.index,
	}
	if f.HasVLAN {
		info.Length -= vlanTagBytes
		info.AncillaryData = []any{AncillaryVLAN{VLAN: int(f.VLAN)}}
	}
	return f.Data, info, nil
}
