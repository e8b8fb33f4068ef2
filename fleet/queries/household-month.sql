-- What the devices of one router used in a month, by application.
-- $agent: the router's UUID
-- $month (toYYYYMM(now())): the month, as 202611
SELECT device, label, sum(down) AS down, sum(up) AS up, sum(flows) AS flows
FROM usage FINAL
WHERE scope = 'internet' AND agent = $agent AND toYYYYMM(start) = $month
GROUP BY device, label
ORDER BY down + up DESC, device, label
