-- How sessions ended.
SELECT site, unit, COALESCE(week, 'unknown') AS of_week, bundle, bundle_version, outcome, COUNT(*) AS sessions
FROM sessions
GROUP BY site, unit, COALESCE(week, 'unknown'), bundle, bundle_version, outcome
ORDER BY site, unit, of_week, bundle, bundle_version, outcome
