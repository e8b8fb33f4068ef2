package main

import (
	"encoding/binary"
	"math/rand"
	"strings"
)

// Sizes of what is written whole, near those of a busy hour of a small office.
const (
	mixCopies     = 190
	mixWindow     = 540e9 // nanoseconds in which captures begin
	elephants     = 20
	segments      = 18500 // of data in each elephant
	manyPackets   = 2_300_000
	flowsWindow   = 300e9
	segmentLength = 1448
)

// mix is every capture of the library many times, begun at any time.
func mix(w *writer, library []capture, part int) {
	r := rand.New(rand.NewSource(42))
	var list []copied
	for i := range library {
		for n := range mixCopies / part {
			begin := r.Int63n(mixWindow)
			for j := range library[i].packets {
				p := &library[i].packets[j]
				list = append(list, copied{begin + min(p.at, 60e9), p, uint32(i*mixCopies+n) + 1})
			}
		}
	}
	w.putAll(list)
}

// pick gives the captures whose name begins with one of prefixes.
func pick(library []capture, prefixes ...string) (list []*capture) {
	for i := range library {
		for _, p := range prefixes {
			if strings.HasPrefix(library[i].name, p) && len(library[i].packets) < 60 {
				list = append(list, &library[i])
			}
		}
	}
	return list
}

// manyFlows is copies of short captures, 70 of 100 of DNS, 15 of HTTP, 15 of TLS.
func manyFlows(w *writer, library []capture, part int) {
	r := rand.New(rand.NewSource(42))
	dns, http, tls := pick(library, "dns"), pick(library, "http-"), pick(library, "tls", "https")
	var list []copied
	for n := uint32(1); len(list) < manyPackets/part; n++ {
		kind := dns
		switch x := r.Intn(100); {
		case x < 15:
			kind = http
		case x < 30:
			kind = tls
		}
		c := kind[r.Intn(len(kind))]
		begin := r.Int63n(flowsWindow)
		for j := range c.packets {
			list = append(list, copied{begin + min(c.packets[j].at, 5e9), &c.packets[j], n})
		}
	}
	w.putAll(list)
}

// elephant is large HTTP downloads, an acknowledgement for every second segment.
func elephant(w *writer, _ []capture, part int) {
	response := "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Length: 99999999\r\n\r\n" + strings.Repeat("x", segmentLength)
	at := int64(0)
	send := func(n int, down bool, flags byte, seq, ack uint32, payload string) {
		at += 2e3
		w.put(at, segment(n, down, flags, seq, ack, payload))
	}
	for n := range elephants {
		send(n, false, 2, 0, 0, "")
		send(n, true, 0x12, 0, 1, "")
		send(n, false, 0x18, 1, 1, "GET /file HTTP/1.1\r\nHost: download.example.org\r\n\r\n")
	}
	const asked = 1 + uint32(len("GET /file HTTP/1.1\r\nHost: download.example.org\r\n\r\n"))
	for i := range segments / part {
		for n := range elephants {
			seq := 1 + uint32(i)*segmentLength
			send(n, true, 0x10, seq, asked, response[:segmentLength])
			if i%2 == 1 {
				send(n, false, 0x10, asked, seq+segmentLength, "")
			}
		}
	}
	sent := uint32(segments / part)
	for n := range elephants {
		send(n, true, 0x11, 1+sent*segmentLength, asked, "")
		send(n, false, 0x11, asked, 2+sent*segmentLength, "")
	}
}

// segment is a TCP segment of the n-th connection from port 80 or to it.
func segment(n int, down bool, flags byte, seq, ack uint32, payload string) []byte {
	b := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0}
	client, server := []byte{10, 9, 1, byte(n)}, []byte{198, 51, 100, byte(n)}
	cport, sport := uint16(40000+n), uint16(80)
	if down {
		client, server, cport, sport = server, client, sport, cport
	}
	b = append(append(b, client...), server...)
	b = binary.BigEndian.AppendUint16(b, cport)
	b = binary.BigEndian.AppendUint16(b, sport)
	b = binary.BigEndian.AppendUint32(b, seq)
	b = binary.BigEndian.AppendUint32(b, ack)
	b = append(b, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0)
	b = append(b, payload...)
	binary.BigEndian.PutUint16(b[16:], uint16(len(b)-14))
	return b
}
