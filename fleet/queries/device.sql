-- What one device used, by day and application.
-- $agent: the router's UUID
-- $device: the device, as the router sends it
-- $days (31): how many days back
SELECT toDate(start) AS day, label AS application, sum(down) AS down, sum(up) AS up
FROM usage FINAL
WHERE scope = 'internet' AND agent = $agent AND device = $device AND start >= toDateTime(today() - $days)
GROUP BY day, label
ORDER BY day, down + up DESC, label
