package packet

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"netifyd/core"
	"netifyd/core/capture/pcapfile"
)

// hop is one IP packet of a frame, as either decoder sees it.
type hop struct {
	src, dst         netip.Addr
	protocol         uint8
	srcPort, dstPort uint16
	flags            uint8
	seq, ack         uint32
}

func (h hop) String() string {
	return fmt.Sprintf("%d %v:%d>%v:%d flags %x seq %d ack %d", h.protocol, h.src, h.srcPort, h.dst, h.dstPort, h.flags, h.seq, h.ack)
}

func viewed(v *View) hop {
	return hop{
		endpoint(v.Version, v.Src, 0).Addr(), endpoint(v.Version, v.Dst, 0).Addr(), v.Protocol,
		v.SrcPort, v.DstPort, v.TCPFlags & 0x3f, v.Seq, v.Ack,
	}
}

// oracle gives the IP packets that gopacket finds in a frame, from the outside
// in, and whether one of them is a fragment.
func oracle(link core.LinkType, data []byte) (hops []hop, fragment bool) {
	p := gopacket.NewPacket(data, first(link, data), gopacket.DecodeOptions{Lazy: false, NoCopy: true})
	last := func() *hop {
		if len(hops) == 0 {
			return &hop{}
		}
		return &hops[len(hops)-1]
	}
	add := func(src, dst []byte, protocol uint8) {
		from, _ := netip.AddrFromSlice(src)
		to, _ := netip.AddrFromSlice(dst)
		hops = append(hops, hop{src: from, dst: to, protocol: protocol})
	}
	for _, layer := range p.Layers() {
		switch l := layer.(type) {
		case *layers.IPv4:
			add(l.SrcIP, l.DstIP, uint8(l.Protocol))
			fragment = fragment || l.FragOffset != 0 || l.Flags&layers.IPv4MoreFragments != 0
		case *layers.IPv6:
			add(l.SrcIP, l.DstIP, uint8(l.NextHeader))
		case *layers.IPv6HopByHop:
			last().protocol = uint8(l.NextHeader)
		case *layers.IPv6Routing:
			last().protocol = uint8(l.NextHeader)
		case *layers.IPv6Destination:
			last().protocol = uint8(l.NextHeader)
		case *layers.IPv6Fragment:
			last().protocol = uint8(l.NextHeader)
			fragment = fragment || l.FragmentOffset != 0 || l.MoreFragments
		case *layers.TCP:
			h := last()
			h.srcPort, h.dstPort, h.seq, h.ack = uint16(l.SrcPort), uint16(l.DstPort), l.Seq, l.Ack
			if len(l.Contents) > 13 { // not where it gave up on the header
				h.flags = l.Contents[13] & 0x3f
			}
		case *layers.UDP:
			last().srcPort, last().dstPort = uint16(l.SrcPort), uint16(l.DstPort)
		case *layers.UDPLite:
			last().srcPort, last().dstPort = uint16(l.SrcPort), uint16(l.DstPort)
		case *layers.SCTP:
			last().srcPort, last().dstPort = uint16(l.SrcPort), uint16(l.DstPort)
		}
	}
	return hops, fragment
}

// first is gopacket's decoder of a frame; nil for link types that gopacket does
// not know (C-HDLC, also as PPP, PPI, LINUX_SLL2), which only the tables hold.
func first(link core.LinkType, data []byte) gopacket.Decoder {
	if link == core.LinkPPP && len(data) > 0 && (data[0] == chdlcUnicast || data[0] == chdlcMulticast) {
		return nil
	}
	switch link {
	case core.LinkRaw, core.LinkRawBSD, core.LinkRawOpen:
		return layers.LinkTypeRaw
	case core.LinkIPv4:
		return layers.LayerTypeIPv4
	case core.LinkIPv6:
		return layers.LayerTypeIPv6
	case core.LinkEthernet, core.LinkNull, core.LinkLoop, core.LinkPPP, core.LinkLinuxSLL:
		return layers.LinkType(link)
	}
	return nil
}

// hasTag says that a frame has a tag that gopacket does not know.
func hasTag(f *core.Frame) bool {
	if f.Link != core.LinkEthernet || len(f.Data) < ethernetLen {
		return false
	}
	switch be16(f.Data[12:]) {
	case typeVNTag, typeETag, typeHSR, typePBB, typeFabric, typeTRILL, typeRealtek:
		return true
	}
	return false
}

// TestOracle holds every packet of every capture at hand against gopacket.
func TestOracle(t *testing.T) {
	root := filepath.Join("..", "..")
	counts := map[string]int{}
	for _, pattern := range []string{"testdata/*.pcap*", "../shared/corpus/captures/*"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			againstOracle(t, path, counts)
		}
	}
	if len(counts) == 0 {
		t.Skip("no captures")
	}
	t.Log(counts)
}

func againstOracle(t *testing.T, path string, counts map[string]int) {
	source, err := pcapfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var batch core.Batch
	var v View
	d := New(16)
	number := 0
	for {
		err := source.Next(&batch)
		if errors.Is(err, io.EOF) || errors.Is(err, pcapfile.ErrTruncated) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch.Frames {
			f := &batch.Frames[i]
			number++
			verdict := d.Decode(f, &v)
			if first(f.Link, f.Data) == nil || hasTag(f) {
				counts["unknown to gopacket"]++
				continue
			}
			hops, fragment := oracle(f.Link, f.Data)
			answer := compare(verdict, &v, hops, fragment)
			counts[answer]++
			if answer == "different" {
				t.Errorf("%s: packet %d: %s; gopacket %v", filepath.Base(path), number, text(verdict, &v), hops)
			}
		}
	}
}

// compare says how a verdict stands to gopacket's reading. Everything but
// "different" is right, for the reason given where it is not the same.
func compare(verdict Verdict, v *View, hops []hop, fragment bool) string {
	if len(hops) == 0 {
		if verdict == OK {
			return "different"
		}
		return "no IP packet"
	}
	last := hops[len(hops)-1]
	ports := last.protocol == protoTCP || last.protocol == protoUDP
	switch {
	case fragment: // gopacket reads one by one what we join
		return "fragment"
	case verdict == OK && viewed(v) == last:
		return "same"
	case ports && last.srcPort == 0 && last.dstPort == 0 && (verdict != OK || v.Protocol == last.protocol):
		// It gave up on the transport header, for a length beyond the packet;
		// the ports are there all the same.
		return "gopacket found it malformed"
	case ports && verdict == Malformed:
		// It reads a header whose length or data offset cannot be, and marks the
		// packet as truncated; we do not guess where the payload begins.
		return "we found it malformed"
	case verdict == OK && v.Version == 4 && v.Protocol == 0:
		// Protocol 0 is no extension header in IPv4, but it reads one.
		return "protocol 0"
	case verdict == OK && v.Tunnel.Type >= TunnelL2TP && v.Tunnel.SrcPort == last.srcPort &&
		endpoint(v.Tunnel.Version, v.Tunnel.Src, 0).Addr() == last.src:
		// It does not look into L2TP, Teredo and CAPWAP.
		return "carrier in gopacket"
	}
	return "different"
}
