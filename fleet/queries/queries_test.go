package queries

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"netifyd/fleet/peer"
	"netifyd/fleet/schema"
	"netifyd/fleet/store"
)

var at *store.Store

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "fleet")
	if err != nil {
		panic(err)
	}
	server, err := peer.StartClickHouse(dir)
	if err == nil {
		at = server.Store("netifyd")
		_, err = schema.Migrate(context.Background(), at)
	}
	if err != nil && !errors.Is(err, peer.ErrNone) {
		panic(err)
	}
	code := m.Run()
	if server != nil {
		server.Kill()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// day is a day of the past, seen from the store, which counts in UTC.
func day(back int) time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -back) }

func insert(t *testing.T, table string, rows ...string) {
	t.Helper()
	if err := at.Insert(t.Context(), table, []byte(strings.Join(rows, "\n"))); err != nil {
		t.Fatal(err)
	}
}

func usage(agent, device, label string, start time.Time, down, version, seq int) string {
	return fmt.Sprintf(`{"start":%d,"seconds":3600,"agent":%q,"site":"S","device":%q,"name":"","label":%q,"scope":"internet","down":%d,"up":1,"flows":1,"complete":true,"estimated":false,"lossy":false,"version":%d,"epoch":7,"seq":%d,"lost":0,"later":"x"}`,
		start.Unix(), agent, device, label, down, version, seq)
}

func known(t *testing.T) {
	t.Helper()
	if at == nil {
		t.Skip(peer.ErrNone)
	}
	for _, table := range []string{"usage", "usage_adrift", "flow", "device", "alert", "agent_batch", "fleet_day"} {
		if _, err := at.Exec(t.Context(), "TRUNCATE TABLE "+table); err != nil {
			t.Fatal(err)
		}
	}
	y := day(1).Add(20 * time.Hour)
	first := []string{usage("A", "d1", "netflix", y, 100, 1, 0), usage("A", "d2", "youtube", y, 50, 1, 0), usage("B", "d9", "netflix", y, 70, 1, 0)}
	insert(t, "usage_in", first...)
	insert(t, "usage_in", usage("A", "d1", "netflix", y, 120, 2, 1), usage("A", "d1", "netflix", day(0), 9, 2, 1))
	insert(t, "usage_in", first...) // once more, and late
	insert(t, "usage_in", strings.Replace(usage("A", "d1", "SMB", y, 999, 1, 1), "internet", "local", 1), usage("B", "d9", "dns", day(2), 4, 1, 3), usage("C", "d5", "dns", time.Now().AddDate(1, 0, 0), 400, 1, 0))
	insert(t, "device_in", fmt.Sprintf(`{"agent":"A","device":"d1","name":"tv","vendor":"","type":"tv","first":%d,"last":%d,"time":1,"version":1,"online":true,"epoch":7,"seq":0,"lost":5}`, time.Now().Unix()-3600, time.Now().Unix()),
		fmt.Sprintf(`{"agent":"A","device":"d2","name":"old","first":%d,"last":%d,"time":1,"version":1,"epoch":7,"seq":0,"lost":5}`, time.Now().Unix()-864000, time.Now().Unix()))
	for range 2 {
		insert(t, "alert_in", fmt.Sprintf(`{"time":%[1]d,"started":7,"number":3,"agent":"A","kind":"quota","severity":"warning","first":%[1]d,"device":"d1","label":"","value":80,"interface":"","text":"80 %%","epoch":7,"seq":0,"lost":0}`, time.Now().Unix()))
	}
	insert(t, "flow_in", fmt.Sprintf(`{"first":%d,"last":%d,"agent":"A","device":"d1","digest":"0011","local":"192.168.1.2","other":"2001:db8::1","down":5,"up":6,"internal":true,"packets":3,"epoch":7,"seq":0,"lost":0}`, time.Now().UnixMilli(), time.Now().UnixMilli()))
}

