package mqtt

import (
	"bytes"
	"context"
	"syscall"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/mqtt/mqtttest"
)

// BenchmarkMosquitto counts messages of 700 bytes that are acknowledged, in
// batches of 500, and the time that our processor takes for one. On a busy machine
// the second says more. The whole program is measured by the benchmark of the same
// name in package relay.
func BenchmarkMosquitto(b *testing.B) {
	for _, version := range []string{"3.1.1", "5"} {
		for _, secure := range []bool{false, true} {
			name := version
			if secure {
				name += " TLS"
			}
			b.Run(name, func(b *testing.B) {
				lines, scheme := "allow_anonymous true\n", "mqtt://"
				c := Settings{Broker: Broker{Version: version}}
				if secure {
					ca := newAuthority(b, "ours")
					ca.server("127.0.0.1", local)
					ca.client(agent)
					lines += "cafile " + ca.file("ca.pem") + "\ncertfile " + ca.file("127.0.0.1.pem") + "\nkeyfile " + ca.file("127.0.0.1.key") + "\nrequire_certificate true\n"
					scheme, c.CA, c.Cert, c.Key = "mqtts://", ca.file("ca.pem"), ca.file(agent+".pem"), ca.file(agent+".key")
				}
				m := mqtttest.NewMosquitto(b, lines)
				c.URL = scheme + m.Address()
				o, err := New(c)
				if err != nil {
					b.Fatal(err)
				}
				defer o.Close()
				batch := &output.Batch{Agent: agent, Kind: "events"}
				for range 500 {
					batch.Lines = append(batch.Lines, bytes.Repeat([]byte{'x'}, 700))
				}
				b.ReportAllocs()
				n, before := 0, processor()
				for b.Loop() {
					if err := o.Send(context.Background(), batch); err != nil {
						b.Fatal(err)
					}
					n += len(batch.Lines)
				}
				b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
				b.ReportMetric(float64((processor()-before).Nanoseconds())/1e3/float64(n), "cpu-µs/message")
			})
		}
	}
}

// processor is the time that this process has taken, in user and system.
func processor() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
