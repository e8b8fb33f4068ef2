package event

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"netifyd/core/attr"
)

var update = flag.Bool("update", false, "write the attributes of core/attr into schema.json")

const schemaFile = "schema.json"

type dict = map[string]any

var schema = sync.OnceValues(func() (dict, error) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		return nil, err
	}
	var s dict
	return s, json.Unmarshal(text, &s)
})

func readSchema(t testing.TB) dict {
	t.Helper()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkSchema holds that v is a line as schema.json describes it.
func checkSchema(t testing.TB, v any, line []byte) {
	t.Helper()
	root := readSchema(t)
	if err := validate(root, root, v, ""); err != nil {
		t.Errorf("%v in %s", err, line)
	}
}

// known are the keywords that validate understands. A schema that uses another is refused.
var known = []string{"$defs", "$ref", "$schema", "additionalProperties", "const", "description", "enum", "items", "maxItems", "maxLength",
	"maximum", "minimum", "oneOf", "pattern", "properties", "propertyNames", "required", "title", "type"}

// validate is as much of JSON Schema (draft 2020-12) as schema.json needs.
func validate(root, s dict, v any, at string) error {
	for k := range s {
		if !slices.Contains(known, k) {
			return fmt.Errorf("schema: keyword %q at %s is not understood", k, at)
		}
	}
	if ref, ok := s["$ref"].(string); ok {
		def, ok := root["$defs"].(dict)[strings.TrimPrefix(ref, "#/$defs/")].(dict)
		if !ok {
			return fmt.Errorf("schema: %s is missing", ref)
		}
		if err := validate(root, def, v, at); err != nil {
			return err
		}
	}
	if c, ok := s["const"]; ok && c != v {
		return fmt.Errorf("%s is %v, not %v", at, v, c)
	}
	if list, ok := s["enum"].([]any); ok && !slices.Contains(list, v) {
		return fmt.Errorf("%s is %v, none of %v", at, v, list)
	}
	if err := validateType(s["type"], v, at); err != nil {
		return err
	}
	if list, ok := s["oneOf"].([]any); ok {
		fits, why := 0, []string{}
		for _, x := range list {
			if err := validate(root, x.(dict), v, at); err != nil {
				why = append(why, err.Error())
				continue
			}
			fits++
		}
		if fits != 1 {
			return fmt.Errorf("%s fits %d of oneOf: %v", at, fits, why)
		}
	}
	switch v := v.(type) {
	case dict:
		return validateObject(root, s, v, at)
	case []any:
		return validateArray(root, s, v, at)
	case string:
		if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			return fmt.Errorf("%s is %q, not like %s", at, v, p)
		}
		if n, ok := s["maxLength"].(float64); ok && len([]rune(v)) > int(n) {
			return fmt.Errorf("%s is longer than %v", at, n)
		}
	case float64:
		if m, ok := s["minimum"].(float64); ok && v < m {
			return fmt.Errorf("%s is below %v", at, m)
		}
		if m, ok := s["maximum"].(float64); ok && v > m {
			return fmt.Errorf("%s is above %v", at, m)
		}
	}
	return nil
}

func validateType(want, v any, at string) error {
	names, _ := want.([]any)
	if s, ok := want.(string); ok {
		names = []any{s}
	}
	if names == nil {
		return nil
	}
	for _, n := range names {
		ok := false
		switch x := v.(type) {
		case dict:
			ok = n == "object"
		case []any:
			ok = n == "array"
		case string:
			ok = n == "string"
		case bool:
			ok = n == "boolean"
		case nil:
			ok = n == "null"
		case float64:
			ok = n == "number" || n == "integer" && x == float64(int64(x))
		}
		if ok {
			return nil
		}
	}
	return fmt.Errorf("%s is %v, not %v", at, v, names)
}

func validateObject(root, s, v dict, at string) error {
	if required, ok := s["required"].([]any); ok {
		for _, k := range required {
			if _, ok := v[k.(string)]; !ok {
				return fmt.Errorf("%s lacks %v", at, k)
			}
		}
	}
	properties, _ := s["properties"].(dict)
	for k, x := range v {
		if names, ok := s["propertyNames"].(dict); ok {
			if err := validate(root, names, k, at+" key"); err != nil {
				return err
			}
		}
		sub, ok := properties[k].(dict)
		if !ok {
			switch more := s["additionalProperties"].(type) {
			case bool:
				if !more {
					return fmt.Errorf("%s.%s is not known", at, k)
				}
				continue
			case dict:
				sub = more
			default:
				continue
			}
		}
		if err := validate(root, sub, x, at+"."+k); err != nil {
			return err
		}
	}
	return nil
}

func validateArray(root, s dict, v []any, at string) error {
	if n, ok := s["maxItems"].(float64); ok && len(v) > int(n) {
		return fmt.Errorf("%s has more than %v items", at, n)
	}
	items, ok := s["items"].(dict)
	if !ok {
		return nil
	}
	for i, x := range v {
		if err := validate(root, items, x, fmt.Sprintf("%s[%d]", at, i)); err != nil {
			return err
		}
	}
	return nil
}

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
	flow := s["$defs"].(dict)["flow_metadata"].(dict)["properties"].(dict)
	for _, g := range groups() {
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
	root := readSchema(t)
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
		if root := readSchema(t); validate(root, root, v, "") == nil {
			t.Errorf("%s was taken for %s", c.new, c.old)
		}
	}
}
