// Package eventtest checks lines of the stream against core/event/schema.json,
// for tests of packages that write such lines.
package eventtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

type dict = map[string]any

// Schema is the schema, read once. It is found from the working directory
// upwards, since tests run in the directory of their package.
var Schema = sync.OnceValues(func() (dict, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for ; ; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "core", "event", "schema.json"))
		if err == nil {
			var s dict
			return s, json.Unmarshal(text, &s)
		}
		if dir == filepath.Dir(dir) {
			return nil, errors.New("core/event/schema.json is in no directory above: run this as a test of the module")
		}
	}
})

// Validate says what is wrong with a line: it must be one compact JSON object
// with ascending keys and LF at the end, as the schema has it.
func Validate(line []byte) error {
	var v any
	if err := json.Unmarshal(line, &v); err != nil {
		return err
	}
	if err := checkForm(line); err != nil {
		return err
	}
	return Check(v)
}

// Check holds a decoded line to the schema.
func Check(v any) error {
	root, err := Schema()
	if err != nil {
		return err
	}
	return validate(root, root, v, "line")
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
