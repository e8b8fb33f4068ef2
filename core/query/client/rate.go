package client

import "time"

// Rate is how fast a total grows that the agent gives no rate of.
type Rate struct {
	Bytes uint64 // a second
	total uint64
	at    time.Time
}

// booked is how long a total may stand still while its rate holds: the agent
// books totals every few seconds, so that one that stands still is no rate of 0 yet.
const booked = 15 * time.Second

// See takes the total of this moment.
func (r *Rate) See(total uint64, now time.Time) {
	switch past := now.Sub(r.at); {
	case r.at.IsZero():
		r.total, r.at = total, now
	case total > r.total && past > 0:
		r.Bytes = uint64(float64(total-r.total) / past.Seconds())
		r.total, r.at = total, now
	case total < r.total || past > booked:
		r.total, r.at, r.Bytes = total, now, 0
	}
}
