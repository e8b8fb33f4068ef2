package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestDoors: over TCP only this machine and those that are allowed come in; a
// peer that vanishes without a word gives its place back; all that is counted,
// and said once an interval.
func TestDoors(t *testing.T) {
	needs(t, "nc", "ss")
	s := newStage(t)
	dir := filepath.Join(s.dir, "run")
	conf := s.write("netifyd.toml", fmt.Sprintf(`[agent]
update_interval = 1
volatile_dir = %[1]q
[clients]
timeout = 2
[[listen]]
path = "%[1]s/s.sock"
dialect = "4"
[[listen]]
address = "192.168.77.1"
port = 7150
[[listen]]
address = "192.168.77.1"
port = 7151
allow = ["192.168.77.2"]
`, dir))
	cmd := s.in(s.client, binary, "-c", conf, "-I", "lan0")
	said := &lines{}
	cmd.Stdout, cmd.Stderr = said, said
	s.start(cmd)
	st := collect(dialUnix(t, dir+"/s.sock"))
	clients := func(what string, ok func(c map[string]any) bool) {
		t.Helper()
		st.await(t, what, func(l map[string]any) bool {
			c, _ := l["clients"].(map[string]any)
			return l["type"] == "agent_status" && l["interfaces"] != nil && ok(c)
		})
	}
	said.wait(t, "only this machine itself may connect")
	if out, _ := s.in(s.server, "nc", "-w", "5", "192.168.77.1", "7150").CombinedOutput(); len(out) != 0 {
		t.Errorf("a foreign client was greeted: %.100s", out)
	}
	clients("a refused connection", func(c map[string]any) bool { return c["refused"] == 1.0 && c["connected"] == 1.0 })
	said.wait(t, "refused clients whose address is not in listen.allow")
	if !strings.Contains(said.String(), "newest=192.168.77.2") {
		t.Errorf("who it was is not said\n%s", said)
	}
	local := s.in(s.client, "nc", "-d", "192.168.77.1", "7150")
	s.start(local)
	clients("this machine itself", func(c map[string]any) bool { return c["connected"] == 2.0 })
	s.start(s.in(s.server, "nc", "-d", "192.168.77.1", "7151"))
	clients("an allowed client", func(c map[string]any) bool { return c["connected"] == 3.0 && c["closed"] == 0.0 })
	s.must(s.server, "ip", "link", "set", "far0", "down")
	clients("the dead peer's place is free", func(c map[string]any) bool { return c["connected"] == 2.0 && c["closed"] == 1.0 })
	said.wait(t, "closed clients whose machine answers no more")
}
