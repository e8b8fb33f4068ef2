package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

// usageFace says who used what: netifyd usage [--by …] [--period …] [--step …]
// [--device …] [--application …] [--local] [--top N] [--format table|json|csv|nlbw].
func usageFace(f *face) error {
	if err := cmp.Or(f.only("by", "period", "step", "device", "application", "local", "top", "format", "json", "csv"), f.wordless("usage")); err != nil {
		return err
	}
	top, err := f.number("top", 20)
	if err != nil {
		return err
	}
	format := cmp.Or(f.flags["format"], "table")
	for _, name := range []string{"json", "csv"} {
		if f.has(name) {
			format = name
		}
	}
	args := map[string]any{"limit": top}
	for _, name := range []string{"by", "period", "step", "device", "application"} {
		if f.has(name) {
			args[name] = f.flags[name]
		}
	}
	if f.has("local") {
		args["local"] = true
	}
	switch format {
	case "table", "json", "csv":
	case "nlbw":
		args["by"], top = "device", math.MaxInt32
	default:
		return fmt.Errorf("--format %s: want table, json, csv or nlbw", format)
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	if format == "json" {
		text, err := f.agent.Raw("usage", args)
		if err == nil {
			fmt.Fprintf(f.out, "%s\n", text)
		}
		return err
	}
	var list struct {
		client.Rows
		From, To         int64
		Down, Up         uint64
		Estimated, Lossy bool
	}
	if err := f.all("usage", args, top, &list, &list.Rows); err != nil {
		return err
	}
	switch format {
	case "csv":
		return writeCSV(f, &list.Rows)
	case "nlbw":
		return writeNLBW(f, &list.Rows)
	}
	fmt.Fprintf(f.out, "Since %s · %s down, %s up", day(list.From), glyph.Octets(list.Down), glyph.Octets(list.Up))
	if list.Estimated {
		fmt.Fprint(f.out, " · the split is near: some came from the kernel's counters")
	}
	if list.Lossy {
		fmt.Fprint(f.out, " · at least: packets were lost")
	}
	fmt.Fprint(f.out, "\n\n")
	if list.Total == 0 {
		fmt.Fprintln(f.out, "nothing was counted")
		return nil
	}
	var rows [][]string
	for i := range list.Rows.Rows {
		down, up := list.Number(i, "down"), list.Number(i, "up")
		share := 100 * float64(down+up) / float64(max(list.Down+list.Up, 1))
		when := ""
		if start := list.Number(i, "start"); start > 0 {
			when = time.Unix(int64(start), 0).Format("2006-01-02 15:04")
		}
		rows = append(rows, []string{when, cut(glyph.Clean(cmp.Or(list.Text(i, "name"), list.Text(i, "device"))), 24), cut(glyph.Clean(strings.TrimPrefix(list.Text(i, "application"), "netify.")), 28),
			glyph.Octets(down), glyph.Octets(up), count(list.Number(i, "flows")), strconv.FormatFloat(share, 'f', 1, 64) + " %"})
	}
	label := "APPLICATION"
	if strings.Contains(f.flags["by"], "category") {
		label = "CATEGORY"
	}
	head, right := []string{"FROM", "DEVICE", label, "DOWN", "UP", "FLOWS", "SHARE"}, []bool{false, false, false, true, true, true, true}
	head, right, rows = withoutEmpty(head, right, rows)
	table(f.out, head, right, rows)
	if n := list.Total - len(list.Rows.Rows); n > 0 {
		fmt.Fprintf(f.out, "and %d more: raise --top\n", n)
	}
	return nil
}

func day(at int64) string { return time.Unix(at, 0).Format("2006-01-02 15:04") }

// withoutEmpty leaves out columns that no row has anything in.
func withoutEmpty(head []string, right []bool, rows [][]string) ([]string, []bool, [][]string) {
	var keep []int
	for c := range head {
		for _, row := range rows {
			if row[c] != "" {
				keep = append(keep, c)
				break
			}
		}
	}
	out := make([][]string, len(rows))
	var h []string
	var r []bool
	for _, c := range keep {
		h, r = append(h, head[c]), append(r, right[c])
		for i := range rows {
			out[i] = append(out[i], rows[i][c])
		}
	}
	return h, r, out
}

// writeNLBW writes the columns of nlbwmon's CSV, which parts them by tabulators. It counts
// packets, which are not counted here: they are 0.
func writeNLBW(f *face, list *client.Rows) error {
	w := csv.NewWriter(f.out)
	w.Comma = '\t'
	_ = w.Write([]string{"mac", "conns", "rx_bytes", "rx_pkts", "tx_bytes", "tx_pkts"})
	for i := range list.Rows {
		_ = w.Write([]string{list.Text(i, "device"), count(list.Number(i, "flows")), count(list.Number(i, "down")), "0", count(list.Number(i, "up")), "0"})
	}
	w.Flush()
	return w.Error()
}
