-- Devices that were seen for the first time.
-- $days (1): within so many days
SELECT agent, device, name, vendor, type, first
FROM device FINAL
WHERE first >= now() - $days * 86400
ORDER BY first DESC, agent, device
