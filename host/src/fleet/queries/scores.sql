-- Scores of series in steps of ten per cent; 100 is a step of its own here.
SELECT site, unit, COALESCE(week, 'unknown') AS of_week, bundle, bundle_version, score - score % 10 AS step, COUNT(*) AS sessions
FROM sessions
WHERE score IS NOT NULL
GROUP BY site, unit, COALESCE(week, 'unknown'), bundle, bundle_version, score - score % 10
ORDER BY site, unit, of_week, bundle, bundle_version, step
