package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

// devicesFace lists devices, or changes one: netifyd devices [rename DEVICE NAME|same DEVICE OTHER|forget DEVICE|FILTER…].
func devicesFace(f *face) error {
	if err := f.only("sort", "limit", "json", "csv"); err != nil {
		return err
	}
	limit, err := f.number("limit", 1000)
	if err != nil {
		return err
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	var done map[string]any
	if len(f.words) > 0 {
		switch f.words[0] {
		case "rename":
			if len(f.words) < 2 {
				return fmt.Errorf("netifyd devices rename DEVICE NAME; without a name, yours is taken away")
			}
			return f.agent.Ask("device_set", map[string]any{"device": f.words[1], "name": strings.Join(f.words[2:], " ")}, &done)
		case "same":
			if len(f.words) < 2 || len(f.words) > 3 {
				return fmt.Errorf("netifyd devices same DEVICE OTHER: they are one; without OTHER it is one of its own again")
			}
			return f.agent.Ask("device_set", map[string]any{"device": f.words[1], "same_as": strings.Join(f.words[2:], "")}, &done)
		case "forget":
			if len(f.words) != 2 {
				return fmt.Errorf("netifyd devices forget DEVICE")
			}
			return f.agent.Ask("device_forget", map[string]any{"device": f.words[1]}, &done)
		}
	}
	args := map[string]any{"filter": strings.Join(f.words, " ")}
	if f.has("sort") {
		args["sort"] = f.flags["sort"]
	}
	var list client.Rows
	if done, err := f.list("devices", args, limit, &list); done || err != nil {
		return err
	}
	var rows [][]string
	for i := range list.Rows {
		state := ""
		if list.Text(i, "online") == "true" {
			state = "online"
		}
		name := list.Text(i, "name")
		if from := list.Text(i, "name_from"); from != "" {
			name += " (" + from + ")"
		}
		rows = append(rows, []string{list.Text(i, "device"), glyph.Cut(glyph.Clean(name), 22), glyph.Cut(glyph.Clean(list.Text(i, "type")), 9), state,
			glyph.Octets(list.Number(i, "today_down") + list.Number(i, "today_up")), glyph.Octets(list.Number(i, "period_down") + list.Number(i, "period_up")), firstAddress(list.Text(i, "addresses"))})
	}
	table(f.out, []string{"DEVICE", "NAME", "TYPE", "NOW", "TODAY", "MONTH", "ADDRESS"}, []bool{false, false, false, false, true, true, false}, rows)
	return nil
}

// alertsFace says what a person should know: netifyd alerts [--json].
func alertsFace(f *face) error {
	if err := cmp.Or(f.only("json"), f.wordless("alerts")); err != nil {
		return err
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	var list client.Rows
	if done, err := f.list("alerts", map[string]any{}, 200, &list); done || err != nil {
		return err
	}
	for i := range list.Rows {
		fmt.Fprintf(f.out, "%s  %s\n", time.Unix(int64(list.Number(i, "last")), 0).Format("2006-01-02 15:04"), glyph.Clean(alertText(&list, i)))
	}
	return nil
}
