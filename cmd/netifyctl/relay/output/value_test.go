package output

import "testing"

// Sizes are written as people write them, and as in the agent's configuration.
func TestSize(t *testing.T) {
	for text, want := range map[string]Size{
		"512KiB": 512 << 10, "4 MiB": 4 << 20, "1gib": 1 << 30, "2TiB": 2 << 40,
		"5kB": 5e3, "500MB": 500e6, "20GB": 20e9, "20gb": 20e9, "1TB": 1e12, "1000": 1000, "0": 0,
	} {
		var s Size
		if err := s.UnmarshalTOML(text); err != nil || s != want {
			t.Errorf("%s: %d, %v, want %d", text, s, err, want)
		}
	}
	for _, text := range []string{"", "MB", "-1", "-1MB", "1.5GB", "4Mbit", "20PB", "99999999999TB"} {
		var s Size
		if err := s.UnmarshalTOML(text); err == nil {
			t.Errorf("%q is taken: %d", text, s)
		}
	}
}
