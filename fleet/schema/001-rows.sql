-- What routers send arrives in the tables *_in. They keep nothing: views hand each row to the table it belongs to, and note
-- the batch it came in. Every table behind them replaces rows of the same key, so that a batch may come twice, late, or in
-- any order: the newest version of a row stays, and sums do not change.

-- One row is what a device used with one application (or protocol, where no application is known) in an hour of the router,
-- as the router knows it so far. The scope is 'internet', or 'local' for traffic between devices of the house.
CREATE TABLE usage_in (
    start DateTime, seconds UInt32,
    agent String, site String, device String, name String, label String, scope String,
    down UInt64, up UInt64, flows UInt32, complete UInt8, estimated UInt8, lossy UInt8, version UInt64,
    epoch UInt64, seq UInt64, lost UInt64
) ENGINE = Null;

CREATE TABLE usage (
    start DateTime {{codec "DoubleDelta, LZ4"}}, seconds UInt32,
    agent {{name}}, device {{name}}, label {{name}}, scope {{name}},
    down UInt64 {{codec "T64, LZ4"}}, up UInt64 {{codec "T64, LZ4"}}, flows UInt32, complete UInt8, estimated UInt8, lossy UInt8,
    version UInt64, inserted DateTime
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(start)
ORDER BY (agent, device, label, scope, start)
{{ttl "start + INTERVAL 13 MONTH"}};

-- Rows of a router whose clock is wrong are kept apart: hours that have not come yet, and hours older than any router keeps.
CREATE TABLE usage_adrift (
    start DateTime, seconds UInt32,
    agent {{name}}, device {{name}}, label {{name}}, scope {{name}},
    down UInt64, up UInt64, flows UInt32, complete UInt8, estimated UInt8, lossy UInt8,
    version UInt64, inserted DateTime
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(inserted)
ORDER BY (agent, device, label, scope, start)
{{ttl "inserted + INTERVAL 1 MONTH"}};

CREATE MATERIALIZED VIEW usage_kept TO usage AS
SELECT start, seconds, agent, device, label, scope, down, up, flows, complete, estimated, lossy, version, now() AS inserted FROM usage_in
WHERE start <= now() + 86400 AND start >= now() - 40 * 86400;

CREATE MATERIALIZED VIEW usage_apart TO usage_adrift AS
SELECT start, seconds, agent, device, label, scope, down, up, flows, complete, estimated, lossy, version, now() AS inserted FROM usage_in
WHERE start > now() + 86400 OR start < now() - 40 * 86400;

-- One row is a flow that ended. Traffic behind NAT is seen on both sides, where the agent sees it: 'twin' is 1 for the second side.
CREATE TABLE flow_in (
    first {{milliseconds}}, last {{milliseconds}},
    agent String, site String, device String, digest String,
    local String, other String, local_port UInt16, other_port UInt16, ip_protocol UInt8,
    protocol String, application String, host String, ja4 String,
    down UInt64, up UInt64, bytes UInt64, packets UInt64, reason String, confidence String,
    interface String, internal UInt8, origin UInt8, twin UInt8,
    epoch UInt64, seq UInt64, lost UInt64
) ENGINE = Null;

CREATE TABLE flow (
    first {{milliseconds}} {{codec "Delta, ZSTD"}}, last {{milliseconds}} {{codec "Delta, ZSTD"}},
    agent {{name}}, device {{name}}, digest String,
    local String {{codec "ZSTD"}}, other String {{codec "ZSTD"}}, local_port UInt16, other_port UInt16, ip_protocol UInt8,
    protocol {{name}}, application {{name}}, host String {{codec "ZSTD"}}, ja4 {{name}},
    down UInt64 {{codec "T64, LZ4"}}, up UInt64 {{codec "T64, LZ4"}}, bytes UInt64 {{codec "T64, LZ4"}}, packets UInt64,
    reason {{name}}, confidence {{name}}, interface {{name}}, internal UInt8, origin UInt8, twin UInt8
) ENGINE = ReplacingMergeTree(last)
PARTITION BY {{day "first"}}
ORDER BY (agent, device, first, digest)
{{ttl "toDateTime(first) + INTERVAL 30 DAY"}};

CREATE MATERIALIZED VIEW flow_kept TO flow AS
SELECT first, last, agent, device, digest, local, other, local_port, other_port, ip_protocol, protocol, application, host, ja4,
    down, up, bytes, packets, reason, confidence, interface, internal, origin, twin FROM flow_in;

-- Who is there, as of the newest row, and what was raised.
CREATE TABLE device_in (
    time UInt64, agent String, site String, device String, name String, name_from String, type String, vendor String,
    online UInt8, randomised UInt8, first DateTime, last DateTime, flows UInt32,
    down_rate UInt64, up_rate UInt64, today_down UInt64, today_up UInt64, period_down UInt64, period_up UInt64, version UInt64,
    epoch UInt64, seq UInt64, lost UInt64
) ENGINE = Null;

CREATE TABLE device (
    time UInt64, agent {{name}}, device {{name}}, name String, name_from {{name}}, type {{name}}, vendor {{name}},
    online UInt8, randomised UInt8, first DateTime, last DateTime, period_down UInt64, period_up UInt64, version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (agent, device);

CREATE MATERIALIZED VIEW device_kept TO device AS
SELECT time, agent, device, name, name_from, type, vendor, online, randomised, first, last, period_down, period_up, version FROM device_in;

CREATE TABLE alert_in (
    time DateTime, started UInt64, number UInt64, agent String, site String, kind String, severity String, first DateTime,
    device String, name String, label String, value UInt64, interface String, text String,
    epoch UInt64, seq UInt64, lost UInt64
) ENGINE = Null;

CREATE TABLE alert (
    time DateTime, started UInt64, number UInt64, agent {{name}}, kind {{name}}, severity {{name}}, first DateTime,
    device {{name}}, label {{name}}, value UInt64, interface {{name}}, text String
) ENGINE = ReplacingMergeTree(time)
PARTITION BY toYYYYMM(first)
ORDER BY (agent, started, number)
{{ttl "first + INTERVAL 13 MONTH"}};

CREATE MATERIALIZED VIEW alert_kept TO alert AS
SELECT time, started, number, agent, kind, severity, first, device, label, value, interface, text FROM alert_in;

-- Every batch that arrived. Gaps in seq are batches that are missing; lost is what the router dropped before it could send.
CREATE TABLE agent_batch (
    received DateTime, agent {{name}}, site {{name}}, kind {{name}}, epoch UInt64, seq UInt64, rows UInt64, lost UInt64
) ENGINE = ReplacingMergeTree(rows)
PARTITION BY toYYYYMM(received)
ORDER BY (agent, kind, epoch, seq)
{{ttl "received + INTERVAL 90 DAY"}};

{{range $kind := list "usage" "flow" "device" "alert"}}
CREATE MATERIALIZED VIEW {{$kind}}_batch TO agent_batch AS
SELECT now() AS received, agent, any(site) AS site, '{{$kind}}' AS kind, epoch, seq, count() AS rows, max(lost) AS lost
FROM {{$kind}}_in GROUP BY agent, epoch, seq;
{{end}}

-- Days of the whole fleet. A job fills it for days that are over, out of the newest versions of their rows: see 'fleet close-days'.
-- A view would add each row that came twice.
CREATE TABLE fleet_day (
    day Date, application {{name}}, agents UInt64, devices UInt64, down UInt64, up UInt64, version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (application, day);
