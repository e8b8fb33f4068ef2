package example

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"netifyd/core/query/client"
	"netifyd/fleet/peer"
)

// Router is an agent that reads packets from a pipe, and the relay beside it.
type Router struct {
	UUID, Dir string
	Skew      time.Duration // how wrong its clock is

	programs string // where netifyd and netifyctl are
	pipe     *os.File
	mu       sync.Mutex // held by one who writes to the pipe
	clock    time.Time  // of the last packet
	agent    *child
	relay    *child
}

// child is a program that runs.
type child struct {
	*exec.Cmd
	gone chan struct{}
}

func begin(dir, log string, words ...string) (*child, error) {
	out, err := os.OpenFile(filepath.Join(dir, log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	c := &child{exec.Command(words[0], words[1:]...), make(chan struct{})}
	c.Dir, c.Stdout, c.Stderr = dir, out, out
	peer.Tied(c.Cmd)
	if err := c.Start(); err != nil {
		return nil, err
	}
	go func() { _ = c.Wait(); close(c.gone) }()
	return c, nil
}

func (c *child) end(s syscall.Signal) {
	if c == nil {
		return
	}
	_ = c.Process.Signal(s)
	select {
	case <-c.gone:
	case <-time.After(10 * time.Second):
		_ = c.Process.Kill()
		<-c.gone
	}
}

const agentConfig = `[agent]
uuid_path = "%[1]s/uuid"
volatile_dir = "%[1]s"
update_interval = 1
[control]
[usage]
directory = "%[1]s/usage"
interval = "1s"
[[listen]]
path = "%[1]s/stream.sock"
dialect = "5"
`

// StartAgent starts the agent, or starts it again.
func (r *Router) StartAgent() (err error) {
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		return err
	}
	config := filepath.Join(r.Dir, "netifyd.toml")
	if err := os.WriteFile(filepath.Join(r.Dir, "uuid"), []byte(r.UUID+"\n"), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(config, fmt.Appendf(nil, agentConfig, r.Dir), 0o644); err != nil {
		return err
	}
	fifo := filepath.Join(r.Dir, "packets")
	if r.pipe == nil {
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			return err
		}
		if r.pipe, err = os.OpenFile(fifo, os.O_RDWR, 0); err != nil {
			return err
		}
	}
	// A file begins with a header: each agent that starts reads one.
	header := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	header = binary.LittleEndian.AppendUint32(header, 2|4<<16)
	header = append(header, 0, 0, 0, 0, 0, 0, 0, 0)
	header = binary.LittleEndian.AppendUint32(header, 262144)
	header = binary.LittleEndian.AppendUint32(header, 1) // Ethernet
	if _, err := r.pipe.Write(header); err != nil {
		return err
	}
	if r.agent, err = begin(r.Dir, "agent.log", filepath.Join(r.programs, "netifyd"), "-c", config, "-R", "-I", "lo,"+fifo); err != nil {
		return err
	}
	go r.beat(r.agent)
	return until(context.Background(), 20*time.Second, func() error {
		select {
		case <-r.agent.gone:
			text, _ := os.ReadFile(filepath.Join(r.Dir, "agent.log"))
			return final{fmt.Errorf("the agent ended: %s", text)}
		default:
		}
		_, err := os.Stat(filepath.Join(r.Dir, "control.sock"))
		return err
	})
}

// final is an error that waiting does not mend.
type final struct{ error }

// until asks again and again until there is no error, or the time is over, or
// ctx ends.
func until(ctx context.Context, d time.Duration, ask func() error) (err error) {
	for end := time.Now().Add(d); ; wait(ctx, 20*time.Millisecond) {
		if err = ask(); err == nil {
			return nil
		}
		if f, ok := err.(final); ok {
			return f.error
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return err
		}
	}
}

// Feed gives the agent the packets of captures, as if they were seen now by the
// router's clock, each between another device of the house and a server.
func (r *Router) Feed(captures ...string) error {
	for i, path := range captures {
		h := house{device: byte(1 + i%12), server: byte(1 + i%250)}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if len(text) < 24 || binary.LittleEndian.Uint32(text) != 0xa1b2c3d4 || text[20] != 1 {
			continue // not a little-endian pcap of Ethernet with microseconds
		}
		now := time.Now().Add(r.Skew)
		var first time.Time
		for p := text[24:]; len(p) >= 16; {
			size := binary.LittleEndian.Uint32(p[8:])
			if uint64(len(p)) < 16+uint64(size) {
				break
			}
			at := time.Unix(int64(binary.LittleEndian.Uint32(p)), 1000*int64(binary.LittleEndian.Uint32(p[4:])))
			if first.IsZero() {
				first = at
			}
			// Pauses of the capture are shortened, so that the clock of packets stays near the router's.
			record := slices.Clone(p[:16+size])
			if p = p[16+size:]; !h.turn(record[16:]) {
				continue
			}
			if err := r.write(record, now.Add(min(max(0, at.Sub(first))/1000, 100*time.Millisecond))); err != nil {
				return err
			}
		}
	}
	return nil
}

// write gives the agent a packet with its header. Time never goes back.
func (r *Router) write(record []byte, at time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.After(r.clock) {
		r.clock = at
	}
	binary.LittleEndian.PutUint32(record, uint32(r.clock.Unix()))
	binary.LittleEndian.PutUint32(record[4:], uint32(r.clock.Nanosecond()/1000))
	_, err := r.pipe.Write(record)
	return err
}

// beat lets time pass for the agent, whose clock is that of packets, until its
// end: an empty frame of a type that nobody counts (IEEE 802, local experiments).
func (r *Router) beat(agent *child) {
	record := make([]byte, 16+60)
	record[8], record[12] = 60, 60
	copy(record[16:], []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0x88, 0xb5})
	for {
		select {
		case <-agent.gone:
			return
		case <-time.After(200 * time.Millisecond):
			if r.write(record, time.Now().Add(r.Skew)) != nil {
				return
			}
		}
	}
}

