package event

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/event/eventtest"
)

var update = flag.Bool("update", false, "write the attributes of core/attr into schema.json")

const schemaFile = "schema.json"

type dict = map[string]any

// formSchema is what a value of an attribute looks like.
func formSchema(info attr.Info) dict {
	s := dict{"type": "string"}
	switch info.Form {
	case attr.Text:
		s["maxLength"] = float64(info.Limit)
	case attr.Hex:
		s["pattern"] = fmt.Sprintf("^([0-9a-f]{2}){0,%d}$", info.Limit)
	case attr.Hex16:
		s["pattern"] = "^0x[0-9a-f]{4}$"
	case attr.Hex32:
		s["pattern"] = "^0x[0-9a-f]{8}$"
	case attr.Uint:
		s = dict{"type": "integer", "minimum": 0.0}
	case attr.Bool:
		s["type"] = "boolean"
	case attr.IP:
		s = dict{"$ref": "#/$defs/ip"}
	case attr.Addr:
		s["pattern"] = `^([0-9.]+|\[[0-9a-f:.]+\]):[0-9]+$`
	}
	return s
}

// withAttributes puts the table of core/attr into a schema: what a group
// holds and how its values look. Descriptions stay.
func withAttributes(s dict) {
	defs := s["$defs"].(dict)
	for d, name := range [NumDialects]string{"flow_metadata_3", "flow_metadata", "flow_metadata_5"} {
		list := groups(Dialect(d))
		if Dialect(d) == V3 {
			list = slices.DeleteFunc(list, func(g group) bool { return g.name > "vlan_id" })
		}
		putAttributes(defs[name].(dict)["properties"].(dict), list)
	}
}

func putAttributes(flow dict, groups []group) {
	for _, g := range groups {
		into := flow
		if g.name != "" {
			old, _ := flow[g.name].(dict)
			o := dict{"type": "object", "additionalProperties": false, "properties": dict{}, "description": "?"}
			if d, ok := old["description"]; ok {
				o["description"] = d
			}
			flow[g.name] = o
			into = o["properties"].(dict)
			for _, k := range g.keys {
				was, _ := old["properties"].(dict)
				if p, ok := was[k.name]; ok {
					into[k.name] = p
				}
				if k.whole {
					list, _ := o["required"].([]any)
					o["required"] = append(list, k.name)
				}
			}
		}
		for _, k := range g.keys {
			p := formSchema(k.info)
			if k.info.List {
				p = dict{"type": "array", "items": p, "maxItems": float64(k.most)}
			}
			p["description"] = "?"
			if old, ok := into[k.name].(dict); ok && old["description"] != nil {
				p["description"] = old["description"]
			}
			into[k.name] = p
		}
	}
}

// The file is sorted, and agrees with the table of attributes in both directions.
func TestSchemaAgreesWithAttributes(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var s dict
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	withAttributes(s)
	want := new(bytes.Buffer)
	enc := json.NewEncoder(want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(text, want.Bytes()) {
		return
	}
	if !*update {
		t.Fatalf("%s and core/attr differ: run go test ./core/event -run Schema -update, then describe what is new", schemaFile)
	}
	if err := os.WriteFile(schemaFile, want.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// eachObject calls fn for every schema of an object.
func eachObject(at string, v any, fn func(at string, s dict)) {
	switch v := v.(type) {
	case dict:
		if v["type"] == "object" {
			fn(at, v)
		}
		for k, x := range v {
			eachObject(at+"/"+k, x, fn)
		}
	case []any:
		for i, x := range v {
			eachObject(fmt.Sprintf("%s/%d", at, i), x, fn)
		}
	}
}

// Every object is closed, and every member says what it is, in the schema and in the manual.
func TestSchemaIsClosedAndExplained(t *testing.T) {
	manual, err := os.ReadFile("../../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := eventtest.Schema()
	if err != nil {
		t.Fatal(err)
	}
	eachObject("", root, func(at string, s dict) {
		if _, ok := s["additionalProperties"]; !ok {
			t.Errorf("%s is open: set additionalProperties", at)
		}
		properties, _ := s["properties"].(dict)
		for name, p := range properties {
			p := p.(dict)
			if d := p["description"]; (d == nil || d == "?") && p["$ref"] == nil && name != "type" && name != "flow" {
				t.Errorf("%s/%s: describe it in %s", at, name, schemaFile)
			}
			if !bytes.Contains(manual, []byte("`"+name+"`")) {
				t.Errorf("%s/%s: explain `%s` in docs/events.md", at, name, name)
			}
		}
	})
}

// A validator that takes everything would make the other tests worthless.
func TestSchemaRefuses(t *testing.T) {
	good := string(AppendFlow(nil, V4, sample()))
	for _, c := range []struct{ old, new string }{
		{`"type":"flow"`, `"type":"flows"`},
		{`"established":false,`, ``},
		{`"internal":true`, `"internal":1`},
		{`"vlan_id":7`, `"vlan_id":-7`},
		{`"vlan_id":7`, `"vlan_id":7,"extra":1`},
		{`"vlan_id":7`, `"vlan_id":7.5`},
		{`"detection_guessed":false`, `"detection_guessed":2`},
		{`"ip_version":4`, `"ip_version":5`},
		{`"version":"0x0303"`, `"version":"0x303"`},
		{`"alpn_server":["h2"]`, `"alpn_server":"h2"`},
		{`"80:2a:`, `"80-2a-`},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Fatalf("%s is not in %s", c.old, good)
		}
		var v any
		if err := json.Unmarshal([]byte(bad), &v); err != nil {
			t.Fatal(err)
		}
		if eventtest.Check(v) == nil {
			t.Errorf("%s was taken for %s", c.new, c.old)
		}
	}
}
