-- Routers whose clock is wrong: their rows are kept apart, and are in no sum.
SELECT agent, min(start) AS oldest, max(start) AS newest, sum(down) AS down, sum(up) AS up
FROM usage_adrift FINAL
GROUP BY agent
ORDER BY agent
