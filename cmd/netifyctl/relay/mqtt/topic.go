package mqtt

import (
	"errors"
	"fmt"
	"strings"
)

// names are what a template may hold, in both spellings.
var names = []struct{ short, long string }{
	{"%a", "${uuid_agent}"},
	{"%k", "${channel}"},
	{"%s", "${uuid_site}"},
}

// expand fills in a template: %a or ${uuid_agent}, %k or ${channel}, %s or
// ${uuid_site}; %% is a percent sign.
func expand(template, agent, kind, site string) string {
	return strings.NewReplacer("%%", "%", names[0].short, agent, names[0].long, agent, names[1].short, kind, names[1].long, kind,
		names[2].short, site, names[2].long, site).Replace(template)
}

// namesKind tells whether messages of different kinds have different topics.
func namesKind(template string) bool {
	return expand(template, "", "a", "") != expand(template, "", "b", "")
}

// checkTemplate finds what expand does not know, before the broker does.
func checkTemplate(template string) error {
	rest := expand(template, "", "", "")
	if i := strings.Index(rest, "${"); i >= 0 {
		word, _, _ := strings.Cut(rest[i:], "}")
		return fmt.Errorf("%s} is not known: want ${uuid_agent} (%%a), ${channel} (%%k) or ${uuid_site} (%%s)", word)
	}
	for i := 0; i < len(template)-1; i++ {
		if template[i] != '%' {
			continue
		}
		if i++; !strings.ContainsRune("%aks", rune(template[i])) {
			return fmt.Errorf("%%%c is not known: want %%a, %%k, %%s, or %%%% for a percent sign", template[i])
		}
	}
	if template == "" {
		return nil
	}
	return checkTopic(expand(template, "a", "k", "s"))
}

// checkTopic tells whether a message may have this topic (MQTT 3.1.1, 4.7).
func checkTopic(topic string) error {
	switch {
	case topic == "":
		return errors.New("a topic may not be empty")
	case len(topic) > 65535:
		return errors.New("a topic may not be longer than 65535 bytes")
	case strings.ContainsAny(topic, "+#\x00"):
		return fmt.Errorf("the topic %q may not hold +, # or a zero byte", topic)
	}
	return nil
}
