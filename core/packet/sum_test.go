package packet

import (
	"encoding/binary"
	"net"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"netifyd/core"
)

func TestSumFits(t *testing.T) {
	src, dst := net.ParseIP("192.0.2.1"), net.ParseIP("198.51.100.7")
	src6, dst6 := net.ParseIP("2001:db8::1"), net.ParseIP("2001:db8:1::7")
	for _, version := range []int{4, 6} {
		for _, size := range []int{0, 1, 2, 3, 4, 5, 100, 1459} {
			tcp := &layers.TCP{SrcPort: 1, DstPort: 2, Seq: 3, ACK: true, Window: 0xffff, Options: []layers.TCPOption{{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{5, 180}}}}
			var ip gopacket.SerializableLayer
			link := core.LinkIPv4
			if version == 4 {
				l := &layers.IPv4{Version: 4, TTL: 9, Protocol: layers.IPProtocolTCP, SrcIP: src, DstIP: dst}
				_ = tcp.SetNetworkLayerForChecksum(l)
				ip = l
			} else {
				l := &layers.IPv6{Version: 6, HopLimit: 9, NextHeader: layers.IPProtocolTCP, SrcIP: src6, DstIP: dst6}
				_ = tcp.SetNetworkLayerForChecksum(l)
				ip, link = l, core.LinkIPv6
			}
			payload := make([]byte, size)
			for i := range payload {
				payload[i] = byte(200 + i*7)
			}
			buf := gopacket.NewSerializeBuffer()
			if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ip, tcp, gopacket.Payload(payload)); err != nil {
				t.Fatal(err)
			}
			b := buf.Bytes()
			fits := func(cut int) bool {
				var v View
				if New(1).Decode(&core.Frame{Data: b[:len(b)-cut], Length: len(b), Link: link}, &v) != OK {
					t.Fatal("not decoded")
				}
				if v.Hops != 9 {
					t.Errorf("%d hops", v.Hops)
				}
				return v.SumFits()
			}
			head := len(b) - size - 24
			sum := b[head+16 : head+18]
			if !fits(0) {
				t.Errorf("IPv%d, %d bytes: the right sum %x does not fit", version, size, sum)
			}
			right := binary.BigEndian.Uint16(sum)
			sum[1]++
			if fits(0) {
				t.Errorf("IPv%d, %d bytes: a wrong sum fits", version, size)
			}
			if size > 0 && !fits(1) {
				t.Errorf("IPv%d, %d bytes: a segment that was cut is judged", version, size)
			}
			// The sum of the pseudo header alone is what a card finds and completes.
			binary.BigEndian.PutUint16(sum, right)
			whole := uint64(0)
			for i := head; i < len(b); i += 2 {
				if i == head+16 {
					continue
				}
				w := uint64(b[i]) << 8
				if i+1 < len(b) {
					w |= uint64(b[i+1])
				}
				whole += w
			}
			binary.BigEndian.PutUint16(sum, ^fold(whole+uint64(right)))
			if !fits(0) {
				t.Errorf("IPv%d, %d bytes: a sum that the card completes does not fit", version, size)
			}
		}
	}
}
