package glyph

import "testing"

func TestColumns(t *testing.T) {
	for _, x := range []struct {
		text string
		n    int
	}{{"", 0}, {"abc", 3}, {"né", 2}, {"e\u0301", 1}, {"客厅电视", 8}, {"안녕", 4}, {"ｆｕｌｌ", 8}, {"📺", 2}, {"▁▂", 2}, {"…", 1}} {
		if got := Columns(x.text); got != x.n {
			t.Errorf("%q takes %d columns, want %d", x.text, got, x.n)
		}
	}
}

func TestCut(t *testing.T) {
	for _, x := range []struct {
		text string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"客厅电视", 5, "客厅…"}, {"客厅电视", 4, "客…"}, {"客厅", 1, "…"}, {"abc", 0, ""}, {"", 0, ""}} {
		if got := Cut(x.text, x.n); got != x.want || Columns(got) > x.n {
			t.Errorf("%q in %d columns is %q, want %q", x.text, x.n, got, x.want)
		}
	}
	for _, x := range []struct {
		text string
		n    int
		want string
	}{{"rr3---sn-4g5e6nsz.googlevideo.com", 20, "rr3---…oglevideo.com"}, {"short.example", 20, "short.example"}, {"客厅电视电视电视", 9, "客…视电视"}, {"abcdef", 3, "ab…"}} {
		if got := Middle(x.text, x.n); got != x.want || Columns(got) > x.n {
			t.Errorf("%q in %d columns is %q, want %q", x.text, x.n, got, x.want)
		}
	}
	if got := Fit("客厅电视", 6, true); got != " 客厅…" {
		t.Errorf("%q", got)
	}
	if got := Fit("ab", 4, false); got != "ab  " {
		t.Errorf("%q", got)
	}
}

func TestSpark(t *testing.T) {
	for _, x := range []struct {
		list        []uint64
		want, plain string
	}{{nil, "", ""}, {[]uint64{0, 0}, "▁▁", "  "}, {[]uint64{0, 7, 14, 3}, "▁▅█▃", " =#:"}, {[]uint64{1 << 63, 1<<64 - 1}, "▅█", "=#"}} {
		if got := Spark(x.list); got != x.want || ASCII(got) != x.plain {
			t.Errorf("%v is drawn as %q and %q, want %q and %q", x.list, got, ASCII(got), x.want, x.plain)
		}
	}
	if got := ASCII("tv … 客é"); got != "tv ~ ??" {
		t.Errorf("%q", got)
	}
}
