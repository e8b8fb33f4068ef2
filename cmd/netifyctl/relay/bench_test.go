package relay

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output/mqtt/mqtttest"
)

// BenchmarkHTTP runs netifyctl as a program of its own between a stand-in of the
// agent, which tells events of 1 KiB as fast as they are taken, and a web server:
//
//	go test ./cmd/netifyctl/relay -run none -bench HTTP -benchtime 400000x
func BenchmarkHTTP(b *testing.B) {
	program := built(b)
	for _, kinds := range []string{"events", "flow"} {
		for _, compress := range []string{"none", "gzip"} {
			b.Run(kinds+"/"+compress, func(b *testing.B) {
				s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
				defer s.Close()
				relayed(b, program, 0, fmt.Sprintf("type = \"http\"\nurl = %q\nkinds = [%q]\ncompress = %q\nbatch_size = \"256KiB\"\n", s.URL, kinds, compress))
			})
		}
	}
}

// BenchmarkMosquitto does so with a broker, a message an event, 12 000 a second:
// a broker takes less than the agent can tell, and what has no room would be lost.
//
//	go test ./cmd/netifyctl/relay -run none -bench Mosquitto -benchtime 240000x
func BenchmarkMosquitto(b *testing.B) {
	program := built(b)
	for _, version := range []string{"3.1.1", "5"} {
		b.Run(version, func(b *testing.B) {
			m := mqtttest.NewMosquitto(b, "allow_anonymous true\n")
			relayed(b, program, 12000, fmt.Sprintf("type = \"mqtt\"\nurl = \"mqtt://%s\"\nversion = %q\nkinds = [\"events\"]\n", m.Address(), version))
		})
	}
}

// built compiles netifyctl.
func built(b *testing.B) string {
	program := filepath.Join(b.TempDir(), "netifyctl")
	if out, err := exec.Command("go", "build", "-o", program, "..").CombinedOutput(); err != nil {
		b.Fatalf("%v %s", err, out)
	}
	return program
}

// relayed tells the program b.N events, so many a second at most, 0: without
// pause, and waits until each was sent or lost.
func relayed(b *testing.B, program string, most int, output string) {
	dir := b.TempDir()
	socket, config := filepath.Join(dir, "s"), filepath.Join(dir, "c")
	l, err := net.Listen("unix", socket)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	text := fmt.Sprintf("stream = %q\ncontrol = \"%s/none\"\n[relay]\nagent = \"a\"\nstate = %q\nstatus = \"%s/status\"\n[[relay.output]]\nflush = \"1s\"\n%s", socket, dir, dir, dir, output)
	perEvent := 2
	if strings.Contains(output, `"events"`) {
		text += "events = [\"flow_dpi_complete\", \"flow_purge\"]\n"
		perEvent = 1
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	c := exec.Command(program, "relay", "--config", config)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Signal(syscall.SIGTERM)
	conn, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 4096)); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	began := time.Now()
	var line []byte
	for i := range b.N {
		line = append(line[:0], sample(i)...)
		if _, err := conn.Write(line); err != nil {
			b.Fatal(err)
		}
		if most > 0 && i%(most/100) == 0 {
			time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(most))))
		}
	}
	var st Status
	for {
		status, _ := os.ReadFile(filepath.Join(dir, "status"))
		if json.Unmarshal(status, &st) == nil && len(st.Streams) > 0 && st.Streams[0].Lines == uint64(b.N) && st.Outputs[0].Sent+st.Outputs[0].Lost >= uint64(b.N/perEvent) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.StopTimer()
	b.ReportMetric(float64(st.Outputs[0].Lost), "lost")
	proc, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.Process.Pid))
	b.ReportMetric(number(regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(proc))/1024, "MB-resident")
	if f := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')'):])); len(f) > 13 {
		user, _ := strconv.ParseFloat(f[12], 64)
		system, _ := strconv.ParseFloat(f[13], 64)
		b.ReportMetric((user+system)/100*1e6/float64(b.N), "cpu-µs/event")
	}
	// The status is written every few seconds, but says when the last came to its end.
	b.ReportMetric(float64(b.N)/time.Unix(st.Outputs[0].LastAck+1, 0).Sub(began).Seconds(), "events/s")
}

func number(m [][]byte) float64 {
	if len(m) < 2 {
		return -1
	}
	n, _ := strconv.ParseFloat(string(m[1]), 64)
	return n
}

// sample is an event of a flow: a record, or its end, as the agent writes them.
func sample(i int) []byte {
	flow := i / 2
	if i%2 == 1 {
		return fmt.Appendf(nil, `{"flow":{"detected_application":133,"detected_application_name":"netify.netflix","detected_protocol":196,"detected_protocol_name":"HTTP/S","detection_packets":9,"digest":"%040x","digest_prev":["%040x"],"last_seen_at":1484319036977,"local_bytes":1234,"local_ip":"192.168.1.7","local_mac":"e4:98:d6:1f:bd:14","local_packets":12,"local_rate":100.0,"other_bytes":45678,"other_packets":40,"other_rate":1000.0,"tcp":{"resets":0,"retrans":0,"seq_errors":0},"total_bytes":46912,"total_packets":52},"interface":"br-lan","internal":true,"reason":"closed","type":"flow_purge"}`+"\n", flow, flow)
	}
	return fmt.Appendf(nil, `{"flow":{"app_ip_override":false,"app_proto_twins":false,"category":{"application":29,"domain":0,"local_network":0,"other_network":0,"overlay":0,"protocol":22},"detected_application":133,"detected_application_name":"netify.netflix","detected_protocol":196,"detected_protocol_name":"HTTP/S","detection_confidence":"dpi","detection_guessed":false,"detection_packets":9,"detection_updated":false,"dhc_hit":true,"digest":"%040x","digest_prev":["%040x"],"dns_host_name":"e3067.dscg.akamaiedge.net","fhc_hit":false,"first_seen_at":1484319036854,"host_server_name":"art-%d.nflximg.net","ip_dscp":0,"ip_nat":false,"ip_protocol":6,"ip_version":4,"last_seen_at":1484319036977,"local_bytes":0,"local_ip":"192.168.1.7","local_mac":"e4:98:d6:1f:bd:14","local_origin":true,"local_packets":0,"local_port":53141,"local_rate":0.0,"other_bytes":0,"other_ip":"104.86.97.179","other_mac":"80:2a:a8:4c:61:cc","other_packets":0,"other_port":443,"other_rate":0.0,"other_type":"remote","risks":{"ndpi_risk_score":0,"ndpi_risk_score_client":0,"ndpi_risk_score_server":0},"soft_dissector":false,"ssl":{"alpn":["h2","http/1.1"],"alpn_server":["h2"],"cipher_suite":"0xc030","client_ja4":"t12d190800_d83cc789557e_7af1ed941c26","client_sni":"art-s.nflximg.net","server_cn":"secure.cdn.nflximg.net","version":"0x0303"},"tags":[],"total_bytes":0,"total_packets":0,"vlan_id":0},"interface":"br-lan","internal":true,"type":"flow_dpi_complete"}`+"\n", flow, flow, flow%500)
}
