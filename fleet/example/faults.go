package example

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"netifyd/fleet/peer"
	"netifyd/fleet/queries"
)

// faults are what goes wrong in real fleets, one after the other.
func (f *Fleet) faults() []step {
	return []step{
		{fmt.Sprintf("both brokers are killed, and away for %v", f.o.Outage), f.brokersAway},
		{"the store is killed while rows are inserted", f.storeAway},
		{"an agent is killed, and starts again", f.agentKilled},
		{"the same batches come five times, and in any order", f.again},
		{"wrong certificates are refused", f.refused},
		{"a queue is full: what is lost is counted in the store", f.queueFull},
		{"the owner's limits win over the operator's wish", f.wishes},
		{"a clock that is a year wrong is kept apart", f.wrongClock},
		{"what reached the store tells nothing of a household by name", f.private},
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (f *Fleet) brokersAway(ctx context.Context) error {
	f.mosq.Kill()
	f.nats.Kill()
	if err := f.feed(f.routers[:3]...); err != nil {
		return err
	}
	wait(ctx, f.o.Outage)
	return errors.Join(f.mosq.Again(), f.nats.Again())
}

func (f *Fleet) storeAway(ctx context.Context) error {
	for range 3 {
		if err := f.feed(f.routers[:3]...); err != nil {
			return err
		}
		wait(ctx, time.Duration(200+rand.IntN(1500))*time.Millisecond) // into the middle of what is inserted
		f.click.Kill()
		wait(ctx, f.o.Outage/20)
		if err := f.click.Again(); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fleet) agentKilled(ctx context.Context) error {
	r := f.routers[1]
	r.agent.end(syscall.SIGKILL)
	if err := r.StartAgent(); err != nil {
		return err
	}
	return f.feed(f.routers[0], r)
}

// client connects to mosquitto with the certificate of a name.
func (f *Fleet) client(name string, config *tls.Config) (mqtt.Client, error) {
	if config == nil {
		var err error
		if config, err = f.ca.TLS(name); err != nil {
			return nil, err
		}
	}
	o := mqtt.NewClientOptions().AddBroker(strings.Replace(f.mosq.URL(), "mqtts", "ssl", 1)).SetClientID(fmt.Sprint(name, rand.Uint32())).SetTLSConfig(config).SetConnectRetry(false).SetProtocolVersion(4)
	c := mqtt.NewClient(o)
	t := c.Connect()
	if !t.WaitTimeout(10 * time.Second) {
		return nil, errors.New("mosquitto does not answer")
	}
	return c, t.Error()
}

// again records the batches of a router, and sends them five times as the router
// would, in random order, while it goes on.
func (f *Fleet) again(ctx context.Context) error {
	reader, err := f.client(peer.Collector, nil)
	if err != nil {
		return err
	}
	defer reader.Disconnect(0)
	batches := make(chan []byte, 1000)
	topic := "netifyd/v1/" + uuids[1] + "/usage"
	if t := reader.Subscribe(topic, 1, func(_ mqtt.Client, m mqtt.Message) { batches <- m.Payload() }); t.Wait() && t.Error() != nil {
		return t.Error()
	}
	var recorded [][]byte
	for i := range 6 {
		if err := f.feed(f.routers[1]); err != nil {
			return err
		}
		select {
		case b := <-batches:
			recorded = append(recorded, b)
		case <-time.After(20 * time.Second):
			return fmt.Errorf("only %d batches came", i)
		}
	}
	writer, err := f.client(uuids[1], nil)
	if err != nil {
		return err
	}
	defer writer.Disconnect(250)
	for range 5 {
		rand.Shuffle(len(recorded), func(i, j int) { recorded[i], recorded[j] = recorded[j], recorded[i] })
		for _, b := range recorded {
			if t := writer.Publish(topic, 1, false, b); !t.WaitTimeout(10*time.Second) || t.Error() != nil {
				return errors.Join(errors.New("mosquitto takes no batch"), t.Error())
			}
		}
	}
	f.say("  %d batches were sent 5 times", len(recorded))
	return nil
}

// refused: a certificate of another authority does not connect, and one of ours
// does not write for another router.
func (f *Fleet) refused(ctx context.Context) error {
	other, err := peer.NewCA(filepath.Join(f.dir, "other-ca"))
	if err != nil {
		return err
	}
	if err := other.Client(uuids[1]); err != nil {
		return err
	}
	foreign, err := other.TLS(uuids[1])
	if err != nil {
		return err
	}
	ours, err := f.ca.TLS(uuids[1])
	if err != nil {
		return err
	}
	foreign.RootCAs = ours.RootCAs // it trusts the broker; the broker does not trust it
	if c, err := f.client("foreign", foreign); err == nil {
		c.Disconnect(0)
		return errors.New("mosquitto let a certificate of another authority in")
	} else {
		f.say("  another authority's certificate: %v", err)
	}
	rogue, err := f.client("rogue", nil)
	if err != nil {
		return err
	}
	defer rogue.Disconnect(250)
	for _, name := range uuids[1:3] {
		text := fmt.Sprintf(`{"agent":%q,"epoch":1,"seq":0,"kind":"usage","schema":1,"columns":["start","device","label","scope","down","version"],"count":1,"lost":0}`, name) +
			fmt.Sprintf("\n[%d,\"d\",\"rogue\",\"internet\",999999999,18000000000000000000]", time.Now().Unix()/3600*3600)
		rogue.Publish("netifyd/v1/"+name+"/usage", 1, false, text).WaitTimeout(5 * time.Second)
		rogue.Publish("netifyd/v1/rogue/usage", 1, false, text).WaitTimeout(5 * time.Second)
	}
	wait(ctx, 2*time.Second)
	n, err := f.store.Exec(ctx, "SELECT count() FROM usage WHERE label = 'rogue'")
	if strings.TrimSpace(n) != "0" {
		return fmt.Errorf("rows of a rogue are in the store: %s, %v", n, err)
	}
	f.say("  what it wrote under other names is not in the store")
	return nil
}

// feedOn feeds a router some times, each ten minutes later by its clock: flows
// end a minute and more after their last packet, and time of the packets is ours.
func (f *Fleet) feedOn(ctx context.Context, r *Router, times int) error {
	for range times {
		if err := f.feed(r); err != nil {
			return err
		}
		r.mu.Lock()
		r.Skew += 10 * time.Minute
		r.mu.Unlock()
		wait(ctx, time.Second)
	}
	return nil
}

// queueFull gives a relay little room, and many flows while the store is away.
func (f *Fleet) queueFull(ctx context.Context) error {
	r := f.routers[0]
	r.relay.end(syscall.SIGTERM)
	if err := r.StartRelay(f.output(0) + "[[relay.output]]\nname = \"flows\"\nkinds = [\"flow\"]\nbuffer = \"64KiB\"\nbatch_rows = 20\nflush = \"1s\"\n" + f.output(0)); err != nil {
		return err
	}
	f.click.Kill()
	if err := f.feedOn(ctx, r, 8); err != nil {
		return err
	}
	lost := func() (n uint64, err error) {
		text, err := os.ReadFile(filepath.Join(r.Dir, "relay.json"))
		if err != nil {
			return 0, err
		}
		var status struct {
			Outputs []struct {
				Name string
				Lost uint64
			}
		}
		err = json.Unmarshal(text, &status)
		for _, o := range status.Outputs {
			if o.Name == "flows" {
				n = o.Lost
			}
		}
		return n, err
	}
	var n uint64
	if err := until(ctx, 60*time.Second, func() (err error) {
		if n, err = lost(); err == nil && n == 0 {
			err = errors.New("nothing was lost, though there was no room")
		}
		return err
	}); err != nil {
		return err
	}
	if err := f.click.Again(); err != nil {
		return err
	}
	return until(ctx, 90*time.Second, func() error {
		n, err := lost()
		if err != nil {
			return err
		}
		_, rows, err := queries.Ask(ctx, f.store, "losses", nil)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row["agent"] == r.UUID && row["kind"] == "flow" {
				if fmt.Sprint(row["lost"]) == fmt.Sprint(n) {
					f.say("  %d flows were lost for want of room; the store knows of all of them", n)
					return nil
				}
				return fmt.Errorf("the relay lost %d, the store knows of %v", n, row["lost"])
			}
		}
		return fmt.Errorf("the relay lost %d, the store knows of none", n)
	})
}

func (f *Fleet) wrongClock(ctx context.Context) error {
	if err := f.feed(f.routers...); err != nil {
		return err
	}
	return until(ctx, 30*time.Second, func() error {
		_, rows, err := queries.Ask(ctx, f.store, "wrong-clocks", nil)
		if err != nil {
			return err
		}
		if len(rows) != 1 || rows[0]["agent"] != uuids[3] {
			return fmt.Errorf("kept apart is %v", rows)
		}
		n, err := f.store.Exec(ctx, "SELECT count() FROM usage WHERE agent = '"+uuids[3]+"'")
		if err == nil && strings.TrimSpace(n) != "0" {
			err = fmt.Errorf("%s rows of %s are in the sums", strings.TrimSpace(n), uuids[3])
		}
		if err == nil {
			f.say("  %s: rows up to %v are in no sum", uuids[3], rows[0]["newest"])
		}
		return err
	})
}
