-- How the use of an application changes over the fleet, by day. It reads days that were closed.
-- $application: its tag, as netflix
-- $days (90): how many days back
SELECT day, agents, devices, down, up
FROM fleet_day FINAL
WHERE application = $application AND day >= today() - $days
ORDER BY day
