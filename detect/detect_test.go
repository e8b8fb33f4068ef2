package detect

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"netifyd/core/proto"
)

// A capture in ../testdata is NAME.pcap beside NAME.txt, which says in its
// first two lines how it was made, and then for every transport and server
// port in it what its flows are:
//
//	flow tcp 443 HTTP/S
//	flow udp * RTP          any port that no other line names
//	flow icmp - ICMP
//	flow tcp 8083 HTTP HAProxy    HTTP that the card of HAProxy finds
const testdata = "../testdata"

// said is one piece of a test flow: a segment or a datagram.
type said struct {
	fromServer bool
	bytes      []byte
}

// testFlow is one flow of a capture, with what it is.
type testFlow struct {
	capture string
	label   string
	in      Input // Over, IPProtocol and ports
	said    []said
	want    proto.ID
	by      proto.ID // whose card finds it; Unknown: its own
}

var loadOnce sync.Once
var loaded []*testFlow

// testFlows reads every labelled capture in testdata, once.
func testFlows(t testing.TB) []*testFlow {
	loadOnce.Do(func() {
		names, _ := filepath.Glob(filepath.Join(testdata, "*.pcap"))
		for _, name := range names {
			if _, err := os.Stat(strings.TrimSuffix(name, ".pcap") + ".txt"); err != nil {
				continue
			}
			loaded = append(loaded, readFlows(t, name)...)
		}
	})
	return loaded
}

// label is what a line says of flows.
type label struct{ want, by proto.ID }

func readLabels(t testing.TB, name string) map[string]label {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]label{}
	scan := bufio.NewScanner(bytes.NewReader(text))
	for scan.Scan() {
		f := strings.Fields(scan.Text())
		if len(f) != 4 && len(f) != 5 || f[0] != "flow" {
			continue
		}
		id, ok := proto.Parse(f[3])
		if !ok {
			t.Fatalf("%s: no protocol %q", name, f[3])
		}
		l := label{want: id}
		if len(f) == 5 {
			if l.by, ok = proto.Parse(f[4]); !ok {
				t.Fatalf("%s: no protocol %q", name, f[4])
			}
		}
		labels[f[1]+" "+f[2]] = l
	}
	return labels
}

// readFlows gives the flows of a capture and what its labels say of them.
func readFlows(t testing.TB, name string) (out []*testFlow) {
	labels := readLabels(t, strings.TrimSuffix(name, ".pcap")+".txt")
	flows, err := readCapture(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, fl := range flows {
		names := map[Transport]string{TCP: "tcp", UDP: "udp", IP: "ip" + strconv.Itoa(int(fl.in.IPProtocol))}
		port := strconv.Itoa(int(fl.in.ServerPort))
		fl.label = names[fl.in.Over] + " " + port
		if fl.in.Over == IP {
			fl.label = names[IP] + " -"
		}
		l, ok := labels[fl.label]
		if !ok {
			l, ok = labels[names[fl.in.Over]+" *"]
		}
		if !ok {
			t.Errorf("%s: no line says what %q is", fl.capture, fl.label)
			continue
		}
		fl.want, fl.by = l.want, l.by
		if len(fl.said) > 0 {
			out = append(out, fl)
		}
	}
	return out
}

// packetReader reads a capture of either kind.
type packetReader interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
	LinkType() layers.LinkType
}

