package config

import "testing"

// The key changes with what waits for a restart, and with nothing else.
func TestRestartKey(t *testing.T) {
	seen := map[string]string{}
	for k := range Options {
		o := &Options[k]
		plain, changed := fresh(), fresh()
		i := Count(changed, o.Table) - 1
		text := map[string]string{"true": "false", "false": "true"}[o.Get(plain, i)]
		switch {
		case text != "":
		case o.Type == Choice:
			text = o.Choices[len(o.Choices)-1]
			if text == o.Get(plain, i) {
				text = o.Choices[0]
			}
		case o.Type == Mode:
			text = "0600"
		case o.Type == Duration || o.Type == Size || o.Type == Number:
			text = "128"
			if o.Name == "timeout" || o.Name == "update_interval" || o.Name == "shards" || o.Name == "interval" || o.Name == "shift" {
				text = "2"
			}
			if o.Name == "commit" {
				text = "2h"
			}
			if o.Get(plain, i) == "128KiB" || o.Get(plain, i) == "128" {
				text = "256"
			}
		default:
			text = "other"
		}
		if err := o.Set(changed, i, text); err != nil {
			t.Fatal(err)
		}
		if o.Get(plain, i) == o.Get(changed, i) {
			t.Fatalf("%s was not changed by %s", o.Key(), text)
		}
		key := RestartKey(changed)
		if (key != RestartKey(plain)) != o.Restart {
			t.Errorf("%s: restart %v, keys %s and %s", o.Key(), o.Restart, RestartKey(plain), key)
		}
		if other, there := seen[key]; there && o.Restart {
			t.Errorf("%s and %s have one key", o.Key(), other)
		}
		seen[key] = o.Key()
	}
	more := fresh()
	Add(more, "listen")
	if RestartKey(more) == RestartKey(fresh()) {
		t.Error("one listener more has the same key")
	}
}
