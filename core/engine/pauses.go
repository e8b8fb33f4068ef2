package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"netifyd/core/action"
	"netifyd/core/file"
)

// pausesMost is the size of the largest file of pauses, in bytes.
const pausesMost = 64 << 10

const pausesName = "pauses"

// pauses are the pauses of rules in a file beside the history, so that they
// outlive the agent: a line each, the end in seconds since 1970 and the quoted
// name of the rule.
type pauses struct {
	mu   sync.Mutex
	path string // empty: pauses end with the agent
	held string // what the file holds
	read bool
}

// placePauses finds the file, which stands where the history is written.
func (e *Engine) placePauses() {
	if !e.cfg.Usage.Enabled && action.Wanted(e.cfg) {
		e.place(&e.cfg.Usage) // nobody asked for it yet
	}
	if e.keeper.dir != "" {
		e.pauses.path = filepath.Join(e.keeper.dir, pausesName)
	}
}

// stopWriting leaves the file as it is from now on.
func (p *pauses) stopWriting() {
	p.mu.Lock()
	p.path = ""
	p.mu.Unlock()
}

// readPauses lets rules rest that rested when the agent ended. It is for the
// first rules; what names none of them is dropped.
func (e *Engine) readPauses() {
	p := &e.pauses
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.path == "" || p.read {
		return
	}
	p.read = true
	b, err := file.Read(p.path, pausesMost)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	p.held = string(b)
	n := 0
	for line := range strings.Lines(p.held) {
		n++
		if until, name, ok := parsePause(line); ok {
			e.rules.Pause(name, until)
		} else if err == nil {
			err = fmt.Errorf("line %d is no time and name", n)
		}
	}
	if err != nil {
		e.log.Warn().Err(err).Str("file", p.path).Msg("pauses of rules that cannot be read are over")
	}
}

// parsePause reads a line: until when, in nanoseconds since 1970, and which rule rests.
func parsePause(line string) (until int64, name string, ok bool) {
	end, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	seconds, err := strconv.ParseUint(end, 10, 32)
	if err != nil {
		return 0, "", false
	}
	name, err = strconv.Unquote(quoted)
	return int64(seconds) * second, name, err == nil
}

// keepPauses writes the pauses of now, where the file holds others. A name that
// finds no room in it is left out. Anybody may call it.
func (e *Engine) keepPauses() {
	p := &e.pauses
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.path == "" || !p.read {
		return
	}
	var b strings.Builder
	for _, x := range e.rules.Rules(time.Now().UnixNano()) {
		if line := fmt.Sprintf("%d %q\n", x.Paused, x.Name); x.Paused > 0 && b.Len()+len(line) <= pausesMost {
			b.WriteString(line)
		}
	}
	if b.String() == p.held {
		return
	}
	if err := file.Replace(p.path, []byte(b.String()), 0o640); err != nil {
		e.log.Warn().Err(err).Msg("pauses of rules were not written: they end with the agent")
		return
	}
	p.held = b.String()
}
