package client

import (
	"testing"
	"time"
)

func TestRate(t *testing.T) {
	at := time.Unix(100, 0)
	var r Rate
	for _, x := range []struct {
		after int
		total uint64
		want  uint64
	}{{0, 1000, 0}, {2, 1000, 0}, {5, 6000, 1000}, {7, 6000, 1000}, {30, 6000, 0}, {32, 5, 0}, {34, 25, 10}} {
		if r.See(x.total, at.Add(time.Duration(x.after)*time.Second)); r.Bytes != x.want {
			t.Errorf("after %d s and %d bytes: %d, want %d", x.after, x.total, r.Bytes, x.want)
		}
	}
}
