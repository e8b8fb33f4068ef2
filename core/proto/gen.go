//go:build ignore

// gen writes table.go out of protocols.tsv.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"log"
	"os"
	"strconv"
	"strings"
)

var categories = map[string]string{
	"unclassified": "Unclassified", "database": "Database", "file-server": "FileServer",
	"file-sharing": "FileSharing", "games": "Games", "infrastructure": "Infrastructure",
	"mail": "Mail", "media": "Media", "media-provider": "MediaProvider",
	"networking": "Networking", "proxy": "Proxy", "authentication": "Authentication",
	"remote-desktop": "RemoteDesktop", "voip": "VoIP", "vpn": "VPN", "web": "Web",
	"messaging": "Messaging", "printing": "Printing",
}

func main() {
	text, err := os.ReadFile("protocols.tsv")
	if err != nil {
		log.Fatal(err)
	}
	var consts, rows bytes.Buffer
	last := -1
	for n, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			log.Fatalf("protocols.tsv:%d: %d fields, not 4", n+1, len(f))
		}
		id, err := strconv.Atoi(f[0])
		if err != nil || id <= last {
			log.Fatalf("protocols.tsv:%d: identifiers must be numbers and rise", n+1)
		}
		last = id
		cat, ok := categories[f[3]]
		if !ok {
			log.Fatalf("protocols.tsv:%d: no category %q", n+1, f[3])
		}
		fmt.Fprintf(&consts, "%s ID = %d\n", f[1], id)
		fmt.Fprintf(&rows, "{%s, %q, %s},\n", f[1], f[2], cat)
	}
	src := "// Code generated from protocols.tsv by gen.go; DO NOT EDIT.\n\npackage proto\n\n" +
		"// Identifiers of protocols.\nconst (\n" + consts.String() + ")\n\nvar table = [...]entry{\n" + rows.String() + "}\n"
	out, err := format.Source([]byte(src))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("table.go", out, 0o644); err != nil {
		log.Fatal(err)
	}
}
