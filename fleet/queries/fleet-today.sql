-- What the fleet uses today, by application.
-- $limit (50): rows at the most
SELECT label AS application, uniq(agent) AS agents, sum(down) AS down, sum(up) AS up
FROM usage FINAL
WHERE scope = 'internet' AND toDate(start) = today()
GROUP BY label
ORDER BY down + up DESC, label
LIMIT $limit
