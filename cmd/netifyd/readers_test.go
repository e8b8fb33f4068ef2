package main

import (
	"bufio"
	"bytes"
	bytesof "encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Programs read the stream in ways of their own. These tests read it as they
// do, off the real binary that replays a capture through its sockets.

// foreignCapture is a capture with two questions for names that are not ASCII,
// as LLMNR sends them in UTF-8 (RFC 4795, section 2), and one for a plain name.
func foreignCapture(t *testing.T) string {
	t.Helper()
	b := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0}
	for i, name := range []string{"客厅电视", "grün-\u202egnp", "printer"} {
		q := append([]byte{0, byte(i), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, byte(len(name))}, name...)
		q = append(q, 0, 0, 1, 0, 1)
		udp := bytesof.BigEndian.AppendUint16(nil, uint16(50000+i))
		udp = bytesof.BigEndian.AppendUint16(udp, 5355)
		udp = bytesof.BigEndian.AppendUint16(udp, uint16(8+len(q)))
		udp = append(append(udp, 0, 0), q...)
		ip := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 1, 17, 0, 0, 192, 168, 1, 7, 224, 0, 0, 252}
		bytesof.BigEndian.PutUint16(ip[2:], uint16(20+len(udp)))
		frame := append([]byte{1, 0, 0x5e, 0, 0, 0xfc, 2, 0, 0, 0, 0, 7, 8, 0}, append(ip, udp...)...)
		b = bytesof.LittleEndian.AppendUint32(b, uint32(1700000000+i))
		b = bytesof.LittleEndian.AppendUint32(b, 0)
		b = bytesof.LittleEndian.AppendUint32(b, uint32(len(frame)))
		b = bytesof.LittleEndian.AppendUint32(b, uint32(len(frame)))
		b = append(b, frame...)
	}
	path := filepath.Join(t.TempDir(), "foreign.pcap")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// served replays captures through a socket of a dialect, one after the other,
// and gives each connection to read. ask is sent first.
func served(t *testing.T, dialect, ask string, captures []string, read func(name string, conn net.Conn)) {
	t.Helper()
	servedWith(t, fmt.Sprintf("dialect = %q\n", dialect), ask, captures, read)
}

// servedWith is served with more settings of the listener, and tables behind it.
func servedWith(t *testing.T, settings, ask string, captures []string, read func(name string, conn net.Conn)) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("the agent takes capabilities")
	}
	for group := range slices.Chunk(captures, together()) {
		dir := t.TempDir()
		sock, conf := filepath.Join(dir, "s"), filepath.Join(dir, "c.toml")
		text := fmt.Sprintf("[agent]\nvolatile_dir = %q\nuuid_path = %q\n[log]\nlevel = \"warn\"\n[applications]\ndir = \"\"\n[[listen]]\npath = %q\n%s",
			dir, filepath.Join(dir, "uuid"), sock, settings)
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(binary, "-c", conf, "--wait-for-client")
		for _, capture := range group {
			cmd.Args = append(cmd.Args, "-I", "lo,"+capture)
		}
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		conn := dialWithin(t, sock, 30*time.Second)
		conn.SetDeadline(time.Now().Add(2 * time.Minute))
		if ask != "" {
			fmt.Fprintln(conn, ask)
		}
		read(filepath.Base(group[0]), conn)
		conn.Close()
		err := cmd.Wait()
		for l := range strings.Lines(said.String()) {
			if !strings.Contains(l, " alert=") { // of what is in the capture
				t.Errorf("%s: %s", group, l)
			}
		}
		if err != nil {
			t.Errorf("%s: %v", group, err)
		}
	}
}

