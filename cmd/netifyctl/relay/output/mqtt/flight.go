package mqtt

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"time"
)

// flight is the messages of QoS 1 on one connection that have not been settled:
// their identifiers, and how the broker answered. The libraries do this with
// several objects and goroutines a message, which took most of the processor's
// time, so messages and their PUBACKs go past them; all else is theirs.
type flight struct {
	ack     func() // acknowledges at once what TCP has received
	mu      sync.Mutex
	answers []error       // a ring: message i is at i % len, errWaiting until it is answered
	sent    uint64        // messages since the beginning
	settled uint64        // of them: answer has told how they went
	got     uint64        // of sent: answered
	want    uint64        // answers of which who waits is told: a word for each would cost more than the message
	came    chan struct{} // want is reached
	late    *time.Timer
}

var (
	errWaiting = errors.New("waits for a PUBACK")
	errLost    = errors.New("the connection was lost before the broker acknowledged")
	errFull    = errors.New("more messages are in flight than the broker allows")
)

// firstIdentifier is above those that the libraries use, for what they send.
const firstIdentifier = 1024

// most messages in flight: identifiers are 16 bits, and some are the libraries'.
const mostInFlight = 60000

// allow sets how many messages may be in flight, before the first.
func (f *flight) allow(n int) {
	f.mu.Lock() // a broker may speak before its turn
	defer f.mu.Unlock()
	f.answers = make([]error, n)
	f.came = make(chan struct{}, 1)
	f.late = time.NewTimer(time.Hour)
}

// next gives the identifier of one more message.
func (f *flight) next() (uint16, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sent-f.settled == uint64(len(f.answers)) {
		return 0, errFull
	}
	at := int(f.sent % uint64(len(f.answers)))
	f.sent++
	f.answers[at] = errWaiting
	return firstIdentifier + uint16(at), nil
}

// answered takes a PUBACK: identifier, and in MQTT 5 a reason and properties
// (3.4.2 of both versions). It is false where the packet is not for us.
func (f *flight) answered(packet []byte, body int) bool {
	at := int(binary.BigEndian.Uint16(packet[body:])) - firstIdentifier
	f.mu.Lock()
	defer f.mu.Unlock()
	if at < 0 || at >= len(f.answers) || f.answers[at] != errWaiting {
		return false
	}
	f.got++
	f.answers[at] = nil
	if body+2 < len(packet) && packet[body+2] >= 0x80 {
		f.answers[at] = refusedMessage(packet)
	}
	return true
}

// tell wakes who waits, if there is enough to tell.
func (f *flight) tell() {
	f.mu.Lock()
	enough := f.got >= f.want
	f.mu.Unlock()
	if !enough {
		f.ack()
		return
	}
	select {
	case f.came <- struct{}{}:
	default:
	}
}

// expect says what to wait for: half of what is in flight, or all if that was not
// it, as when answers come out of order.
func (f *flight) expect(all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.want = f.sent; !all {
		f.want = f.settled + (f.sent-f.settled+1)/2
	}
}

// oldest gives the answer to the oldest message that is not settled.
func (f *flight) oldest() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.answers[f.settled%uint64(len(f.answers))]
	if err != errWaiting {
		f.settled++
	}
	return err
}

// answer waits for the answer to the oldest message that is not settled, no
// longer than most, and no longer than the connection lives.
func (f *flight) answer(ctx context.Context, most time.Duration, gone <-chan struct{}) error {
	err := f.oldest()
	if err != errWaiting {
		return err
	}
	f.late.Reset(most)
	for all := false; ; all = true {
		f.expect(all)
		if err = f.oldest(); err != errWaiting { // it came in between
			return err
		}
		f.ack()
		select {
		case <-f.came:
		case <-gone:
			if err = f.oldest(); err == errWaiting {
				err = errLost
			}
			return err
		case <-f.late.C:
			return errors.New("the broker did not acknowledge within " + most.String() + " (timeout)")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
