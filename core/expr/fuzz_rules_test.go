package expr

import "testing"

// Whatever a rule says, it is refused with a column or it answers; what its keys
// say holds, and both orders of a question and its opposite agree.
func FuzzRules(f *testing.F) {
	for _, seed := range []string{
		"device == 'tv' && usage.today > 2GiB", "mac == @kids or local_ip != @servers", `["ai:nosuch", "iface == '*'"]`, `app == "netify.x" ;`,
		"(iface_nfq_src == 'br-lan' or iface_nfq_dst == 'br-lan') && (app == 'netify.netflix' or proto == 'quic' or category == 'games') ;", "usage.period <= 0", "other_port == 443 && ac:games",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var unknown []string
		p, err := CompileWith(text, rules(nil, &unknown))
		if err != nil {
			if _, ok := err.(*Error); !ok {
				t.Errorf("%q: %v has no column", text, err)
			}
			return
		}
		in := sample
		got := p.Match(&in)
		n := 0
		p.Explain(&in, func(string, bool) { n++ })
		if n == 0 || p.Size() == 0 {
			t.Errorf("%q: nothing is explained", text)
		}
		k, keyed := p.Keys()
		if !keyed || !got {
			return
		}
		for _, id := range k.Apps {
			keyed = keyed && id != in.App
		}
		for _, id := range k.Protocols {
			keyed = keyed && id != uint16(in.Proto)
		}
		for _, id := range k.Categories {
			keyed = keyed && id != in.AppCategory && id != in.DomCategory && id != in.NetCategory
		}
		for _, port := range k.Ports {
			keyed = keyed && port != in.OtherPort
		}
		if keyed {
			t.Errorf("%q matches a flow that has none of its keys %+v", text, k)
		}
	})
}
