package web

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func tokenFile(t *testing.T, text string) string {
	file := filepath.Join(t.TempDir(), "token")
	writeFile(t, file, text)
	return file
}

func TestBeyondLoopbackItWantsAPassword(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:8080"} {
		o, err := parse([]string{"--listen", listen})
		if err != nil {
			t.Fatal(err)
		}
		if err = serve(t.Context(), o, nil); err == nil || !strings.Contains(err.Error(), "wants a password") || !strings.Contains(err.Error(), "--token-file") {
			t.Errorf("%s: %v", listen, err)
		}
	}
	for text, words := range map[string]string{"": "0 characters", "short\n": "5 characters", "\nsecond line is long enough\n": "0 characters"} {
		if _, err := parse([]string{"--token-file", tokenFile(t, text)}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, arguments := range [][]string{{"--token-file", "/no/such"}, {"--tls-cert", "x"}, {"more"}, {"--colour"}} {
		if _, err := parse(arguments); err == nil {
			t.Errorf("%q is taken", arguments)
		}
	}
}

func TestNobodySeesAnythingWithoutThePassword(t *testing.T) {
	agent := newStandin(t)
	b := started(t, "--control", agent.path, "--listen", "0.0.0.0:0", "--token-file", tokenFile(t, "correct horse\n"))
	paths := []string{"/api/status", "/api/flows", "/events", "/metrics"}
	for _, path := range paths {
		for _, h := range []func(*http.Request){func(*http.Request) {}, header("Authorization", "Bearer wrong horse"), header("Cookie", "netifyctl-0=9999999999.00")} {
			if status, text := b.ask("GET", path, "", h); status != 401 || !strings.Contains(text, "password") {
				t.Errorf("%s: %d %s", path, status, text)
			}
		}
	}
	for _, m := range menu {
		if status, text := b.ask("GET", "/"+strings.TrimPrefix(m.Path, "./"), ""); status != 401 || !strings.Contains(text, `name="password"`) || strings.Contains(text, "app.js") {
			t.Errorf("%s: %d %s", m.Path, status, text)
		}
	}
	if agent.asked.Load() != 0 {
		t.Error("the agent was asked")
	}
	for _, h := range []func(*http.Request){header("Authorization", "Bearer correct horse"), func(r *http.Request) { r.SetBasicAuth("prometheus", "correct horse") }} {
		for _, path := range []string{"/api/status", "/metrics"} {
			if status, text := b.ask("GET", path, "", h); status != 200 {
				t.Errorf("%s: %d %s", path, status, text)
			}
		}
	}
	if _, text := b.ask("GET", "/api/status", "", header("Authorization", "Bearer wrong horse")); !strings.Contains(text, "that is not the password") {
		t.Errorf("a wrong password is asked for again: %s", text)
	}
	if status, _ := b.ask("POST", "/api/device_set", `{"device":"x","name":"y"}`); status != 401 {
		t.Error("a change:", status)
	}
}

func login(b *browser, password, next string) (int, string) {
	return b.ask("POST", "/login", url.Values{"password": {password}, "next": {next}}.Encode(), header("Content-Type", "application/x-www-form-urlencoded"))
}

func TestLogin(t *testing.T) {
	agent := newStandin(t)
	file := tokenFile(t, "correct horse\nmore lines\n")
	b := started(t, "--control", agent.path, "--listen", "0.0.0.0:0", "--token-file", file)
	if status, text := login(b, "wrong horse", "flows"); status != 403 || !strings.Contains(text, "not the password") || !strings.Contains(text, `value="flows"`) {
		t.Error(status, text)
	}
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error { return http.ErrUseLastResponse }
	for next, want := range map[string]string{"flows": "/flows", "https://evil.example": "/", "//evil.example": "/", "": "/"} {
		_, _, head := b.askAll("POST", "/login", url.Values{"password": {"correct horse"}, "next": {next}}.Encode(), header("Content-Type", "application/x-www-form-urlencoded"))
		if got := head.Get("Location"); got != want {
			t.Errorf("after %q: %q", next, got)
		}
		if c := head.Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || strings.Contains(c, "horse") {
			t.Errorf("cookie %q", c)
		}
	}
	if status, text := b.ask("GET", "/flows", ""); status != 200 || !strings.Contains(text, `data-changes="yes"`) {
		t.Error(status, text)
	}
	if status, _ := b.ask("GET", "/api/status", ""); status != 200 {
		t.Error("with the cookie:", status)
	}
	if status, text := b.ask("POST", "/api/device_set", `{"device":"x","name":"y"}`); status != 200 {
		t.Error("a change with the cookie:", status, text)
	}
	// The cookie is of no use to a page of another site.
	if status, text := b.ask("POST", "/api/device_set", `{"device":"x","name":"y"}`, header("Sec-Fetch-Site", "cross-site")); status != 403 {
		t.Error("from another site:", status, text)
	}
	if status, text := b.ask("POST", "/api/device_set", `{"device":"x","name":"y"}`, header("Origin", "http://evil.example")); status != 403 {
		t.Error("from another origin:", status, text)
	}
	b.ask("POST", "/logout", "")
	if status, _ := b.ask("GET", "/api/status", ""); status != 401 {
		t.Error("after it left:", status)
	}
}

// A cookie ends by its time, and with another password.
func TestCookiesEnd(t *testing.T) {
	d := newDoor("correct horse", 1, false)
	cookie := func(d *door, end string, mac string) bool {
		r, _ := http.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: "netifyctl-1", Value: end + "." + mac})
		return d.known(r)
	}
	if !cookie(d, "9999999999", d.sign("9999999999")) {
		t.Error("a good cookie is refused")
	}
	if cookie(d, "1000000000", d.sign("1000000000")) {
		t.Error("an old cookie is taken")
	}
	if cookie(d, "9999999998", d.sign("9999999999")) || cookie(d, "9999999999", "") || cookie(d, "", d.sign("")) {
		t.Error("a false cookie is taken")
	}
	if cookie(newDoor("another horse", 1, false), "9999999999", d.sign("9999999999")) {
		t.Error("a cookie of another password is taken")
	}
}

