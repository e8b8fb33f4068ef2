package eventtest

import (
	"strings"
	"testing"
)

const hello = `{"agent_version":"1","build_version":"x","json_version":1.9,"type":"agent_hello"}` + "\n"

// A validator that takes everything would make the tests that use it worthless.
func TestValidate(t *testing.T) {
	if err := Validate([]byte(hello)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"\n", "", "LF"},
		{"\n", "\n\n", "LF"},
		{`,"build`, `, "build`, "space"},
		{`"agent_version":"1","build_version":"x"`, `"build_version":"x","agent_version":"1"`, "after"},
		{`"build_version":"x",`, `"build_version":"x","build_version":"x",`, "after"},
		{`"build_version":"x",`, ``, "lacks build_version"},
		{`"build_version":"x",`, `"build_version":1,`, "not"},
		{`"build_version":"x",`, `"build_version":"x","extra":1,`, "extra is not known"},
		{`1.9`, `1.8`, "json_version"},
		{`agent_hello`, `hello`, "fits 0"},
		{`}`, ``, "unexpected end"},
	} {
		err := Validate([]byte(strings.Replace(hello, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.new, err, c.want)
		}
	}
}
