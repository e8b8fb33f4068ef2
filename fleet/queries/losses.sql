-- Batches that are missing, and rows that routers dropped before they could send them.
-- $days (7): how many days back
SELECT agent, kind, epoch, max(seq) + 1 - uniqExact(seq) AS missing, sum(lost) AS lost, count() AS batches
FROM agent_batch FINAL
WHERE received >= toDateTime(today() - $days)
GROUP BY agent, kind, epoch
HAVING missing > 0 OR lost > 0
ORDER BY agent, kind, epoch
