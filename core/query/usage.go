package query

import (
	"cmp"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"netifyd/core/device"
	"netifyd/core/usage"
)

// piece is how many cells are read before a shard may have them.
const piece = 256

// used is a row of usage while it is added up.
type used struct {
	start  int64 // of the step
	device uint32
	label  usage.Label // a category's number where rows are by category
	usage.Count
}

// question is what usage was asked for.
type question struct {
	byDevice, byLabel, byCategory bool
	span                          usage.Span
	step                          usage.Kind
	stepped                       bool
	device                        uint32
	all                           bool // of every device
	application                   string
	sum                           usage.Scope
}

func (s *Server) listUsage(a args) error {
	u := s.house.Usage()
	if u == nil {
		return errNoUsage
	}
	q, err := s.usageQuestion(u, a)
	if err != nil {
		return err
	}
	p, err := a.page()
	if err != nil {
		return err
	}
	rows, estimated, lossy, err := s.gather(u, &q)
	if err != nil {
		return err
	}
	r := &s.reply
	r.signed("from", q.span.Start)
	r.signed("to", q.span.End)
	r.is("estimated", estimated)
	r.is("lossy", lossy)
	var total usage.Count
	for i := range rows {
		total.Down, total.Up = total.Down+rows[i].Down, total.Up+rows[i].Up
	}
	r.number("down", total.Down)
	r.number("up", total.Up)
	r.columns([]string{"start", "device", "name", "application", "down", "up", "flows"})
	for i := min(p.offset, len(rows)); i < min(p.offset+p.limit, len(rows)); i++ {
		x := &rows[i]
		address, name := s.nameOf(x.device)
		label := ""
		switch {
		case q.byCategory:
			label = cmp.Or(s.apps.CategoryTag(uint8(x.label)), "unclassified")
		case q.byLabel:
			label = x.label.Name(s.apps.Tag)
		}
		r.row()
		r.num(uint64(x.start))
		r.cell(address)
		r.cell(name)
		r.cell(label)
		r.num(x.Down)
		r.num(x.Up)
		r.num(uint64(x.Flows))
		if !r.endRow() {
			break
		}
	}
	r.endRows(len(rows))
	return nil
}

func (s *Server) usageQuestion(u *usage.Table, a args) (q question, err error) {
	text := map[string]string{}
	for _, name := range []string{"by", "period", "step", "device", "application"} {
		if text[name], err = a.text(name); err != nil {
			return q, err
		}
	}
	local, _, err := a.flag("local")
	if err != nil {
		return q, err
	}
	if local {
		q.sum = usage.Local
	}
	for _, by := range strings.Split(cmp.Or(text["by"], "device,application"), ",") {
		switch strings.TrimSpace(by) {
		case "device":
			q.byDevice = true
		case "application", "protocol":
			q.byLabel = true
		case "category":
			q.byCategory = true
		default:
			return q, fmt.Errorf("by: %q: want device, application, category, or device and one of the others with a comma between", by)
		}
	}
	if q.byLabel && q.byCategory {
		return q, errors.New("by: application and category: an application has one category, want one of the two")
	}
	steps := map[string]usage.Kind{"": usage.Day, "hour": usage.Hour, "day": usage.Day, "month": usage.Period}
	var ok bool
	if q.step, ok = steps[text["step"]]; !ok {
		return q, fmt.Errorf("step: %q: want hour, day or month", text["step"])
	}
	q.stepped = text["step"] != ""
	q.application = strings.TrimPrefix(strings.ToLower(text["application"]), "netify.")
	now := s.house.Now() / 1e9 // before the lock, which is the last that a shard takes
	u.Devices.Lock()
	defer u.Devices.Unlock()
	q.all = text["device"] == ""
	if !q.all {
		id := findDevice(u.Devices, text["device"])
		if id == device.None {
			return q, noDevice(text["device"])
		}
		q.device = u.Devices.At(id).Number
	}
	from, err := a.number("from", 0)
	if err != nil {
		return q, err
	}
	count, err := a.number("count", 0)
	if err != nil {
		return q, err
	}
	c := u.Clock()
	if from == 0 && count == 0 || c == nil {
		q.span, err = spanOf(c, cmp.Or(text["period"], "today"), now)
		return q, err
	}
	if text["period"] != "" {
		return q, errors.New("period: say it, or from and count, not both")
	}
	count = min(max(count, 1), MaxRows)
	if from == 0 {
		q.span = lastSteps(c, q.step, int(count), now)
		return q, nil
	}
	q.span = stepOf(c, q.step, min(from, now))
	for range count - 1 {
		q.span.End = stepOf(c, q.step, q.span.End).End
	}
	return q, nil
}