// readCapture puts the segments of each flow in order. Retransmissions are
// dropped and reordered segments held back: the engine's own reassembly is tested elsewhere.
func readCapture(name string) ([]*testFlow, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var r packetReader
	if r, err = pcapgo.NewReader(bytes.NewReader(data)); err != nil {
		r, err = pcapgo.NewNgReader(bytes.NewReader(data), pcapgo.DefaultNgReaderOptions)
	}
	if err != nil {
		return nil, err
	}
	type state struct {
		*testFlow
		client  string
		next    [2]uint32
		known   [2]bool
		waiting [2]map[uint32][]byte
	}
	flows := map[string]*state{}
	var order []*testFlow
	for {
		data, _, err := r.ReadPacketData()
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return order, err
		}
		p := gopacket.NewPacket(data, r.LinkType(), gopacket.DecodeOptions{NoCopy: true})
		var src, dst string
		var over Transport
		var ipproto uint8
		switch n := p.NetworkLayer().(type) {
		case *layers.IPv4:
			src, dst, ipproto = n.SrcIP.String(), n.DstIP.String(), uint8(n.Protocol)
			if n.FragOffset != 0 || n.Flags&layers.IPv4MoreFragments != 0 {
				continue
			}
		case *layers.IPv6:
			src, dst, ipproto = n.SrcIP.String(), n.DstIP.String(), uint8(n.NextHeader)
		default:
			continue
		}
		var sport, dport uint16
		var payload []byte
		var tcp *layers.TCP
		switch l := p.TransportLayer().(type) {
		case *layers.TCP:
			over, sport, dport, payload, tcp, ipproto = TCP, uint16(l.SrcPort), uint16(l.DstPort), l.Payload, l, 6
		case *layers.UDP:
			over, sport, dport, payload, ipproto = UDP, uint16(l.SrcPort), uint16(l.DstPort), l.Payload, 17
		default:
			over, payload = IP, p.NetworkLayer().LayerPayload()
		}
		from, to := fmt.Sprintf("%s %d", src, sport), fmt.Sprintf("%s %d", dst, dport)
		ends := []string{from, to}
		sort.Strings(ends)
		key := fmt.Sprint(ipproto, ends)
		s := flows[key]
		if s == nil {
			s = &state{testFlow: &testFlow{capture: filepath.Base(name), in: Input{Over: over, IPProtocol: ipproto, ServerPort: dport, ClientPort: sport}}, client: from}
			if tcp != nil && tcp.SYN && tcp.ACK {
				s.client, s.in.ServerPort, s.in.ClientPort = to, sport, dport
			}
			s.waiting = [2]map[uint32][]byte{{}, {}}
			flows[key] = s
			order = append(order, s.testFlow)
		}
		dir := 0
		if from != s.client {
			dir = 1
		}
		add := func(b []byte) { s.said = append(s.said, said{dir == 1, bytes.Clone(b)}) }
		if tcp == nil {
			if len(payload) > 0 || over == IP {
				add(payload)
			}
			continue
		}
		if tcp.SYN {
			s.next[dir], s.known[dir] = tcp.Seq+1, true
			continue
		}
		if len(payload) == 0 {
			continue
		}
		if !s.known[dir] {
			s.next[dir], s.known[dir] = tcp.Seq, true
		}
		s.waiting[dir][tcp.Seq] = bytes.Clone(payload)
		for progress := true; progress; {
			progress = false
			for seq, b := range s.waiting[dir] {
				skip := int32(s.next[dir] - seq)
				if skip < 0 {
					continue
				}
				delete(s.waiting[dir], seq)
				if int(skip) < len(b) {
					add(b[skip:])
					s.next[dir] += uint32(len(b) - int(skip))
					progress = true
				}
			}
		}
	}
	return order, nil
}

// replay gives a flow to see as the engine would, byte by byte for TCP where
// fine is set, and stops when see says so.
func (fl *testFlow) replay(limit int, fine bool, see func(in *Input) (stop bool)) {
	in := fl.in
	var held []byte
	var stream [2][]byte
	for _, s := range fl.said {
		d := 0
		if s.fromServer {
			d = 1
		}
		in.FromServer = s.fromServer
		if in.Over != TCP {
			in.ToServer, in.ToClient = nil, nil
			if s.fromServer {
				in.ToClient = s.bytes
			} else {
				in.ToServer = s.bytes
			}
			in.SetHeld(held)
			if see(&in) {
				return
			}
			if len(held)+HeldSize(len(s.bytes)) <= limit {
				held = AppendHeld(held, s.fromServer, s.bytes, 0)
			}
			continue
		}
		b := s.bytes
		for len(b) > 0 && len(stream[d]) < limit {
			n := len(b)
			if fine {
				n = 1
			}
			n = min(n, limit-len(stream[d]))
			stream[d] = append(stream[d], b[:n]...)
			b = b[n:]
			in.ToServer, in.ToClient = stream[0], stream[1]
			if see(&in) {
				return
			}
		}
	}
}

// maxPackets is the default of max_detection_packets.
const maxPackets = 32

