-- What went wrong, and in how many sessions.
SELECT s.site, s.unit, COALESCE(s.week, 'unknown') AS of_week, s.bundle, s.bundle_version, e.code,
  COUNT(*) AS times, COUNT(DISTINCT e.record) AS sessions
FROM errors e JOIN sessions s ON s.record = e.record
GROUP BY s.site, s.unit, COALESCE(s.week, 'unknown'), s.bundle, s.bundle_version, e.code
ORDER BY s.site, s.unit, of_week, s.bundle, s.bundle_version, e.code