// spanOf reads a piece of time.
func spanOf(c *usage.Clock, text string, now int64) (usage.Span, error) {
	if c == nil {
		return usage.Span{End: 1 << 40}, nil
	}
	day, period := c.Day(now), c.Period(now)
	switch text {
	case "hour":
		return c.Hour(now), nil
	case "today":
		return day, nil
	case "yesterday":
		return c.Day(day.Start - 1), nil
	case "7d":
		return usage.Span{Start: c.Ago(now, 6), End: day.End}, nil
	case "month":
		return period, nil
	case "last-month":
		return c.Period(period.Start - 1), nil
	}
	first, last, two := strings.Cut(text, "..")
	from, err := dateOf(c, first)
	if err == nil && two {
		var to usage.Span
		if to, err = dateOf(c, last); err == nil && to.End <= from.Start {
			err = errors.New("period: it ends before it begins")
		}
		from.End = to.End
	}
	return from, err
}

// dateOf reads a day or a month.
func dateOf(c *usage.Clock, text string) (usage.Span, error) {
	loc := c.Local(0).Location()
	if t, err := time.ParseInLocation(time.DateOnly, text, loc); err == nil {
		return usage.Span{Start: t.Unix(), End: t.AddDate(0, 0, 1).Unix()}, nil
	}
	if t, err := time.ParseInLocation("2006-01", text, loc); err == nil {
		return usage.Span{Start: t.Unix(), End: t.AddDate(0, 1, 0).Unix()}, nil
	}
	return usage.Span{}, fmt.Errorf("period: %.40q: want hour, today, yesterday, 7d, month, last-month, 2026-10, 2026-10-17, or two dates as FROM..TO", text)
}

// gather adds up history and this hour.
func (s *Server) gather(u *usage.Table, q *question) (rows []used, estimated, lossy bool, err error) {
	c := func() *usage.Clock { u.Devices.Lock(); defer u.Devices.Unlock(); return u.Clock() }()
	sums := map[used]usage.Count{}
	mains := mainsOf(u.Devices)
	add := func(at int64, number uint32, label usage.Label, n usage.Count) {
		if main, ok := mains[number]; ok {
			number = main
		}
		if label == usage.Peer || label.Sum() != q.sum || !q.all && number != q.device || number == uint32(device.WAN) {
			return
		}
		if q.application != "" && !strings.EqualFold(strings.TrimPrefix(label.Name(s.apps.Tag), "netify."), q.application) {
			return
		}
		key := used{}
		if q.stepped && c != nil {
			key.start = stepOf(c, q.step, at).Start
		}
		if q.byDevice {
			key.device = number
		}
		switch {
		case q.byCategory:
			key.label = usage.Label(s.apps.Category(label.App()))
		case q.byLabel:
			key.label = label
		}
		sum := sums[key]
		sum.Down, sum.Up, sum.Flows = sum.Down+n.Down, sum.Up+n.Up, sum.Flows+n.Flows
		sums[key] = sum
	}
	// This hour first: what is closed in between is then in the records too, and
	// is left out there.
	u.Devices.Lock()
	hour, _, _ := u.Spans()
	u.Devices.Unlock()
	var cells []usage.Row
	var numbers []uint32
	for at := 0; at < u.Steps() && (c == nil || q.span.Has(hour.Start)); {
		u.Devices.Lock() // in pieces, for the shards
		cells, at = u.Rows(cells[:0], at, piece)
		numbers = numbers[:0]
		for i := range cells {
			numbers = append(numbers, u.Devices.At(cells[i].Device).Number)
		}
		u.Devices.Unlock()
		for i := range cells {
			add(hour.Start, numbers[i], cells[i].Label, cells[i].Count)
			estimated = estimated || cells[i].Flags&usage.Estimated != 0
		}
	}
	if h := s.house.History(); h != nil {
		pending, _ := u.Pending(nil)
		err = h.Each(q.span, q.step, pending, func(r *usage.Record) {
			if int64(r.Start) == hour.Start {
				return
			}
			estimated = estimated || r.Marks&usage.EstimatedIn != 0
			lossy = lossy || r.Marks&usage.Lossy != 0
			for i := range r.Entries {
				e := &r.Entries[i]
				add(int64(r.Start), e.Device, e.Label, e.Count)
			}
		})
	}
	for key, n := range sums {
		key.Count = n
		rows = append(rows, key)
	}
	sort.Slice(rows, func(i, j int) bool {
		x, y := &rows[i], &rows[j]
		return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(y.Sum(), x.Sum()), cmp.Compare(x.device, y.device), cmp.Compare(x.label, y.label)) < 0
	})
	return rows, estimated, lossy, err
}

// mainsOf are the numbers of devices that are the same as others, with those of the others.
func mainsOf(d *device.Table) map[uint32]uint32 {
	d.Lock()
	defer d.Unlock()
	var mains map[uint32]uint32
	for id := device.ID(0); int(id) < d.Cap(); id++ {
		if x := d.At(id); x != nil && x.Second() {
			if mains == nil {
				mains = map[uint32]uint32{}
			}
			mains[x.Number] = d.At(d.Main(id)).Number
		}
	}
	return mains
}
