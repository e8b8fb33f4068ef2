-- Alerts of all routers, the newest first.
-- $days (7): how many days back
-- $limit (200): rows at the most
SELECT time, agent, kind, severity, device, label, text
FROM alert FINAL
WHERE time >= now() - $days * 86400
ORDER BY time DESC, agent, number
LIMIT $limit
