// Package storetest starts a ClickHouse of its own for tests and for the
// example: as the user who calls, on loopback, in one folder.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"netifyd/fleet/store"
)

// ErrNone says that no ClickHouse is installed.
var ErrNone = errors.New("clickhouse-server is not here: apt-get install clickhouse-server")

const configuration = `<yandex>
<logger><level>warning</level><console>1</console></logger>
<http_port>%d</http_port><tcp_port>%d</tcp_port><interserver_http_port>%d</interserver_http_port><listen_host>127.0.0.1</listen_host>
<path>%[4]s/data/</path><tmp_path>%[4]s/tmp/</tmp_path><user_files_path>%[4]s/files/</user_files_path><format_schema_path>%[4]s/schemas/</format_schema_path>
<users_config>%[4]s/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>67108864</mark_cache_size>
</yandex>
`

// A reader may only read: the board asks as one.
const users = `<yandex>
<profiles><default/><readonly><readonly>2</readonly><max_execution_time>30</max_execution_time><max_result_rows>100000</max_result_rows></readonly></profiles>
<users>
<default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
<board><password></password><networks><ip>127.0.0.1</ip></networks><profile>readonly</profile><quota>default</quota></board>
</users>
<quotas><default/></quotas>
</yandex>
`

// Server is one ClickHouse, and where its files are.
type Server struct {
	Dir  string
	Port int
	cmd  *exec.Cmd
	gone chan error
}

// Ports gives n ports of loopback that are free at this moment.
func Ports(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// Start makes a server in dir and waits until it answers.
func Start(dir string) (*Server, error) {
	ports, err := Ports(3)
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: dir, Port: ports[0]}
	config := fmt.Sprintf(configuration, ports[0], ports[1], ports[2], dir)
	return s, errors.Join(
		os.MkdirAll(dir, 0o755),
		os.WriteFile(filepath.Join(dir, "config.xml"), []byte(config), 0o644),
		os.WriteFile(filepath.Join(dir, "users.xml"), []byte(users), 0o644),
		s.Again(),
	)
}

// Again starts a server that was killed, with the data that it had.
func (s *Server) Again() error {
	path, err := exec.LookPath("clickhouse-server")
	if err != nil {
		if path = "/usr/sbin/clickhouse-server"; !exists(path) {
			return ErrNone
		}
	}
	log, err := os.OpenFile(filepath.Join(s.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(path, "--config-file="+filepath.Join(s.Dir, "config.xml"))
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.Dir, log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.gone = make(chan error, 1)
	go func(c *exec.Cmd, gone chan error) { gone <- c.Wait() }(s.cmd, s.gone)
	for end := time.Now().Add(time.Minute); ; {
		if _, err = s.Store("").Exec(context.Background(), "SELECT 1"); err == nil {
			return nil
		}
		select {
		case err := <-s.gone:
			text, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
			return fmt.Errorf("clickhouse-server ended: %v: %s", err, text[max(0, len(text)-600):])
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(end) {
			s.Kill()
			return fmt.Errorf("clickhouse-server does not answer within a minute: %w", err)
		}
	}
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// Store is the server with a database.
func (s *Server) Store(database string) *store.Store {
	return &store.Store{URL: "http://127.0.0.1:" + strconv.Itoa(s.Port), Database: database}
}

// Resident is how much memory the server has, in bytes.
func (s *Server) Resident() (n uint64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if f := strings.Fields(string(text)); len(f) > 1 {
		n, _ = strconv.ParseUint(f[1], 10, 64)
	}
	return n * uint64(os.Getpagesize())
}

// Kill ends the server at once, as a power failure does.
func (s *Server) Kill() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
		<-s.gone
		s.gone <- nil
	}
}
