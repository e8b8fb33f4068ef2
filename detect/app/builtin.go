package app

import "netifyd/core/proto"

type source struct {
	App
	domains []string
	twin    proto.ID
}

var builtin = []source{
	{App: App{ID: 119, Tag: "netify.facebook", Category: 24}, domains: []string{"facebook.com", "fbcdn.net", "fb.com"}},
	{App: App{ID: 124, Tag: "netify.youtube", Category: 29}, domains: []string{"youtube.com", "ytimg.com", "googlevideo.com"}},
	{App: App{ID: 133, Tag: "netify.netflix", Category: 29}, domains: []string{"netflix.com", "nflxvideo.net", "nflxso.net", "nflxext.com"}},
}

// Default is the catalogue that is built in.
func Default() *Catalogue {
	c := &Catalogue{byID: map[uint32]int{}, domains: map[string]int{}, twins: map[proto.ID]int{}}
	for i, s := range builtin {
		c.apps = append(c.apps, s.App)
		c.byID[s.ID] = i
		for _, d := range s.domains {
			c.domains[d] = i
		}
		if s.twin != 0 {
			c.twins[s.twin] = i
		}
	}
	return c
}
