package engine

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/device"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// carries are the UDP ports of tunnels, whose inner packets are booked.
var carries = map[uint16]bool{1701: true, 2152: true, 3544: true, 4754: true, 4789: true, 4790: true, 5072: true, 6081: true, 6635: true, 8472: true}

// byMAC is a second way to count: a reader of pcap files that knows Ethernet,
// VLAN tags and the length of an IP packet, and nothing of flows. plain: there
// was nothing else in the file.
func byMAC(t *testing.T, path string) (sent, got map[string]uint64, plain bool) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if len(b) < 24 {
		return nil, nil, false
	}
	switch binary.LittleEndian.Uint32(b) {
	case 0xa1b2c3d4, 0xa1b23c4d:
	default:
		if m := binary.BigEndian.Uint32(b); m != 0xa1b2c3d4 && m != 0xa1b23c4d {
			return nil, nil, false // pcapng
		}
		order = binary.BigEndian
	}
	if order.Uint32(b[20:])&0xffff != 1 {
		return nil, nil, false
	}
	sent, got = map[string]uint64{}, map[string]uint64{}
	for b = b[24:]; len(b) >= 16; {
		n, whole := int(order.Uint32(b[8:])), order.Uint32(b[12:])
		if len(b) < 16+n {
			return nil, nil, false
		}
		f := b[16 : 16+n]
		b = b[16+n:]
		if uint32(n) != whole || n < 14 {
			return nil, nil, false
		}
		at := 12
		for len(f) > at+6 && (binary.BigEndian.Uint16(f[at:]) == 0x8100 || binary.BigEndian.Uint16(f[at:]) == 0x88a8) {
			at += 4
		}
		length := uint64(0)
		switch ip := f[at+2:]; binary.BigEndian.Uint16(f[at:]) {
		case 0x0800:
			if ip[9] == 4 || ip[9] == 41 || ip[9] == 47 || binary.BigEndian.Uint16(ip[6:])&0x3fff != 0 { // tunnels and fragments
				return nil, nil, false
			}
			if head := int(ip[0]&15) * 4; ip[9] == 17 && len(ip) >= head+4 && carries[binary.BigEndian.Uint16(ip[head+2:])] {
				return nil, nil, false
			}
			length = uint64(binary.BigEndian.Uint16(ip[2:]))
		case 0x86dd:
			if ip[6] == 4 || ip[6] == 41 || ip[6] == 47 || ip[6] == 44 {
				return nil, nil, false
			}
			length = 40 + uint64(binary.BigEndian.Uint16(ip[4:]))
		default:
			continue
		}
		sent[net.HardwareAddr(f[6:12]).String()] += length
		got[net.HardwareAddr(f[:6]).String()] += length
	}
	return sent, got, true
}

// What is booked for a device is what its hardware address sent and got.
func TestUsageIsThatOfTheHardwareAddress(t *testing.T) {
	apps := app.Default()
	files, devices := 0, 0
	paths, _ := filepath.Glob("../../testdata/*.pcap") // others may have routers that are devices, too
	for _, path := range paths {
		sent, got, plain := byMAC(t, path)
		if !plain {
			continue
		}
		sum, err := Replay(config.Default(), apps, path, "x", silent{})
		if err != nil && !errors.Is(err, pcapfile.ErrTruncated) {
			t.Fatal(path, err)
		}
		files++
		u := sum.Usage
		u.Devices.Lock()
		rows, _ := u.Rows(nil, 0, u.Steps())
		have := map[device.ID]usage.Octets{}
		for _, x := range rows {
			n := have[x.Device]
			have[x.Device] = usage.Octets{Down: n.Down + x.Down, Up: n.Up + x.Up}
		}
		for id, n := range have {
			if d := u.Devices.At(id); d.Kind != device.ByMAC {
				continue
			}
			devices++
			mac := u.Devices.Text(id)
			if n.Up != sent[mac] || n.Down != got[mac] {
				t.Errorf("%s: %s sent %d and got %d, booked %d and %d", filepath.Base(path), mac, sent[mac], got[mac], n.Up, n.Down)
			}
		}
		u.Devices.Unlock()
	}
	t.Logf("%d captures, %d devices", files, devices)
	if files < 100 || devices < 100 {
		t.Errorf("only %d captures and %d devices were counted twice", files, devices)
	}
}
