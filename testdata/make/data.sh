#!/bin/bash
# Databases, queues and stores.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark mariadb-server mariadb-client postgresql postgresql-client redis-server redis-tools memcached libmemcached-tools rabbitmq-server amqp-tools nats-server netcat-openbsd

mysql() {
	begin mysql
	mkdir "$tmp/db"
	chown mysql "$tmp/db"
	mariadb-install-db --no-defaults --user=mysql --datadir="$tmp/db" --auth-root-authentication-method=normal >"$tmp/i" 2>&1
	printf "CREATE USER someone@'%%' IDENTIFIED BY 'secret';\nCREATE DATABASE test2;\nGRANT ALL ON test2.* TO someone@'%%';\n" >"$tmp/init.sql"
	serve mariadbd --no-defaults --user=mysql --datadir="$tmp/db" --socket="$tmp/db/s" --pid-file="$tmp/db/p" --bind-address=$s4 --init-file="$tmp/init.sql" --skip-name-resolve
	await tcp 3306
	client mariadb --no-defaults --skip-ssl -h $s4 -u someone -psecret test2 -e 'create table t (a int, b text); insert into t values (1, "one"); select * from t'
	try mariadb --no-defaults --skip-ssl -h $s4 -u someone -pwrong -e 'select 1'
	finish mysql 'The client of MariaDB makes a table on its server and reads it;' 'then it comes with a wrong password.' 'tcp 3306 MYSQL'
}
mysql_tls() {
	begin mysql-tls
	certificate
	mkdir "$tmp/db"
	chown mysql "$tmp/db"
	mariadb-install-db --no-defaults --user=mysql --datadir="$tmp/db" --auth-root-authentication-method=normal >"$tmp/i" 2>&1
	printf "CREATE USER someone@'%%' IDENTIFIED BY 'secret';\n" >"$tmp/init.sql"
	serve mariadbd --no-defaults --user=mysql --datadir="$tmp/db" --socket="$tmp/db/s" --pid-file="$tmp/db/p" --bind-address=$s4 --init-file="$tmp/init.sql" --skip-name-resolve --ssl-cert="$tmp/cert.pem" --ssl-key="$tmp/key.pem"
	await tcp 3306
	client mariadb --no-defaults --ssl -h $s4 -u someone -psecret -e 'select 1'
	finish mysql 'The client of MariaDB asks its server for TLS' 'before it logs in.' 'tcp 3306 MYSQL'
}
pgsql() {
	begin pgsql
	local bin
	bin=$(ls -d /usr/lib/postgresql/*/bin)
	certificate
	mkdir "$tmp/db"
	cp "$tmp/key.pem" "$tmp/pg.key"
	chown postgres "$tmp/db" "$tmp/pg.key"
	chmod 600 "$tmp/pg.key"
	setpriv --reuid postgres --regid postgres --clear-groups "$bin/initdb" -D "$tmp/db" -U postgres -A trust >"$tmp/i" 2>&1
	echo 'host all all 0.0.0.0/0 trust' >>"$tmp/db/pg_hba.conf"
	serve setpriv --reuid postgres --regid postgres --clear-groups "$bin/postgres" -D "$tmp/db" -c listen_addresses=$s4 -c unix_socket_directories= -c ssl=on -c ssl_cert_file="$tmp/cert.pem" -c ssl_key_file="$tmp/pg.key"
	await tcp 5432
	until_true in_c psql "host=$s4 user=postgres sslmode=disable" -c 'select 1'
	client psql "host=$s4 user=postgres sslmode=disable" -c "create table t (a int, b text)" -c "insert into t values (1, 'one')" -c 'select * from t'
	client psql "host=$s4 user=postgres sslmode=require" -c 'select 1'
	try psql "host=$s4 user=nobody sslmode=disable" -c 'select 1'
	finish pgsql 'psql makes a table on PostgreSQL and reads it; then it asks for TLS;' 'then it comes as a user that is not there.' 'tcp 5432 PGSQL'
}
redis() {
	begin redis
	serve redis-server --bind $s4 --protected-mode no --save '' --dir "$tmp"
	await tcp 6379
	client redis-cli -h $s4 set key value
	client redis-cli -h $s4 -3 hgetall nothing
	client redis-cli -h $s4 incr counter
	client redis-cli -h $s4 lrange none 0 9
	in_c sh -c "printf 'PING\r\nSET b 2\r\nQUIT\r\n' | nc -q 1 $s4 6379" >/dev/null
	finish 'tcp.port == 6379' 'redis-cli sets and reads keys of Redis in both versions of its protocol;' 'nc sends inline commands.' 'tcp 6379 Redis'
}
memcached() {
	begin memcached
	serve memcached -u root -l $s4 -U 11211
	await tcp 11211
	echo 'some text' >"$tmp/item"
	client memccp --servers=$s4 "$tmp/item"
	client memccat --servers=$s4 item
	client memccp --binary --servers=$s4 "$tmp/item"
	try memccat --binary --servers=$s4 item
	client memcstat --servers=$s4
	also='tcp'
	finish memcache 'The tools of libmemcached store and read an item of memcached' 'in the text and the binary protocol.' 'tcp 11211 Memcached'
}
amqp() {
	begin amqp
	mkdir -p "$tmp/mnesia" "$tmp/log"
	printf 'loopback_users = none\nlisteners.tcp.1 = %s:5672\n' $s4 >"$tmp/rabbit.conf"
	serve env HOME="$tmp" RABBITMQ_CONFIG_FILE="$tmp/rabbit.conf" RABBITMQ_MNESIA_BASE="$tmp/mnesia" RABBITMQ_LOG_BASE="$tmp/log" RABBITMQ_NODENAME=test@localhost RABBITMQ_PID_FILE="$tmp/pid" RABBITMQ_ENABLED_PLUGINS_FILE="$tmp/plugins" /usr/lib/rabbitmq/bin/rabbitmq-server
	await tcp 5672
	client amqp-declare-queue -u amqp://guest:guest@$s4 -q work
	client amqp-publish -u amqp://guest:guest@$s4 -r work -b 'a message'
	client amqp-get -u amqp://guest:guest@$s4 -q work
	finish amqp 'The tools of librabbitmq declare a queue on RabbitMQ,' 'publish a message and get it.' 'tcp 5672 AMQP'
}
stomp() {
	begin stomp
	mkdir -p "$tmp/mnesia" "$tmp/log"
	printf 'loopback_users = none\nlisteners.tcp.1 = %s:5672\n' $s4 >"$tmp/rabbit.conf"
	echo '[rabbitmq_stomp].' >"$tmp/plugins"
	serve env HOME="$tmp" RABBITMQ_CONFIG_FILE="$tmp/rabbit.conf" RABBITMQ_MNESIA_BASE="$tmp/mnesia" RABBITMQ_LOG_BASE="$tmp/log" RABBITMQ_NODENAME=test@localhost RABBITMQ_PID_FILE="$tmp/pid" RABBITMQ_ENABLED_PLUGINS_FILE="$tmp/plugins" /usr/lib/rabbitmq/bin/rabbitmq-server
	await tcp 61613
	in_c sh -c "(printf 'CONNECT\naccept-version:1.1,1.2\nhost:/\nlogin:guest\npasscode:guest\n\n\0'; sleep 1; printf 'SEND\ndestination:/queue/work\ncontent-type:text/plain\n\na message\0'; sleep 1; printf 'DISCONNECT\nreceipt:1\n\n\0'; sleep 1) | timeout 10 nc -q 1 $s4 61613" >/dev/null
	finish 'tcp.port == 61613' 'nc speaks STOMP 1.2 to RabbitMQ:' 'CONNECT, SEND, DISCONNECT.' 'tcp 61613 STOMP'
}
nats() {
	begin nats
	serve nats-server -a $s4 -p 4222
	await tcp 4222
	in_c sh -c "(printf 'CONNECT {\"verbose\":true,\"name\":\"nc\",\"lang\":\"c\",\"version\":\"1\"}\r\nPING\r\n'; sleep 1; printf 'SUB news 1\r\nPUB news 5\r\nhello\r\n'; sleep 1) | timeout 10 nc -q 1 $s4 4222" >/dev/null
	finish 'tcp.port == 4222' 'nc speaks the protocol of NATS to nats-server:' 'CONNECT, PING, SUB, PUB.' 'tcp 4222 NATS'
}

attempt mysql mysql_tls pgsql redis memcached amqp stomp nats
