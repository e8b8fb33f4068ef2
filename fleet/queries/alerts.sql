-- Alerts of all routers, the newest first.
-- $days (7): how many days back
-- $limit (200): rows at the most
SELECT last AS time, agent, alert, serious, device, label, value, interface
FROM alert FINAL
WHERE last >= now() - $days * 86400
ORDER BY last DESC, agent, number
LIMIT $limit
