package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"netifyd/core/config"
	"netifyd/core/query"
	"netifyd/core/query/client"
)

// A face is a command that asks the running agent and draws the answer. It
// knows nothing of traffic. Each is one file, and one line here.
var faceCommands = map[string]func(*face) error{
	config.CommandStatus:  statusFace,
	config.CommandFlows:   flowsFace,
	config.CommandQuery:   queryFace,
	config.CommandUsage:   usageFace,
	config.CommandDevices: devicesFace,
	config.CommandHosts:   hostsFace,
	config.CommandAlerts:  alertsFace,
	config.CommandRules:   rulesFace,
	config.CommandRule:    ruleFace,
	config.CommandDoctor:  doctorFace,
	config.CommandTop:     topFace,
	config.CommandMetrics: metricsFace,
}

// face is what a command was asked for.
type face struct {
	cfg   *config.Config
	out   io.Writer
	agent *client.Client
	words []string          // arguments that are no flags
	flags map[string]string // without the dashes; "" where a flag takes no value
}

// runFace runs a face. Its exit code is 0, or what an exitCode error says.
func runFace(cfg *config.Config, name string, args []string, out io.Writer) error {
	f := &face{cfg: cfg, out: out, flags: map[string]string{}}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		flag, isFlag := strings.CutPrefix(arg, "--")
		if !isFlag {
			f.words = append(f.words, arg)
			continue
		}
		key, value, has := strings.Cut(flag, "=")
		if !has && takesValue[key] {
			if len(args) == 0 {
				return fmt.Errorf("--%s needs a value", key)
			}
			value, args = args[0], args[1:]
		}
		f.flags[key] = value
	}
	return faceCommands[name](f)
}

// takesValue are the flags of faces that want one.
var takesValue = map[string]bool{"sort": true, "limit": true, "by": true, "period": true, "step": true, "top": true, "format": true, "device": true, "application": true, "interval": true, "view": true}

// only refuses flags that a face does not have.
func (f *face) only(names ...string) error {
	for name := range f.flags {
		if !slices.Contains(names, name) {
			return fmt.Errorf("no flag --%s here: there are --%s", name, strings.Join(names, ", --"))
		}
	}
	return nil
}

func (f *face) has(name string) bool { _, ok := f.flags[name]; return ok }

// number reads a flag that is a number.
func (f *face) number(name string, def int) (int, error) {
	text, ok := f.flags[name]
	if !ok {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("--%s %s: want a number", name, text)
	}
	return n, nil
}

// exitCode is an error that was told already, and the code to leave with.
type exitCode int

func (e exitCode) Error() string { return "exit " + strconv.Itoa(int(e)) }

// unasked is why an agent that runs does not answer.
type unasked string

func (e unasked) Error() string { return string(e) }

// dial connects to the agent. What it says where that fails is true: no agent
// is something else than no permission.
func (f *face) dial() error {
	path := filepath.Join(f.cfg.VolatileDir, config.ControlSocket)
	c, err := client.Dial(path)
	switch {
	case err == nil:
		f.agent = c
		return nil
	case errors.Is(err, client.ErrNotRunning) && held(f.cfg.VolatileDir):
		return unasked("an agent runs, but it does not answer at " + path + ": control.enabled is false, or it is just starting")
	case errors.Is(err, client.ErrNotRunning), errors.Is(err, client.ErrNoPermission) && left(f.cfg.VolatileDir):
		return errors.New(lastSeen(f.cfg.VolatileDir))
	case errors.Is(err, client.ErrNoPermission):
		return unasked(path + ": only root and the members of its group may ask: sudo usermod -aG netifyd USER, and log in anew")
	}
	return err
}

// wordless refuses words where a face has no use for them.
func (f *face) wordless(command string) error {
	if len(f.words) > 0 {
		return fmt.Errorf("netifyd %s takes no words, only flags: what is %q?", command, f.words[0])
	}
	return nil
}

// all asks for as many rows as limit says, an answer after the other: one has
// 200 at the most, and a list that is sorted as it is asked for ends after 1200. answer is what the first is read into, rows are its rows.
func (f *face) all(method string, args map[string]any, limit int, answer any, rows *client.Rows) error {
	if limit > 0 {
		args["limit"] = limit
	}
	if err := f.agent.Ask(method, args, answer); err != nil {
		return err
	}
	for n := len(rows.Rows); n > 0 && len(rows.Rows) < min(limit, rows.Total) && (method == "usage" || len(rows.Rows) <= query.MaxOffset); {
		var next client.Rows
		args["offset"], args["limit"] = len(rows.Rows), limit-len(rows.Rows)
		if err := f.agent.Ask(method, args, &next); err != nil {
			return err
		}
		n = len(next.Rows)
		rows.Rows = append(rows.Rows, next.Rows...)
	}
	return nil
}

// list asks for a list of so many rows; 0: of what the answer has. done: it was printed, in JSON as the
// first answer has it, or in CSV.
func (f *face) list(method string, args map[string]any, limit int, list *client.Rows) (done bool, err error) {
	if limit > 0 {
		args["limit"] = limit
	}
	if f.has("json") {
		text, err := f.agent.Raw(method, args)
		if err == nil {
			fmt.Fprintf(f.out, "%s\n", text)
		}
		return true, err
	}
	if err := f.all(method, args, limit, list, list); err != nil {
		return false, err
	}
	if f.has("csv") {
		return true, writeCSV(f, list)
	}
	return false, nil
}

// table draws rows under headings; right says which columns are aligned to the right.
func table(out io.Writer, head []string, right []bool, rows [][]string) {
	width := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, row := range append([][]string{head}, rows...) {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			switch {
			case right[i]:
				b.WriteString(pad + cell)
			case i < len(row)-1:
				b.WriteString(cell + pad)
			default:
				b.WriteString(cell)
			}
			if i < len(row)-1 {
				b.WriteString("  ")
			}
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
