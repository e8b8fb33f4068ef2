package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netifyd/core/query/client"
)

// TestRights: members of the socket's group may ask and not change, nobody else
// may do either, and after a kill every command says since when nothing runs.
func TestRights(t *testing.T) {
	s := newStage(t)
	const group, nobody = 41234, 65534
	dir := filepath.Join(s.dir, "run")
	conf := s.write("netifyd.toml", fmt.Sprintf("[agent]\nupdate_interval = 1\nvolatile_dir = %q\n[capture]\nring = \"16MiB\"\n[usage]\ndirectory = \"none\"\ninterval = 1\n[[listen]]\npath = \"%s/s.sock\"\n", dir, dir))
	program := filepath.Join(s.dir, "netifyd") // where others may run it
	text, err := os.ReadFile(binary)
	if err == nil {
		err = os.WriteFile(program, text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	agent := s.in(s.client, program, "-c", conf, "-I", "lan0")
	agent.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 0, Gid: group}}
	s.start(agent)
	socket := filepath.Join(dir, "control.sock")
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		if c, err := client.Dial(socket); err == nil {
			c.Close()
			break
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	ask := func(uid, gid uint32, line string) (string, int) {
		cmd := exec.Command(program, append([]string{"-c", conf}, strings.Fields(line)...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
		out, err := cmd.CombinedOutput()
		if _, ok := err.(*exec.ExitError); err != nil && !ok {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	asking := map[string]string{"status": "running since", "top --once": "DEVICE", "flows": "DEVICE", "usage": "Since", "devices": "DEVICE", "alerts --json": `"newest"`, "metrics": "netifyd_flows ",
		"query overview": `"words"`, "query status": `"version"`}
	for line, want := range asking {
		if out, code := ask(nobody, group, line); !strings.Contains(out, want) || code == 1 {
			t.Errorf("a member of the group asks for %s, exit %d: %s", line, code, out)
		}
		if out, code := ask(nobody, nobody, line); code != 1 || !strings.Contains(out, "only root and the members of its group may ask") || strings.Count(out, "\n") != 1 {
			t.Errorf("nobody asks for %s, exit %d: %s", line, code, out)
		}
	}
	for _, line := range []string{"devices rename 192.168.77.1 x", "devices forget 192.168.77.1", "query usage_commit", "query device_set {}", `query usage_reset {"confirm":true}`} {
		if out, code := ask(nobody, group, line); code != 1 || !strings.Contains(out, "this changes something: only root") {
			t.Errorf("a member of the group may do %s, exit %d: %s", line, code, out)
		}
	}
	if out, code := ask(0, 0, "query usage_commit"); code != 0 {
		t.Errorf("root may not: %s", out)
	}
	t.Run("ten ask at full rate", func(t *testing.T) { tenAsk(t, s, socket) })
	_ = agent.Process.Kill() // ip netns exec has become the agent
	_ = agent.Wait()
	for end := time.Now().Add(deadline); held(dir) && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	for line := range asking {
		for _, who := range [][2]uint32{{0, 0}, {nobody, group}} {
			if out, code := ask(who[0], who[1], line); code != 1 || !strings.Contains(out, "not running since ") || strings.Count(out, "\n") != 1 {
				t.Errorf("%d asks for %s after a kill, exit %d: %s", who[0], line, code, out)
			}
		}
		if out, code := ask(nobody, nobody, line); code != 1 || strings.Count(out, "\n") != 1 {
			t.Errorf("nobody asks for %s after a kill, exit %d: %s", line, code, out)
		}
	}
}

// tenAsk lets ten clients ask as fast as they are answered while a connection
// carries what it can: no packet is lost by that, and every answer comes.
func tenAsk(t *testing.T, s *stage, socket string) {
	sink := s.in(s.client, "sh", "-c", "exec nc -l -p 7777 >/dev/null")
	if _, err := exec.LookPath("nc"); err != nil {
		t.Skip("nc is not installed")
	}
	s.start(sink)
	s.listening(s.client, "t", 7777)
	source := s.in(s.server, "nc", "-N", "192.168.77.1", "7777")
	source.Stdin = io.LimitReader(zeros{}, 256<<20)
	if err := source.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var all sync.WaitGroup
	questions := []string{"flows", "overview", "devices", "status", "usage", "hosts"}
	asked := make([]int, 10)
	for n := range asked {
		all.Add(1)
		go func() {
			defer all.Done()
			c, err := client.Dial(socket)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := c.Raw(questions[asked[n]%len(questions)], nil); err != nil {
					t.Error(err)
					return
				}
				asked[n]++
			}
		}()
	}
	err := source.Wait()
	close(done)
	all.Wait()
	if err != nil {
		t.Error(err)
	}
	c, err := client.Dial(socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var st struct {
		Capture struct{ Received, Dropped uint64 }
	}
	time.Sleep(1100 * time.Millisecond) // the counters are those of the newest status
	text, err := c.Raw("status", nil)
	if err != nil || json.Unmarshal(text, &st) != nil {
		t.Fatal(err)
	}
	t.Logf("%v answers, %d packets", asked, st.Capture.Received)
	if st.Capture.Dropped > 0 {
		t.Errorf("%d of %d packets were lost", st.Capture.Dropped, st.Capture.Received)
	}
	for n := range asked {
		if asked[n] == 0 {
			t.Errorf("client %d got no answer", n)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