// testProtocol holds a detector to the rules of the seam, with the captures in
// testdata whose flows are id or any of kin (what id turns into).
func testProtocol(t *testing.T, id proto.ID, kin ...proto.ID) {
	t.Helper()
	card := Card(id)
	if card == None {
		t.Fatalf("%v is not registered", id)
	}
	p := &Registry[card]
	mine := func(fl *testFlow) bool {
		w := fl.want
		if fl.by != proto.Unknown {
			w = fl.by
		}
		for _, k := range append(kin, id) {
			if w == k {
				return true
			}
		}
		return false
	}
	tested := 0
	res := new(Result)
	for _, fl := range testFlows(t) {
		if fl.in.Over&p.Over == 0 {
			continue
		}
		where := fl.capture + " " + fl.label
		if !mine(fl) {
			if p.Tier == Heuristic && fl.want != proto.Unknown {
				continue
			}
			packets := 0
			fl.replay(p.Limit, false, func(in *Input) bool {
				res.Reset(id)
				v := p.Inspect(in, res)
				if v == Match && res.Protocol != fl.want {
					t.Errorf("%s is %v, but %v says it is %v", where, fl.want, id, res.Protocol)
				}
				packets++
				return v != NeedMore || packets == maxPackets
			})
			continue
		}
		tested++
		matched := false
		var last proto.ID
		n := 0
		fl.replay(max(p.Limit, 1), true, func(in *Input) bool {
			res.Reset(id)
			v := p.Inspect(in, res)
			n++
			switch {
			case v == No && !matched && fl.in.Over == TCP:
				t.Errorf("%s: No after %d + %d bytes: %s", where, len(in.ToServer), len(in.ToClient), hex.EncodeToString(in.Newest()[:min(32, len(in.Newest()))]))
				return true
			case v == No && !matched:
				return true
			case v == Match:
				matched, last = true, res.Protocol
			case matched && fl.in.Over == TCP:
				t.Errorf("%s: Match, then verdict %d after %d + %d bytes", where, v, len(in.ToServer), len(in.ToClient))
				return true
			}
			return n > 6000
		})
		if !matched {
			t.Errorf("%s: %v was not recognised", where, id)
		} else if last != fl.want && fl.want != id {
			t.Errorf("%s: is %v at the end, want %v", where, last, fl.want)
		}
		fl.replay(max(p.Limit, 1), false, func(in *Input) bool {
			if a := testing.AllocsPerRun(2, func() { res.Reset(id); p.Inspect(in, res) }); a != 0 {
				t.Errorf("%s: %v allocates %v times", where, id, a)
				return true
			}
			return false
		})
	}
	if tested == 0 {
		t.Errorf("no capture in testdata has a flow of %v", id)
	}
}

// inspectHex asks one card about hexadecimal bytes of a first message to the
// server, and about every prefix of them, none of which may panic.
func inspectBytes(t testing.TB, id proto.ID, in Input) (Verdict, *Result) {
	t.Helper()
	card := Card(id)
	if card == None {
		t.Fatalf("%v is not registered", id)
	}
	p := &Registry[card]
	res := new(Result)
	full := in
	for _, side := range []*[]byte{&in.ToServer, &in.ToClient} {
		whole := *side
		for n := range whole {
			*side = whole[:n:n]
			res.Reset(id)
			p.Inspect(&in, res)
		}
		*side = whole
	}
	res.Reset(id)
	return p.Inspect(&full, res), res
}

// TestWholeRegistry asks all cards at once about every flow in testdata, as the
// engine does, then again with the cards of each tier shuffled: the answer must not change.
func TestWholeRegistry(t *testing.T) {
	flows := testFlows(t)
	saved := append([]Protocol(nil), Registry...)
	defer func() { Registry = saved; arrange() }()
	classify := func(fl *testFlow) proto.ID {
		var cand Candidates
		res := new(Result)
		got, matched, packets := proto.Unknown, None, 0
		fl.replay(12288, false, func(in *Input) bool {
			if packets++; packets == 1 {
				cand = Start(in)
			}
			if matched == None {
				_, matched = Inspect(in, &cand, res)
				if matched != None {
					got = res.Protocol
				}
				return matched == None && cand.Empty() || matched != None && !res.More || packets == maxPackets
			}
			if Again(in, matched, res, res.Set.AppendPacked(nil)) == Match {
				got = res.Protocol
				return !res.More
			}
			return packets == maxPackets
		})
		return got
	}
	for _, fl := range flows {
		if fl.want == proto.FTPD {
			continue // its bytes say nothing: the control connection announces it
		}
		if got := classify(fl); got != fl.want {
			t.Errorf("%s %s is %v, want %v", fl.capture, fl.label, got, fl.want)
		}
	}
	rng := rand.New(rand.NewSource(1))
	for range 3 {
		rng.Shuffle(len(Registry), func(i, j int) { Registry[i], Registry[j] = Registry[j], Registry[i] })
		rearrange()
		for _, fl := range flows {
			if got := classify(fl); got != fl.want && fl.want != proto.FTPD {
				t.Errorf("cards shuffled: %s %s is %v, want %v", fl.capture, fl.label, got, fl.want)
			}
		}
	}
}

// TestEveryCardIsListed: one that is missing in cards would be asked nothing.
func TestEveryCardIsListed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("cards.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			if name, ok := strings.CutPrefix(line, "var "); ok && strings.Contains(line, " = Protocol{") {
				found++
				if name, _, _ = strings.Cut(name, " "); strings.Count(string(list), "\t&"+name+",\n") != 1 {
					t.Errorf("%s: %s is not a line of cards.go", f, name)
				}
			}
		}
	}
	if found != len(cards) {
		t.Errorf("%d cards found in files, %d listed", found, len(cards))
	}
}

