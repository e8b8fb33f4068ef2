-- Routers that were heard of within 90 days, but not lately.
-- $hours (3): how long is long
SELECT agent, max(received) AS heard
FROM agent_batch
GROUP BY agent
HAVING heard < now() - $hours * 3600
ORDER BY heard