func dialWithin(t *testing.T, sock string, d time.Duration) net.Conn {
	t.Helper()
	for end := time.Now().Add(d); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("unix", sock)
		if err == nil {
			return conn
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// together is how many captures one agent replays: of many, so many that all of
// them take a minute.
func together() int {
	if os.Getenv("NETIFYD_CAPTURES") != "" {
		return 32
	}
	return 1
}

// some are captures with text from the network, tunnels, many flows and few.
// Where NETIFYD_CAPTURES names a directory, all of that and of testdata are read,
// in groups.
func some(t *testing.T) []string {
	list := []string{foreignCapture(t)}
	if dir := os.Getenv("NETIFYD_CAPTURES"); dir != "" {
		for _, pattern := range []string{filepath.Join(root, "testdata", "*.pcap*"), filepath.Join(dir, "*.pcap*"), filepath.Join(dir, "*.cap")} {
			more, _ := filepath.Glob(pattern)
			list = append(list, more...)
		}
		return list
	}
	for _, name := range []string{"llmnr", "mdns", "http-get", "tls-firefox", "ssdp", "vxlan", "vnc", "dns", "ftp-active", "sip-call", "unknown"} {
		list = append(list, filepath.Join(root, "testdata", name+".pcap"))
	}
	return list
}

// few are the first of some, or all where many are wanted.
func few(t *testing.T, n int) []string {
	list := some(t)
	if os.Getenv("NETIFYD_CAPTURES") == "" {
		list = list[:n]
	}
	return list
}

// The firewall agent and the statistics of layer 7 read text: a header, then so
// many characters as it says. One character of more than a byte would end them.
func TestReaderThatCountsCharacters(t *testing.T) {
	names := 0
	for _, dialect := range []string{"3", "4"} {
		served(t, dialect, "", some(t), func(name string, conn net.Conn) {
			in := bufio.NewReader(conn)
			for n := 0; ; n++ {
				head, err := in.ReadString('\n')
				if err == io.EOF && head == "" && n > 3 {
					return
				}
				var h struct{ Length *int }
				if err != nil || json.Unmarshal([]byte(head), &h) != nil || h.Length == nil {
					t.Fatalf("%s: no header: %.100q, %v", name, head, err)
				}
				var line strings.Builder
				for range *h.Length {
					r, _, err := in.ReadRune()
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					line.WriteRune(r)
				}
				var e struct {
					Type string
					Flow struct {
						DNS struct{ Query string }
					}
				}
				if err := json.Unmarshal([]byte(line.String()), &e); err != nil || e.Type == "" {
					t.Fatalf("%s: %v in %.200q", name, err, line.String())
				}
				if e.Flow.DNS.Query == "客厅电视" {
					names++
				}
			}
		})
	}
	if names < 2 {
		t.Errorf("the name that is not ASCII was told %d times", names)
	}
}

// QoSimodo gives pieces of the stream, cut where the network cut it, to a
// tokener that knows neither lines nor headers, and has room for 1024 names.
func TestReaderOfPieces(t *testing.T) {
	for _, dialect := range []string{"3", "4", "5"} {
		served(t, dialect, "", few(t, 4), func(name string, conn net.Conn) {
			pr, pw := io.Pipe()
			go func() {
				piece := make([]byte, 536) // of the smallest TCP segment that hosts must take
				for n := 1; ; n = n*7%533 + 1 {
					got, err := conn.Read(piece[:n])
					if got > 0 {
						pw.Write(piece[:got])
					}
					if err != nil {
						pw.Close()
						return
					}
				}
			}()
			d := json.NewDecoder(pr)
			kinds := map[string]int{}
			for {
				var v map[string]any
				if err := d.Decode(&v); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				kind, _ := v["type"].(string)
				if kind == "" {
					kind = "header"
				}
				kinds[kind]++
				if list, ok := v["protocols"].([]any); ok && kind == "protocols" && len(list) >= 1024 {
					t.Errorf("%d names: a small reader has room for 1024", len(list))
				}
			}
			if kinds["flow"] == 0 || kinds["flow_purge"] == 0 || (kinds["header"] == 0) != (dialect == "5") {
				t.Errorf("%s, dialect %s: %v", name, dialect, kinds)
			}
		})
	}
}

// A script of Openwrt-Monitoring makes a flow flat with sed: it takes away what
// opens the flow object, and every brace behind a zero.
func TestReaderThatCutsBraces(t *testing.T) {
	zero := regexp.MustCompile(`0}`)
	lost := regexp.MustCompile(`"vlan_id":[1-9]`) // docs/readers.md
	flows := 0
	for path := range slices.Chunk(some(t)[1:], together()) {
		cmd := exec.Command(binary, append(strings.Fields("-c /dev/null replay --dialect 3"), path...)...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(out)) {
			if !strings.Contains(l, `"type":"flow"`) || lost.MatchString(l) {
				continue
			}
			l = strings.Replace(strings.Replace(l, `"established":false,`, "", 1), `"flow":{`, "", 1)
			l = zero.ReplaceAllString(l, "0")
			var v map[string]any
			if err := json.Unmarshal([]byte(l), &v); err != nil {
				t.Errorf("%s: %v in %s", path, err, l)
			} else if v["local_ip"] == nil || v["interface"] == nil {
				t.Errorf("%s: not flat: %s", path, l)
			}
			flows++
		}
	}
	if flows < 20 {
		t.Errorf("%d flows", flows)
	}
}

// Collectors of the time before flow_purge take every line with "established" for
// a flow, and look up where its other address is: one that is no address ends
// them. Either the listener leaves out what they do not know, or counters say whose they are.
func TestReaderThatTakesAnyLineForAFlow(t *testing.T) {
	for _, c := range []struct{ settings, kinds string }{
		{"dialect = \"3\"\nkinds = [\"agent_hello\", \"agent_status\", \"protocols\", \"flow\"]\n", "flow"},
		{"dialect = \"4\"\n[clients]\nnamed_counters = true\n", "flow flow_purge"},
	} {
		servedWith(t, c.settings, "", few(t, 4)[1:], func(name string, conn net.Conn) {
			in := bufio.NewScanner(conn)
			in.Buffer(nil, 1<<20)
			kinds := map[string]bool{}
			for in.Scan() {
				l := in.Text()
				if !strings.Contains(l, "established") && !(strings.Contains(l, "flow") && strings.Contains(l, "local_ip")) {
					continue
				}
				var e struct {
					Type string
					Flow struct {
						Other string `json:"other_ip"`
						Port  *int   `json:"other_port"`
						Name  string `json:"detected_protocol_name"`
					}
				}
				if err := json.Unmarshal([]byte(l), &e); err != nil {
					t.Fatal(err)
				}
				if net.ParseIP(e.Flow.Other) == nil || e.Flow.Port == nil || e.Flow.Name == "" {
					t.Errorf("%s: no flow: %s", name, l)
				}
				kinds[e.Type] = true
			}
			for _, k := range []string{"flow", "flow_purge", "flow_stats"} {
				if kinds[k] && !strings.Contains(" "+c.kinds+" flow_stats", " "+k) || !kinds[k] && strings.Contains(" "+c.kinds+" ", " "+k+" ") {
					t.Errorf("%s: %v, want %s", name, kinds, c.kinds)
				}
			}
		})
	}
}

// A reader of netifyd 5 takes a line for an event, and what it asked for only.
func TestReaderOfFive(t *testing.T) {
	served(t, "5", `{"kinds":["flow_dpi_complete","flow_purge"]}`, few(t, 5), func(name string, conn net.Conn) {
		kinds := map[string]int{}
		in := bufio.NewScanner(conn)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			var e struct{ Type string }
			if err := json.Unmarshal(in.Bytes(), &e); err != nil {
				t.Fatalf("%s: %v in %s", name, err, in.Text())
			}
			kinds[e.Type]++
		}
		if err := in.Err(); err != nil && !errors.Is(err, io.EOF) {
			t.Error(err)
		}
		if kinds["flow_dpi_complete"] == 0 || kinds["flow_dpi_complete"] != kinds["flow_purge"] || len(kinds) != 2 {
			t.Errorf("%s: %v", name, kinds)
		}
	})
}

// Readers of status.json look for members of several versions.
func TestReaderOfStatus(t *testing.T) {
	served(t, "4", "", some(t)[3:4], func(name string, conn net.Conn) {
		b, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		last := b[bytes.LastIndex(b, []byte(`{"agent_version"`)):]
		var st map[string]any
		if err := json.NewDecoder(bytes.NewReader(last)).Decode(&st); err != nil {
			t.Fatal(err)
		}
		for _, k := range strings.Fields("flow_count flows_active uptime cpu_system cpu_user memrss_kb stats devices dns_hint_cache") {
			if _, ok := st[k]; !ok {
				t.Errorf("agent_status lacks %s", k)
			}
		}
		if kb, _ := st["memrss_kb"].(float64); kb < 1000 {
			t.Errorf("memrss_kb is %s", strconv.FormatFloat(kb, 'f', -1, 64))
		}
	})
}
