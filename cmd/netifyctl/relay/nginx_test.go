package relay

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// startNginx runs nginx at an address, until the result ends it.
func startNginx(t *testing.T, program, address string) func() {
	dir := t.TempDir()
	conf := filepath.Join(dir, "conf")
	text := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error;
events {}
http {
  access_log off;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  limit_req_zone $binary_remote_addr zone=all:1m rate=2r/s; limit_req_status 429;
  server {
    listen %[2]s;
    location /well { return 204; }
    location /small { client_max_body_size 4k; proxy_pass http://%[2]s/well; }
    location /full { limit_req zone=all; proxy_pass http://%[2]s/well; }
  }
}`, dir, address)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "-p", dir, "-c", conf)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	}
}

// A real web server that takes only so much at a time, or only so often, and is
// killed meanwhile, gets every event.
func TestNginx(t *testing.T) {
	program, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not here: TestFaults asks the same of a server in Go")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	end := startNginx(t, program, address)
	defer func() { end() }()
	for _, place := range []string{"well", "small", "full"} {
		a := newAgent(t)
		r, stop := start(t, fmt.Sprintf("stream = %q\n[relay]\n[[relay.output]]\ntype = \"http\"\nname = \"o\"\nurl = \"http://%s/%s\"\nkinds = [\"events\"]\nevents = [\"flow_purge\"]\ncompress = \"none\"\nbatch_rows = 50\nflush = \"100ms\"\n", a.path, address, place))
		<-a.asked
		status := func() OutputStatus { return r.Status(time.Now()).Outputs[0] }
		for i := range 300 {
			a.tell(event(i))
		}
		if place == "well" {
			until(t, "the first are taken", func() bool { return status().Sent > 0 })
			end()
			for i := range 300 {
				a.tell(event(300 + i))
			}
			until(t, "the end is seen", func() bool { return !status().Connected })
			end = startNginx(t, program, address)
		}
		until(t, place+": all are taken", func() bool { o := status(); return o.Offered >= 300 && o.Waiting == 0 && o.Sent == o.Offered })
		stop()
		o := status()
		if o.Lost != 0 || place == "small" && o.Batches < 12 {
			t.Errorf("%s: %+v", place, o)
		}
	}
}
