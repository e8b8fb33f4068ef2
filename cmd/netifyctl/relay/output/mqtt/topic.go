package mqtt

import (
	"errors"
	"fmt"
	"strings"

	"netifyd/cmd/netifyctl/relay/output"
)

// short are the short names that a template may hold beside ${…}.
var short = strings.NewReplacer("%%", "%", "%a", "${uuid_agent}", "%k", "${kind}", "%s", "${uuid_site}")

// Expand fills in a template: %a is the agent, %k the kind, %s the site, %% a
// percent sign, and ${…} what it is in URLs.
func Expand(template string, b *output.Batch) string { return b.Expand(short.Replace(template)) }

// namesKind tells whether messages of different kinds have different topics.
func namesKind(template string) bool {
	return Expand(template, &output.Batch{Kind: "a"}) != Expand(template, &output.Batch{Kind: "b"})
}

// CheckTemplate finds what Expand does not know, before the broker does.
func CheckTemplate(template string) error {
	if err := output.CheckNames(template); err != nil {
		return err
	}
	for i := 0; i < len(template); i++ {
		if template[i] != '%' {
			continue
		}
		if i++; i == len(template) || !strings.ContainsRune("%aks", rune(template[i])) {
			return errors.New("want %a (agent), %k (kind) or %s (site) behind a percent sign, or %% for the sign itself")
		}
	}
	if template == "" {
		return nil
	}
	return checkTopic(Expand(template, &output.Batch{Agent: "a", Kind: "k", Site: "s"}))
}

// checkTopic tells whether a message may have this topic (MQTT 3.1.1, 4.7).
func checkTopic(topic string) error {
	switch {
	case topic == "":
		return errors.New("a topic may not be empty")
	case len(topic) > 65535:
		return errors.New("a topic may not be longer than 65535 bytes")
	case strings.ContainsAny(topic, "+#\x00"):
		return fmt.Errorf("a topic may not hold +, # or a zero byte, as %q", topic)
	}
	return nil
}
