-- All routers: when each was heard of last, and what it used today.
-- $limit (1000): rows at the most
SELECT agent, site, heard, down, up
FROM (SELECT agent, max(site) AS site, max(received) AS heard FROM agent_batch GROUP BY agent)
ANY LEFT JOIN (SELECT agent, sum(down) AS down, sum(up) AS up FROM usage FINAL WHERE scope = 'internet' AND toDate(start) = today() GROUP BY agent) USING agent
ORDER BY agent
LIMIT $limit
