package peer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"netifyd/fleet/store"
)

const configuration = `<yandex>
<logger><level>warning</level><console>1</console></logger>
<http_port>%d</http_port><tcp_port>%d</tcp_port><interserver_http_port>%d</interserver_http_port><listen_host>127.0.0.1</listen_host>
<path>%[4]s/data/</path><tmp_path>%[4]s/tmp/</tmp_path><user_files_path>%[4]s/files/</user_files_path><format_schema_path>%[4]s/schemas/</format_schema_path>
<users_config>%[4]s/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>67108864</mark_cache_size>
<kafka><auto_offset_reset>earliest</auto_offset_reset></kafka>
</yandex>
`

const users = `<yandex>
<profiles><default><input_format_skip_unknown_fields>1</input_format_skip_unknown_fields></default></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
<quotas><default/></quotas>
</yandex>
`

// ClickHouse is one server, and where its files are.
type ClickHouse struct {
	process
	Dir  string
	Port int
}

// StartClickHouse makes a server in dir and waits until it answers.
func StartClickHouse(dir string) (*ClickHouse, error) {
	ports, err := Ports(3)
	if err != nil {
		return nil, err
	}
	s := &ClickHouse{Dir: dir, Port: ports[0]}
	config := fmt.Sprintf(configuration, ports[0], ports[1], ports[2], dir)
	return s, errors.Join(
		os.MkdirAll(filepath.Join(dir, "users.d"), 0o755),
		os.WriteFile(filepath.Join(dir, "config.xml"), []byte(config), 0o644),
		os.WriteFile(filepath.Join(dir, "users.xml"), []byte(users), 0o644),
		os.WriteFile(filepath.Join(dir, "users.d", "board.xml"), store.BoardUser, 0o644),
		s.Again(),
	)
}

// Again starts a server that was killed, with the data that it had. Days of
// the store are those of UTC.
func (s *ClickHouse) Again() error {
	return s.start(s.Dir, "clickhouse-server", []string{"--config-file=" + filepath.Join(s.Dir, "config.xml")}, func() error {
		_, err := s.Store("").Exec(context.Background(), "SELECT 1")
		return err
	})
}

// Board is the server as its page asks: as a user who may only read.
func (s *ClickHouse) Board(database string) *store.Store {
	at := s.Store(database)
	at.User, at.Reads = "board", true
	return at
}

// Store is the server with a database.
func (s *ClickHouse) Store(database string) *store.Store {
	return &store.Store{URL: "http://127.0.0.1:" + strconv.Itoa(s.Port), Database: database}
}
