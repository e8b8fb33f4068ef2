-- What the fleet used in each of the last hours.
-- $hours (24): how many
SELECT toStartOfHour(start) AS hour, uniq(agent) AS agents, sum(down) AS down, sum(up) AS up
FROM usage FINAL
WHERE scope = 'internet' AND start >= toStartOfHour(now()) - $hours * 3600
GROUP BY hour
ORDER BY hour
