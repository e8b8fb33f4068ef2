package engine

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
	"github.com/rs/zerolog"

	"netifyd/core/config"
	"netifyd/detect/app"
)

// crowd writes a capture in which n flows begin and end in the same second: what
// is told of them comes all at once, and is far more than a queue holds.
func crowd(t *testing.T, n int) string {
	t.Helper()
	var buf bytes.Buffer
	w := pcapgo.NewWriter(&buf)
	if err := w.WriteFileHeader(1600, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	query := "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03org\x00\x00\x01\x00\x01"
	answer := "\x12\x34\x81\x80" + query[4:]
	for i := range n {
		for side, text := range []string{query, answer} {
			ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: net.IP{192, 168, 1, 7}, DstIP: net.IP{192, 0, 2, 53}}
			udp := &layers.UDP{SrcPort: layers.UDPPort(1024 + i), DstPort: 53}
			if side == 1 {
				ip.SrcIP, ip.DstIP, udp.SrcPort, udp.DstPort = ip.DstIP, ip.SrcIP, udp.DstPort, udp.SrcPort
			}
			_ = udp.SetNetworkLayerForChecksum(ip)
			eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 7}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, EthernetType: layers.EthernetTypeIPv4}
			b := gopacket.NewSerializeBuffer()
			if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, udp, gopacket.Payload(text)); err != nil {
				t.Fatal(err)
			}
			at := time.Unix(1700000000, int64(2*i+side)*1000)
			if i == n-1 {
				at = at.Add(time.Hour) // so that all others end at once
			}
			if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(b.Bytes()), Length: len(b.Bytes())}, b.Bytes()); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "crowd.pcap")
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A capture file is read no faster than its clients take what is told, even
// where thousands of flows end at once; nothing is lost, and each client is told the end.
func TestFileWaitsForItsClients(t *testing.T) {
	const flows = 3000
	for _, patient := range []bool{false, true} {
		dir := t.TempDir()
		c := config.Default()
		c.VolatileDir, c.MaxFlows, c.ClientQueueKB = dir, 4096, 64
		c.Listeners = []config.Listener{{Path: filepath.Join(dir, "5.sock"), Dialect: "5"}, {Path: filepath.Join(dir, "4.sock"), Dialect: "4"}}
		c.Interfaces = []config.Interface{{Name: "lo", File: crowd(t, flows)}}
		e, err := New(c, Options{Version: "1", Log: zerolog.Nop(), Patient: patient, Apps: func(*config.Config) (*app.Catalogue, error) { return app.Default(), nil }})
		if err != nil {
			t.Fatal(err)
		}
		counts := make(chan map[string]int)
		for _, l := range c.Listeners {
			conn, err := net.Dial("unix", l.Path)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go func() {
				n := map[string]int{}
				in := bufio.NewReader(conn)
				for {
					line, err := in.ReadString('\n')
					if err != nil {
						break
					}
					if _, kind, ok := strings.Cut(line, `"type":"`); ok && strings.Contains(line, `"flow":{`) {
						n[strings.TrimSuffix(kind, "\"}\n")]++
						if sum := n["flow_purge"]; sum%500 == 499 {
							time.Sleep(20 * time.Millisecond) // reads slowly
						}
					}
				}
				counts <- n
			}()
		}
		for end := time.Now().Add(20 * time.Second); e.fanout.Counters().Clients < 2; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the clients did not come")
			}
		}
		if err := e.Start(); err != nil {
			t.Fatal(err)
		}
		if err := e.Run(nil); err != nil {
			t.Error(err)
		}
		for range c.Listeners {
			n := <-counts
			if five := n["flow_dpi_complete"]; n["flow_purge"] != flows || n["flow"]%flows != 0 || n["flow"] == 0 || five != 0 && five != flows {
				t.Errorf("patient %v: %v", patient, n)
			}
		}
		if n := e.fanout.Counters(); n.Lost != 0 {
			t.Errorf("patient %v: %d lines were lost", patient, n.Lost)
		}
	}
}
