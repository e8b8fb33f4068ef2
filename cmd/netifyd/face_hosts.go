package main

import (
	"fmt"
	"strings"

	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

// hostsFace says which servers were talked to, by one device or by all: netifyd hosts [DEVICE] [--application A] [--limit N].
func hostsFace(f *face) error {
	if err := f.only("application", "limit", "json", "csv"); err != nil {
		return err
	}
	limit, err := f.number("limit", 50)
	if err != nil {
		return err
	}
	args := map[string]any{"by": "host"}
	if f.has("application") {
		args["application"] = f.flags["application"]
	}
	if len(f.words) > 0 {
		args["device"] = strings.Join(f.words, " ")
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	var list client.Rows
	if done, err := f.list("hosts", args, limit, &list); done || err != nil {
		return err
	}
	if len(list.Rows) == 0 {
		fmt.Fprintln(f.out, "no host that has a name was counted; bytes arrive at the end of a flow, and each interval while it lasts")
		return nil
	}
	var rows [][]string
	late := false
	for i := range list.Rows {
		missing := ""
		if n := list.Number(i, "missing"); n > 0 {
			missing, late = "+ "+glyph.Octets(n), true
		}
		rows = append(rows, []string{cut(glyph.Clean(list.Text(i, "host")), 48), glyph.Octets(list.Number(i, "down")), glyph.Octets(list.Number(i, "up")), missing, count(list.Number(i, "flows"))})
	}
	head, right, rows := withoutEmpty([]string{"HOST", "DOWN", "UP", "AT MOST", "FLOWS"}, []bool{false, true, true, true, true}, rows)
	table(f.out, head, right, rows)
	if late {
		fmt.Fprintln(f.out, "AT MOST: so much more may have come before the name was in the table")
	}
	return nil
}
