-- What a router used in each of the last hours.
-- $agent: the router's UUID
-- $hours (48): how many
SELECT toStartOfHour(start) AS hour, uniq(device) AS devices, sum(down) AS down, sum(up) AS up
FROM usage FINAL
WHERE scope = 'internet' AND agent = $agent AND start >= toStartOfHour(now()) - $hours * 3600
GROUP BY hour
ORDER BY hour
