package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"netifyd/core/config"
	"netifyd/core/glyph"
	"netifyd/core/proto"
	"netifyd/core/query/client"
	"netifyd/core/risk"
)

// flowsFace lists flows: netifyd flows [FILTER…] [--sort COLUMN] [--limit N] [--json|--csv].
func flowsFace(f *face) error {
	if err := f.only("sort", "limit", "json", "csv"); err != nil {
		return err
	}
	limit, err := f.number("limit", 50)
	if err != nil {
		return err
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	args := map[string]any{"filter": strings.Join(f.words, " ")}
	if f.has("sort") {
		args["sort"] = f.flags["sort"]
	}
	var list client.Rows
	if done, err := f.list("flows", args, limit, &list); done || err != nil {
		return err
	}
	names, err := applications(f.agent)
	if err != nil {
		return err
	}
	devices := deviceNames(f.agent)
	room := 40 // columns beyond 80, where it is no terminal
	if isTerminal(os.Stdout) {
		room, _ = (&terminal{out: os.Stdout}).size()
		room = max(room-80, 0)
	}
	var rows [][]string
	note := 0 // columns that notes take
	for i := range list.Rows {
		note = max(note, len(noteOf(&list, i))+2)
	}
	host := max(16+room-room/3-note, 8)
	for i := range list.Rows {
		name := protocolName(list.Number(i, "protocol"))
		if app := names[list.Number(i, "application")]; app != "" {
			name = app + " (" + name + ")"
		}
		rows = append(rows, []string{
			glyph.Cut(glyph.Clean(flowDevice(&list, i, devices)), 15), glyph.Cut(glyph.Clean(name), 16+room/3), glyph.Middle(glyph.Clean(cmp.Or(list.Text(i, "host"), addressOf(list.Text(i, "other")))), host),
			glyph.ShortRate(list.Number(i, "rate")), glyph.Octets(list.Number(i, "bytes")), list.Text(i, "digest")[:8], noteOf(&list, i),
		})
	}
	table(f.out, []string{"DEVICE", "APPLICATION", "HOST", "RATE", "BYTES", "DIGEST", "NOTE"}, []bool{false, false, false, true, true, false, false}, rows)
	if n := list.Total - len(list.Rows); n > 0 {
		fmt.Fprintf(f.out, "and %d more: narrow the filter, or raise --limit\n", n)
	}
	return nil
}

// noteOf is what is special about a flow: its flags, and how severe what is
// wrong with it is. "twin" is traffic that another row shows too, from the other
// side of the router.
func noteOf(list *client.Rows, i int) string {
	note := list.Text(i, "flags")
	switch n := list.Number(i, "risk"); {
	case n >= uint64(risk.High):
		note += " RISK"
	case n > 0:
		note += " risk"
	}
	return strings.TrimSpace(note)
}

// flowDevice is what the device of a flow is called: its name, else its address.
func flowDevice(list *client.Rows, i int, names map[string]string) string {
	return cmp.Or(names[list.Text(i, "device")], addressOf(list.Text(i, "local")))
}

// writeCSV writes the rows of a list as they came.
func writeCSV(f *face, list *client.Rows) error {
	w := csv.NewWriter(f.out)
	_ = w.Write(list.Columns)
	for i := range list.Rows {
		row := make([]string, len(list.Columns))
		for k, name := range list.Columns {
			row[k] = glyph.Clean(list.Text(i, name))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return w.Error()
}

// applications asks for the names of all applications, a page at a time.
func applications(agent *client.Client) (map[uint64]string, error) {
	names := map[uint64]string{}
	for offset := 0; ; {
		var list client.Rows
		if err := agent.Ask("applications", map[string]any{"offset": offset, "limit": 200}, &list); err != nil {
			return nil, err
		}
		for i := range list.Rows {
			names[list.Number(i, "id")] = strings.TrimPrefix(list.Text(i, "tag"), "netify.")
		}
		if offset += len(list.Rows); offset >= list.Total || len(list.Rows) == 0 {
			return names, nil
		}
	}
}

// queryFace asks any question: netifyd query METHOD [JSON], or those that come
// on standard input, one a line as the control socket takes them: netifyd query -.
func queryFace(f *face) error {
	if err := f.only(); err != nil {
		return err
	}
	if len(f.words) == 1 && f.words[0] == "-" {
		return f.relay(os.Stdin)
	}
	if len(f.words) == 0 || len(f.words) > 2 {
		return fmt.Errorf("netifyd query METHOD [ARGUMENTS IN JSON]: netifyd query methods lists them")
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	var args any
	if len(f.words) == 2 {
		if !json.Valid([]byte(f.words[1])) {
			return fmt.Errorf("netifyd query %s: the arguments are no JSON: write them as '{\"limit\":5}', in quotes for the shell", f.words[0])
		}
		args = json.RawMessage(f.words[1])
	}
	text, err := f.agent.Raw(f.words[0], args)
	if err == nil {
		fmt.Fprintf(f.out, "%s\n", text)
	}
	return err
}

// relay carries questions to the agent and its answers back, so that a program
// elsewhere may ask through ssh.
func (f *face) relay(in io.Reader) error {
	path := filepath.Join(f.cfg.VolatileDir, config.ControlSocket)
	if err := f.dial(); err != nil {
		return err
	}
	f.agent.Close()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	defer conn.Close()
	go func() {
		_, _ = io.Copy(conn, in)
		_ = conn.CloseWrite()
	}()
	_, err = io.Copy(f.out, conn)
	return err
}

// protocolName is the name of a protocol by its identifier.
func protocolName(id uint64) string { return proto.ID(id).Name() }

func count(n uint64) string { return strconv.FormatUint(n, 10) }
