-- Sums of days that are over, for the trend. Repeat it as often as you like: rows that came late are in the next sum.
-- $days (35): how many days back
INSERT INTO fleet_day
SELECT toDate(start) AS day, label AS application, uniqExact(agent) AS agents, uniqExact(agent, device) AS devices,
    sum(down) AS down, sum(up) AS up, toUInt64(now()) AS version
FROM usage FINAL
WHERE scope = 'internet' AND start >= toDateTime(today() - $days) AND start < toDateTime(today())
GROUP BY day, application