func TestGuessesAreFew(t *testing.T) {
	d := newDoor("correct horse", 1, false)
	now := time.Unix(1e9, 0)
	d.now = func() time.Time { return now }
	try := func(from, password string) bool {
		r, _ := http.NewRequest("GET", "/", nil)
		r.RemoteAddr = from + ":1"
		r.Header.Set("Authorization", "Bearer "+password)
		return d.known(r)
	}
	for range guesses {
		if !try("10.0.0.1", "correct horse") || try("10.0.0.1", "wrong") {
			t.Fatal("a wrong password opens, or the right one does not")
		}
	}
	if try("10.0.0.1", "correct horse") {
		t.Error("after ten wrong ones it is heard at once")
	}
	if !try("10.0.0.2", "correct horse") {
		t.Error("another address is not heard")
	}
	now = now.Add(time.Minute + time.Second)
	if !try("10.0.0.1", "correct horse") {
		t.Error("a minute later it is not heard")
	}
	for i := range 3 * watched {
		try("10.1."+time.Duration(i).String(), "wrong")
	}
	if len(d.wrong) > watched {
		t.Errorf("%d addresses are remembered", len(d.wrong))
	}
}

func TestOnThisMachineEverybodyReads(t *testing.T) {
	agent := newStandin(t)
	b := started(t, "--control", agent.path)
	if status, text := b.ask("GET", "/devices", ""); status != 200 || !strings.Contains(text, `data-changes="no"`) {
		t.Error(status, text)
	}
	if status, text := b.ask("POST", "/api/device_set", `{"device":"x","name":"y"}`); status != 403 || !strings.Contains(text, "--token-file") {
		t.Error(status, text)
	}
	b = started(t, "--control", agent.path, "--token-file", tokenFile(t, "correct horse"))
	if status, text := b.ask("GET", "/devices", ""); status != 200 || !strings.Contains(text, `data-changes="locked"`) {
		t.Error(status, text)
	}
	if status, _ := b.ask("GET", "/api/status", ""); status != 200 {
		t.Error(status)
	}
	if status, text := b.ask("POST", "/api/device_set", `{"device":"x","name":"y"}`); status != 401 {
		t.Error(status, text)
	}
	agent.say(func(string, map[string]any) string {
		return `{"error":"this changes something: only root, or the group that control.group names, may"}`
	})
	if status, text := b.ask("POST", "/api/device_set", `{"device":"x","name":"y"}`, header("Authorization", "Bearer correct horse")); status != 403 || !strings.Contains(text, "control.group") {
		t.Error(status, text)
	}
}

// Who guesses from another address of its IPv6 network each time is not heard either.
func TestGuessesOfANetwork(t *testing.T) {
	d := newDoor("the-password", 80, false)
	from := func(address, password string) bool {
		return d.right(&http.Request{RemoteAddr: address}, password)
	}
	for i := range guesses {
		from(fmt.Sprintf("[2001:db8::%x]:99", i+1), "wrong")
	}
	if from("[2001:db8::ffff]:99", "the-password") || !from("[2001:db8:0:1::1]:99", "the-password") || !from("192.0.2.1:99", "the-password") {
		t.Error("guesses are counted for another than their network")
	}
}