// checkStart says that every card which does not refuse the first bytes of a
// flow is among those that Start gives.
func checkStart(t testing.TB, what string, in *Input, res *Result) {
	t.Helper()
	if in.Over != TCP && in.Over != UDP || len(in.held) > 0 || len(in.Newest()) == 0 || len(in.ToServer) > 0 && len(in.ToClient) > 0 {
		return
	}
	c := Start(in)
	for i := range Registry {
		if p := &Registry[i]; p.Over&in.Over != 0 && !c.has(i) {
			res.Reset(p.ID)
			if v := p.Inspect(in, res); v != No {
				t.Errorf("%s: %v gives verdict %d, but Start leaves it out", what, p.ID, v)
			}
		}
	}
}

// TestStart replaces the first byte of what flows of testdata begin with by
// every other, too, so that a card is tried with bytes it does not name.
func TestStart(t *testing.T) {
	res := new(Result)
	for _, fl := range testFlows(t) {
		fl.replay(4096, false, func(in *Input) bool {
			checkStart(t, fl.capture+" "+fl.label, in, res)
			in.ServerPort, in.ClientPort = 0, 0
			side := &in.ToServer
			if in.FromServer {
				side = &in.ToClient
			}
			*side = slices.Clone(*side)
			for b := range 256 {
				(*side)[0] = byte(b)
				checkStart(t, fmt.Sprintf("%s %s, first byte %#02x", fl.capture, fl.label, b), in, res)
			}
			return true
		})
		if t.Failed() {
			return
		}
	}
}

// BenchmarkUnknown asks about flows that begin with noise, of every first byte.
func BenchmarkUnknown(b *testing.B) {
	const size = 200
	rng := rand.New(rand.NewSource(1))
	var noise [256][size]byte
	for first := range noise {
		rng.Read(noise[first][:])
		noise[first][0] = byte(first)
	}
	for _, c := range []struct {
		name    string
		over    Transport
		ipproto uint8
	}{{"TCP", TCP, 6}, {"UDP", UDP, 17}} {
		b.Run(c.name, func(b *testing.B) {
			res := new(Result)
			in := Input{Over: c.over, IPProtocol: c.ipproto, ClientPort: 40000, ServerPort: 50000}
			for i := range b.N {
				in.ToServer = noise[i&255][:]
				cand := Start(&in)
				Inspect(&in, &cand, res)
			}
		})
	}
}

// TestAdding asks the cards that add to what they told before about every flow
// in testdata: with and without it, the answers must be the same in the end.
// On the way a new beginning, as after a Retry, may take back what was told.
func TestAdding(t *testing.T) {
	packed := func(res *Result) []byte { return res.Set.AppendPacked(nil) }
	added := map[proto.ID]int{}
	for _, fl := range testFlows(t) {
		cand := Open(fl.in.Over)
		res, anew := new(Result), new(Result)
		matched := None
		fl.replay(12288, false, func(in *Input) bool {
			if matched == None {
				_, matched = Inspect(in, &cand, res)
				return matched != None && (!Registry[matched].Adds || !res.More)
			}
			kept := packed(res)
			if v, w := Again(in, matched, res, kept), Again(in, matched, anew, nil); v != w || v == Match && res.Protocol != anew.Protocol || res.More != anew.More {
				t.Errorf("%s %s: adding %v %v %v, anew %v %v %v", fl.capture, fl.label, v, res.Protocol, res.More, w, anew.Protocol, anew.More)
			}
			added[Registry[matched].ID]++
			return !res.More
		})
		if got, want := packed(res), packed(anew); matched != None && Registry[matched].Adds && added[Registry[matched].ID] > 0 && !bytes.Equal(got, want) {
			t.Errorf("%s %s: adding %q, anew %q", fl.capture, fl.label, got, want)
		}
	}
	for i := range Registry {
		if id := Registry[i].ID; Registry[i].Adds && added[id] < 10 {
			t.Errorf("%v: added to %d times", id, added[id])
		}
	}
}

// FuzzInspect gives arbitrary bytes to every card. Seeds are the flows of testdata.
func FuzzInspect(f *testing.F) {
	for _, fl := range testFlows(f) {
		fl.replay(4096, false, func(in *Input) bool {
			f.Add(uint16(0), uint8(in.Over), in.IPProtocol, in.ServerPort, in.FromServer, in.ToServer, in.ToClient)
			return true
		})
	}
	res := new(Result)
	f.Fuzz(func(t *testing.T, card uint16, over, ipproto uint8, port uint16, fromServer bool, toServer, toClient []byte) {
		in := Input{Over: Transport(over) & 7, IPProtocol: ipproto, ServerPort: port, ClientPort: 40000, FromServer: fromServer, ToServer: toServer, ToClient: toClient}
		for i := range Registry {
			if Registry[i].Over&in.Over == 0 {
				continue
			}
			res.Reset(Registry[i].ID)
			Registry[i].Inspect(&in, res)
			res.Reset(Registry[i].ID)
			Registry[i].Inspect(&in, res)
		}
		checkStart(t, "fuzz", &in, res)
	})
}
