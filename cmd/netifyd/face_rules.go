package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"netifyd/core/capture/pcapfile"
	"netifyd/core/engine"
	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

var errRulesWords = errors.New("netifyd rules; netifyd rules test 'EXPRESSION' [FILE]; netifyd rules explain DIGEST")

// rulesFace says what the rules did: netifyd rules [test EXPRESSION [FILE]|explain DIGEST].
func rulesFace(f *face) error {
	if err := f.only("json", "csv", "limit"); err != nil {
		return err
	}
	if len(f.words) > 0 {
		switch n := len(f.words); {
		case f.words[0] == "test" && n == 2:
			return testFlows(f)
		case f.words[0] == "test" && n == 3:
			return testFile(f)
		case f.words[0] == "explain" && n == 2:
			return explainFlow(f)
		}
		return errRulesWords
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	var answer struct {
		client.Rows
		Targets client.Rows
		Lost    uint64
	}
	if f.has("json") || f.has("csv") {
		_, err := f.list("rules", map[string]any{}, 200, &answer.Rows)
		return err
	}
	if err := f.agent.Ask("rules", map[string]any{"limit": 200}, &answer); err != nil {
		return err
	}
	if answer.Total == 0 {
		fmt.Fprintln(f.out, "There are no rules. docs/actions.md says how to write one.")
		return nil
	}
	var rows [][]string
	list := &answer.Rows
	for i := range list.Rows {
		rows = append(rows, []string{cut(glyph.Clean(list.Text(i, "rule")), 24), stateOfRule(list, i), count(list.Number(i, "hits")), count(list.Number(i, "flows")),
			when(list.Number(i, "last")), strings.Join(textsOf(list, i, "targets"), " "), cut(glyph.Clean(list.Text(i, "criteria")), 60)})
	}
	table(f.out, []string{"RULE", "NOW", "HITS", "FLOWS", "LAST HIT", "TARGETS", "CRITERIA"}, []bool{false, false, true, true, false, false, false}, rows)
	rows = nil
	list = &answer.Targets
	for i := range list.Rows {
		state := "good"
		switch {
		case list.Text(i, "open") != "true":
			state = "not open"
		case list.Text(i, "failing") == "true":
			state = "failing"
		}
		rows = append(rows, []string{cut(glyph.Clean(list.Text(i, "target")), 24), list.Text(i, "type"), state, count(list.Number(i, "elements")), count(list.Number(i, "added")),
			count(list.Number(i, "errors")), glyph.Clean(list.Text(i, "error"))})
	}
	if len(rows) > 0 {
		fmt.Fprintln(f.out)
		table(f.out, []string{"TARGET", "TYPE", "STATE", "ELEMENTS", "ADDED", "ERRORS", "NEWEST ERROR"}, []bool{false, false, false, true, true, true, false}, rows)
	}
	if answer.Lost > 0 {
		fmt.Fprintf(f.out, "%d changes found no room in the queue and were mended a moment later: raise actions.queue\n", answer.Lost)
	}
	return nil
}

func stateOfRule(list *client.Rows, i int) string {
	switch {
	case list.Text(i, "enabled") != "true":
		return "disabled"
	case list.Number(i, "paused_until") > 0:
		return "paused until " + time.Unix(int64(list.Number(i, "paused_until")), 0).Format("15:04")
	case list.Text(i, "active") != "true":
		return "not its time"
	}
	return "active"
}

func when(at uint64) string {
	if at == 0 {
		return "never"
	}
	return time.Unix(int64(at), 0).Format("2006-01-02 15:04")
}

// textsOf is a cell that is a list of texts.
func textsOf(list *client.Rows, i int, column string) (texts []string) {
	if c := list.Column(column); c >= 0 && c < len(list.Rows[i]) {
		_ = json.Unmarshal(list.Rows[i][c], &texts)
	}
	for k := range texts {
		texts[k] = glyph.Clean(texts[k])
	}
	return texts
}

var matchHead = []string{"DIGEST", "LOCAL", "OTHER", "PROTOCOL", "APPLICATION", "HOST", "BYTES", "NOTE"}

var matchRight = []bool{false, false, false, false, false, false, true, false}

// testFlows lists the flows of this moment that an expression holds for.
func testFlows(f *face) error {
	limit, err := f.number("limit", 50)
	if err != nil {
		return err
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	var answer struct {
		client.Rows
		Warnings []string
	}
	list := &answer.Rows
	args := map[string]any{"criteria": f.words[1], "sort": "bytes"}
	if f.has("json") || f.has("csv") {
		_, err := f.list("flows", args, limit, list)
		return err
	}
	if err := f.all("flows", args, limit, &answer, list); err != nil {
		return err
	}
	for _, w := range answer.Warnings {
		fmt.Fprintln(os.Stderr, "netifyd: warning:", glyph.Clean(w))
	}
	names, err := applications(f.agent)
	if err != nil {
		return err
	}
	var rows [][]string
	for i := range list.Rows {
		rows = append(rows, []string{list.Text(i, "digest"), list.Text(i, "local"), list.Text(i, "other"), protocolName(list.Number(i, "protocol")),
			glyph.Clean(names[list.Number(i, "application")]), cut(glyph.Clean(list.Text(i, "host")), 40), glyph.Octets(list.Number(i, "bytes")), noteOf(list, i)})
	}
	table(f.out, matchHead, matchRight, rows)
	fmt.Fprintf(f.out, "flows of this moment that match: %d\n", list.Total)
	return nil
}

// testFile lists the flows of a capture file that an expression has held for.
func testFile(f *face) error {
	apps, err := loadApps(f.cfg)
	if err != nil {
		return err
	}
	var rows [][]string
	var lines []map[string]any
	total, warnings, err := engine.TryFile(f.cfg, apps, f.words[2], f.words[1], func(m *engine.Match) {
		app := strings.TrimPrefix(m.Application, "netify.")
		rows = append(rows, []string{hex.EncodeToString(m.Digest[:8]), endpoint(m.Local), endpoint(m.Other), m.Protocol, glyph.Clean(app), cut(glyph.Clean(m.Host), 40), glyph.Octets(m.Bytes), ""})
		lines = append(lines, map[string]any{"digest": hex.EncodeToString(m.Digest[:]), "local": endpoint(m.Local), "other": endpoint(m.Other), "protocol": m.Protocol, "application": m.Application, "host": m.Host, "bytes": m.Bytes})
	})
	for _, w := range warnings {
		fmt.Fprintln(os.Stderr, "netifyd: warning:", w)
	}
	if err != nil && (!errors.Is(err, pcapfile.ErrTruncated) || total == 0) {
		return err
	}
	if f.has("json") {
		for _, l := range lines {
			text, _ := json.Marshal(l)
			fmt.Fprintf(f.out, "%s\n", text)
		}
		return nil
	}
	table(f.out, matchHead, matchRight, rows)
	fmt.Fprintf(f.out, "%d of %d flows match\n", len(rows), total)
	return nil
}

func endpoint(a netip.AddrPort) string { return a.String() }

// explainFlow says what every rule asks of a flow.
func explainFlow(f *face) error {
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	var answer struct {
		client.Rows
		Digest string
		Event  struct {
			Flow struct {
				Application string `json:"detected_application_name"`
				Protocol    string `json:"detected_protocol_name"`
				Host        string `json:"host_server_name"`
			}
		}
	}
	if f.has("json") || f.has("csv") {
		_, err := f.list("rule_explain", map[string]any{"digest": f.words[1]}, 0, &answer.Rows)
		return err
	}
	if err := f.agent.Ask("rule_explain", map[string]any{"digest": f.words[1]}, &answer); err != nil {
		return err
	}
	fl := &answer.Event.Flow
	fmt.Fprintf(f.out, "flow %s  %s  %s  %s\n", answer.Digest, fl.Protocol, glyph.Clean(fl.Application), glyph.Clean(fl.Host))
	list := &answer.Rows
	for i := range list.Rows {
		rule, part, holds := glyph.Clean(list.Text(i, "rule")), glyph.Clean(list.Text(i, "part")), list.Text(i, "holds") == "true"
		switch {
		case rule == "":
			fmt.Fprintln(f.out, part)
		case part == "matches" && holds:
			fmt.Fprintf(f.out, "rule %s matches\n", rule)
		case part == "matches":
			fmt.Fprintf(f.out, "rule %s does not match\n", rule)
		default:
			fmt.Fprintf(f.out, "  %-3s %s\n", map[bool]string{true: "yes", false: "no"}[holds], part)
		}
	}
	return nil
}

// ruleFace lets a rule rest or go on: netifyd rule pause NAME MINUTES, netifyd rule resume NAME.
func ruleFace(f *face) error {
	if err := f.only(); err != nil {
		return err
	}
	args := map[string]any{}
	switch {
	case len(f.words) == 3 && f.words[0] == "pause":
		minutes, err := strconv.ParseUint(f.words[2], 10, 32)
		if err != nil || minutes == 0 {
			return fmt.Errorf("netifyd rule pause NAME MINUTES: %q is no number of minutes", f.words[2])
		}
		args["rule"], args["minutes"] = f.words[1], minutes
	case len(f.words) == 2 && f.words[0] == "resume":
		args["rule"], args["minutes"] = f.words[1], 0
	default:
		return errors.New("netifyd rule pause NAME MINUTES; netifyd rule resume NAME")
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	var done map[string]any
	return f.agent.Ask("rule_pause", args, &done)
}
