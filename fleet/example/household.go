package example

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"time"

	"netifyd/fleet/peer"
)

// What names a person's device or what it looked at: a hardware address, an
// address of IP, a name of a server.
var telling = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b[0-9a-f]{2}([:-][0-9a-f]{2}){5}\b`),
	regexp.MustCompile(`\b[0-9]{1,3}(\.[0-9]{1,3}){3}\b`),
	regexp.MustCompile(`(?i)\b[0-9a-f]{1,4}(:[0-9a-f]{0,4}){3,7}\b`),
	regexp.MustCompile(`(?i)\b[a-z0-9-]+\.(com|net|org|de|it|io|tv|local|lan)\b`),
}

// private reads every word that the store has, and finds nothing that tells
// more of a household than devices without a name, and applications. Addresses
// of flows are for owners who send flows.
func (f *Fleet) private(ctx context.Context) error {
	_, columns, err := f.store.Rows(ctx, "SELECT table, name FROM system.columns WHERE database = 'netifyd' AND type LIKE '%String%' AND table NOT LIKE '%\\\\_in' AND table NOT LIKE '.inner%' ORDER BY table, name")
	if err != nil {
		return err
	}
	words := 0
	for _, c := range columns {
		table, name := fmt.Sprint(c["table"]), fmt.Sprint(c["name"])
		if table == "migration" || table == "flow" && (name == "local" || name == "other") {
			continue
		}
		if strings.HasSuffix(table, "_kept") || strings.HasSuffix(table, "_apart") || strings.HasSuffix(table, "_batch") && table != "agent_batch" {
			continue // views
		}
		_, rows, err := f.store.Rows(ctx, "SELECT DISTINCT "+name+" AS word FROM "+table)
		if err != nil {
			return err
		}
		for _, r := range rows {
			word := fmt.Sprint(r["word"])
			words++
			for _, t := range telling {
				if t.MatchString(word) {
					return fmt.Errorf("%s.%s in the store says %q", table, name, word)
				}
			}
			if (table == "device" && name == "name" || name == "host") && word != "" {
				return fmt.Errorf("%s.%s in the store has the name %q", table, name, word)
			}
		}
	}
	if words < 20 {
		return errors.New("the store has next to no words: nothing was looked at")
	}
	f.say("  %d words in the store: no hardware address, no address, no name of a device or a server", words)
	return nil
}

// wishes: the operator asks for all flows of a router. One whose owner allows
// nothing sends none; one whose owner allows them does.
func (f *Fleet) wishes(ctx context.Context) error {
	r := f.routers[1]
	operator, err := f.client(peer.Collector, nil)
	if err != nil {
		return err
	}
	defer operator.Disconnect(250)
	wish := fmt.Sprintf(`{"flows":"final","until":%d}`, time.Now().Add(time.Hour).Unix())
	if t := operator.Publish("netifyd/v1/"+r.UUID+"/policy", 1, true, wish); !t.WaitTimeout(10*time.Second) || t.Error() != nil {
		return errors.Join(errors.New("mosquitto takes no policy"), t.Error())
	}
	flows := func() (n int, err error) {
		text, err := f.store.Exec(ctx, "SELECT count() FROM flow WHERE agent = '"+r.UUID+"'")
		if err == nil {
			_, err = fmt.Sscan(text, &n)
		}
		return n, err
	}
	again := func() error { return f.feedOn(ctx, r, 3) }
	restart := func(more string) error {
		r.relay.end(syscall.SIGTERM)
		return r.StartRelay(more + f.output(1))
	}
	if err := restart("policy = true\n"); err != nil {
		return err
	}
	if err := again(); err != nil {
		return err
	}
	wait(ctx, 3*time.Second)
	if n, err := flows(); err != nil || n > 0 {
		return errors.Join(err, fmt.Errorf("%d flows came, though the owner does not allow them", n))
	}
	f.say("  the operator asks for flows, the owner does not allow them: none came")
	if err := restart("policy = true\nallow = [\"flow\"]\n"); err != nil {
		return err
	}
	n := 0
	if err := until(ctx, 60*time.Second, func() (err error) {
		if err = again(); err == nil {
			if n, err = flows(); err == nil && n == 0 {
				err = errors.New("no flows came, though the owner allows them")
			}
		}
		return err
	}); err != nil {
		return err
	}
	f.say("  the owner allows them: %d came", n)
	if t := operator.Publish("netifyd/v1/"+r.UUID+"/policy", 1, true, ""); !t.WaitTimeout(10*time.Second) || t.Error() != nil {
		return errors.Join(errors.New("mosquitto takes no policy"), t.Error())
	}
	return restart("")
}
