-- Which devices of which routers used most on a day.
-- $day (yesterday()): the day, as 2026-11-30
-- $limit (20): rows at the most
SELECT agent, device, sum(down) AS down, sum(up) AS up, max(estimated) AS estimated
FROM usage FINAL
WHERE scope = 'internet' AND toDate(start) = $day
GROUP BY agent, device
ORDER BY down + up DESC, agent, device
LIMIT $limit