// Each question is asked of known rows, some of which came twice, late, or
// from a router whose clock is a year ahead.
func TestAnswers(t *testing.T) {
	known(t)
	if q, err := Find("close-days"); err != nil {
		t.Fatal(err)
	} else if text, err := q.Text(nil); err != nil {
		t.Fatal(err)
	} else {
		for range 2 {
			if _, err := at.Exec(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
	}
	yesterday := day(1).Format(time.DateOnly)
	for name, want := range map[string]struct {
		values map[string]string
		answer string
	}{
		"used-most":         {nil, `[{"agent":"A","device":"d1","down":120,"up":1,"estimated":0},{"agent":"B","device":"d9","down":70,"up":1,"estimated":0},{"agent":"A","device":"d2","down":50,"up":1,"estimated":0}]`},
		"household-month":   {map[string]string{"agent": "B", "month": day(1).Format("200601")}, `[{"device":"d9","label":"netflix","down":70,"up":1,"flows":1}` + also(`,{"device":"d9","label":"dns","down":4,"up":1,"flows":1}`, day(2).Month() == day(1).Month()) + `]`},
		"application-trend": {map[string]string{"application": "netflix"}, `[{"day":"` + yesterday + `","agents":2,"devices":2,"down":190,"up":2}]`},
		"fleet-today":       {nil, `[{"application":"netflix","agents":1,"down":9,"up":1}]`},
		"device":            {map[string]string{"agent": "A", "device": "d2"}, `[{"day":"` + yesterday + `","application":"youtube","down":50,"up":1}]`},
		"losses":            {nil, `[{"agent":"A","kind":"device","epoch":7,"missing":0,"lost":5,"batches":1},{"agent":"B","kind":"usage","epoch":7,"missing":2,"lost":0,"batches":2}]`},
		"silent-routers":    {map[string]string{"hours": "1"}, `[]`},
		"new-devices":       {nil, `[{"agent":"A","device":"d1","name":"tv","vendor":"","type":"tv"}]`},
		"alerts":            {nil, `[{"agent":"A","kind":"quota","severity":"warning","device":"d1","label":"","text":"80 %"}]`},
		"wrong-clocks":      {nil, `[{"agent":"C","down":400,"up":1}]`},
		"routers":           {nil, `[{"agent":"A","site":"S","down":9,"up":1},{"agent":"B","site":"S","down":0,"up":0},{"agent":"C","site":"S","down":0,"up":0}]`},
		"fleet-hours":       {map[string]string{"hours": "72"}, `[{"agents":1,"down":4,"up":1},{"agents":2,"down":240,"up":3},{"agents":1,"down":9,"up":1}]`},
		"router":            {map[string]string{"agent": "A", "hours": "72"}, `[{"devices":2,"down":170,"up":2},{"devices":1,"down":9,"up":1}]`},
	} {
		q, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := q.Text(want.values)
		if err != nil {
			t.Fatal(err)
		}
		_, rows, err := at.Rows(t.Context(), text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var wanted []map[string]any
		d := json.NewDecoder(strings.NewReader(want.answer))
		d.UseNumber()
		if err := d.Decode(&wanted); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows { // the clock's
			for _, moment := range []string{"heard", "hour", "first", "time", "oldest", "newest"} {
				delete(r, moment)
			}
		}
		got, _ := json.Marshal(rows)
		if w, _ := json.Marshal(wanted); len(rows)+len(wanted) > 0 && string(got) != string(w) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, w)
		}
	}
}

func also(text string, yes bool) string {
	if yes {
		return text
	}
	return ""
}

// Every question is in the table above, or changes something.
func TestEveryQuestionSaysWhatItAnswers(t *testing.T) {
	for _, q := range All() {
		if q.Answers == "" {
			t.Errorf("%s does not say what it answers", q.Name)
		}
	}
}

// A value is text to the store, whatever is in it.
func TestValuesAreQuoted(t *testing.T) {
	q, err := Find("device")
	if err != nil {
		t.Fatal(err)
	}
	text, err := q.Text(map[string]string{"agent": `a' OR 1=1 --\`, "device": "12"})
	if err != nil || !strings.Contains(text, `agent = 'a\' OR 1=1 --\\' AND device = '12'`) {
		t.Errorf("%v\n%s", err, text)
	}
	for _, bad := range []map[string]string{{"agent": "a"}, {"agent": "a", "device": "b", "days": "1; DROP"}, {"agent": "a", "device": "b", "dayz": "1"}} {
		if text, err := q.Text(bad); err == nil {
			t.Errorf("%v is taken: %s", bad, text)
		}
	}
	if _, err := Find("nothing"); err == nil || !strings.Contains(err.Error(), "used-most") {
		t.Errorf("%v", err)
	}
}
