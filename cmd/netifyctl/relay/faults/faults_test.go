package faults

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay"
)

// TestFaults lets netifyctl tell 1000 flows a second to servers of which each has
// a fault for MINUTES, and then none. Rows that were offered are rows that were
// stored and rows that were lost, usage is the agent's, and memory stays what it is.
// Without MINUTES the faults last seconds, with fewer flows.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	lasts, flows := 3*time.Second, 200
	if text := os.Getenv("MINUTES"); text != "" {
		minutes, err := strconv.ParseFloat(text, 64)
		if err != nil || minutes <= 0 {
			t.Fatalf("MINUTES=%s: want a number", text)
		}
		lasts, flows = time.Duration(minutes*float64(time.Minute)), 1000
	}
	a := newAgent(t)
	var all []*server
	for _, some := range [][]*server{webs(t), brokers(t), mosquitto(t), daemons(t)} {
		all = append(all, some...)
	}
	p := begin(t, a, all)
	second := func(n int, told int, each func(*server, int)) {
		began := time.Now()
		for i := range 10 {
			a.tell(told / 10)
			time.Sleep(time.Until(began.Add(time.Duration(i+1) * 100 * time.Millisecond)))
		}
		for _, s := range all {
			each(s, n)
		}
		p.sample()
	}
	nothing := func(*server, int) {}
	for n := range 3 {
		second(n, flows, nothing)
	}
	for _, s := range all {
		s.begin()
	}
	for end, n := time.Now().Add(lasts), 1; time.Now().Before(end); n++ {
		second(n, flows, func(s *server, n int) {
			if s.tick != nil {
				s.tick(n)
			}
		})
	}
	for _, s := range all {
		s.end()
	}
	p.recover(all, lasts)
	p.report(t, a, all)
}

// program is netifyctl.
type program struct {
	t      *testing.T
	a      *agent
	run    *exec.Cmd
	status string
	rss    []int // KiB, each second
	back   map[string]time.Duration
}

func begin(t *testing.T, a *agent, all []*server) *program {
	dir := t.TempDir()
	binary := filepath.Join(dir, "netifyctl")
	if out, err := exec.Command("go", "build", "-o", binary, "netifyd/cmd/netifyctl").CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	p := &program{t: t, a: a, status: filepath.Join(dir, "status"), back: map[string]time.Duration{}}
	text := fmt.Sprintf("stream = %q\ncontrol = %q\n[relay]\nagent = \"uu-id\"\nstate = %q\nstatus = %q\nusage_interval = \"2s\"\n", a.stream, a.control, dir, p.status)
	for _, s := range all {
		text += fmt.Sprintf("[[relay.output]]\nname = %q\n%skinds = [\"events\", \"usage\"]\nevents = [\"flow_dpi_complete\", \"flow_purge\"]\nbuffer = \"1MiB\"\nflush = \"1s\"\n", s.name, s.config)
	}
	config := filepath.Join(dir, "netifyctl.toml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	connected := a.accept()
	p.run = exec.Command(binary, "relay", "--config", config)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	p.run.Stderr = log
	if err := p.run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.run.Process.Signal(syscall.SIGTERM)
		p.run.Wait()
		if text, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("the relay says:\n%s", text[max(0, len(text)-8000):])
		}
	})
	connected()
	return p
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

func (p *program) sample() {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.run.Process.Pid))
	if m := resident.FindSubmatch(text); m != nil {
		n, _ := strconv.Atoi(string(m[1]))
		p.rss = append(p.rss, n)
	}
}

func (p *program) outputs() map[string]relay.OutputStatus {
	var st relay.Status
	text, _ := os.ReadFile(p.status)
	_ = json.Unmarshal(text, &st)
	all := map[string]relay.OutputStatus{}
	for _, o := range st.Outputs {
		all[o.Name] = o
	}
	return all
}

// recover waits until each output has sent what it has, and its usage is the
// agent's. The wait before an attempt grows with the fault, to 5 minutes and half
// as much again.
func (p *program) recover(all []*server, lasted time.Duration) {
	began := time.Now()
	late := began.Add(2*time.Minute + min(2*lasted, 10*time.Minute))
	used := p.a.used()
	for time.Now().Before(late) && len(p.back) < len(all) {
		outputs := p.outputs()
		for _, s := range all {
			o := outputs[s.name]
			if _, ok := p.back[s.name]; !ok && o.Offered == uint64(2*p.a.flows) && o.Waiting == 0 && s.store.equals(used) && p.settled(s, o) {
				p.back[s.name] = time.Since(began)
			}
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// settled says that what was sent has arrived: a reader behind a broker comes later.
func (p *program) settled(s *server, o relay.OutputStatus) bool {
	events, _ := s.store.distinct()
	return s.unknown || events >= int(o.Offered-o.Lost)
}

func (p *program) report(t *testing.T, a *agent, all []*server) {
	outputs := p.outputs()
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d flows, %d events to each server\n%-20s %9s %9s %9s %9s %7s %7s %8s  %s\n", a.flows, 2*a.flows, "server", "offered", "sent", "lost", "stored", "twice", "usage", "again", "")
	for _, s := range all {
		o := outputs[s.name]
		events, twice := s.store.distinct()
		var wrong []string
		back, ok := p.back[s.name]
		if !ok {
			wrong = append(wrong, fmt.Sprintf("has not recovered: %d wait, %s", o.Waiting, o.Error))
		}
		if o.Offered != uint64(2*a.flows) {
			wrong = append(wrong, fmt.Sprintf("%d events were not offered", uint64(2*a.flows)-o.Offered))
		}
		if o.Offered != o.Sent-o.Usage+o.Lost+uint64(o.Waiting) {
			wrong = append(wrong, "sent and lost are not what was offered")
		}
		missing := int(o.Offered-o.Lost) - events
		verdict := "ok"
		switch {
		case s.unknown && missing > 0:
			verdict = fmt.Sprintf("ok, %d were on their way when the server died: TCP acknowledges nothing", missing)
		case missing != 0:
			wrong = append(wrong, fmt.Sprintf("%d events are missing that were not counted as lost", missing))
		}
		if !s.store.equals(a.used()) {
			wrong = append(wrong, "usage is not the agent's")
		}
		if len(wrong) > 0 {
			verdict = "WRONG: " + strings.Join(wrong, "; ")
			t.Error(s.name, verdict)
		}
		fmt.Fprintf(&b, "%-20s %9d %9d %9d %9d %7d %7d %8s  %s\n", s.name, o.Offered, o.Sent-o.Usage, o.Lost, events, twice, len(s.store.usage), back.Round(time.Second), verdict)
	}
	// Memory is compared while the faults last, once the buffers have filled.
	half := len(p.rss) / 2
	first, second := peak(p.rss[:half]), peak(p.rss[half:])
	fmt.Fprintf(&b, "resident: %d KiB at most in the first half, %d in the second\n", first, second)
	if len(p.rss) > 50 && second > first+first/10+4096 {
		t.Errorf("memory grows: %d KiB in the first half, %d in the second", first, second)
	}
	fmt.Print(b.String())
}

func peak(list []int) (most int) {
	for _, n := range list {
		most = max(most, n)
	}
	return most
}