const relayConfig = `stream = "unix://%[1]s/stream.sock"
control = "unix://%[1]s/control.sock"
[relay]
state = "%[1]s/relay"
status = "%[1]s/relay.json"
usage_interval = "1s"
device_interval = "2s"
status_interval = "10s"
spread = "0s"
[relay.privacy]
mac = "hash"
host = "none"
[[relay.output]]
name = "fleet"
kinds = ["usage", "device", "alert"]
flush = "1s"
%[2]s
`

// StartRelay starts the relay with an output, which is a piece of its
// configuration, and more of it behind.
func (r *Router) StartRelay(output string) (err error) {
	if err := os.MkdirAll(filepath.Join(r.Dir, "relay"), 0o755); err != nil {
		return err
	}
	path := filepath.Join(r.Dir, "netifyctl.toml")
	if err := os.WriteFile(path, fmt.Appendf(nil, relayConfig, r.Dir, output), 0o600); err != nil {
		return err
	}
	if r.relay, err = begin(r.Dir, "relay.log", filepath.Join(r.programs, "netifyctl"), "relay", "--config", path); err != nil {
		return err
	}
	select {
	case <-r.relay.gone:
		text, _ := os.ReadFile(filepath.Join(r.Dir, "relay.log"))
		return fmt.Errorf("the relay ended: %s", text)
	case <-time.After(200 * time.Millisecond):
		return nil
	}
}

// Stop ends both.
func (r *Router) Stop() {
	r.relay.end(syscall.SIGTERM)
	r.agent.end(syscall.SIGTERM)
	if r.pipe != nil {
		_ = r.pipe.Close()
	}
}

// bytes are down and up.
type bytes struct{ down, up uint64 }

// Usage is what the agent says was used: by hour and label, "1796079600 netflix".
func (r *Router) Usage() (map[string]bytes, error) {
	all := map[string]bytes{}
	for offset := 0; ; {
		question := fmt.Sprintf(`{"by":"application","step":"hour","count":30,"limit":200,"offset":%d}`, offset)
		text, err := exec.Command(filepath.Join(r.programs, "netifyd"), "-c", filepath.Join(r.Dir, "netifyd.toml"), "query", "usage", question).Output()
		if err != nil {
			return nil, err
		}
		var answer client.Rows
		if err := json.Unmarshal(text, &answer); err != nil {
			return nil, err
		}
		for i := range answer.Rows {
			key := answer.Text(i, "start") + " " + answer.Text(i, "application")
			b := all[key]
			all[key] = bytes{b.down + answer.Number(i, "down"), b.up + answer.Number(i, "up")}
		}
		if offset += len(answer.Rows); offset >= answer.Total || len(answer.Rows) == 0 {
			return all, nil
		}
	}
}
