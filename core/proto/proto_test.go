package proto

import "testing"

func TestNamesComeBack(t *testing.T) {
	n := 0
	All(func(id ID, name string) {
		n++
		got, ok := Parse(name)
		if !ok || got != id {
			t.Errorf("%q is parsed as %d, want %d", name, got, id)
		}
		if id.Name() != name || At(id.Place()) != id {
			t.Errorf("%d: name %q, place %d", id, id.Name(), id.Place())
		}
		if id != Unknown && id.Category().String() == "" {
			t.Errorf("%s has no category", name)
		}
	})
	if n != Places {
		t.Errorf("%d protocols, want %d", n, Places)
	}
}

func TestWireNumbers(t *testing.T) {
	for name, want := range map[string]ID{"DNS": 5, "HTTP": 7, "TLS": 91, "https": 196, "QUIC": 188, "SSH": 92, "Unknown": 0, "BFCP": 10000} {
		if got, ok := Parse(name); !ok || got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
}

func TestDialect3Spelling(t *testing.T) {
	for id, want := range map[ID]string{HTTPS: "HTTPS", IMAPS: "IMAPS", SMTPS: "SMTPS", POP3S: "POP3S", FTPS: "FTPS", FTPC: "FTP/C", DNS: "DNS"} {
		if got := id.Name3(); got != want {
			t.Errorf("%d is %q, want %q", id, got, want)
		}
	}
}

func TestNoSuchProtocol(t *testing.T) {
	if id, ok := Parse("no such thing"); ok || id != 0 {
		t.Errorf("%d %v", id, ok)
	}
	if id, ok := Parse(""); ok || id != 0 {
		t.Errorf("empty name: %d %v", id, ok)
	}
	if ID(65535).Name() != "Unknown" || ID(65535).Place() != 0 {
		t.Error("an identifier out of range must be unknown")
	}
}
