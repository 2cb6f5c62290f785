-- How many pictures took how long, in steps of a tenth of the time or finer.
SELECT s.site, s.unit, COALESCE(s.week, 'unknown') AS of_week, s.bundle, s.bundle_version,
  CASE WHEN p.ms_total < 100 THEN p.ms_total
       WHEN p.ms_total < 1000 THEN p.ms_total - p.ms_total % 10
       ELSE p.ms_total - p.ms_total % 100 END AS took,
  COUNT(*) AS pictures
FROM poses p JOIN sessions s ON s.record = p.record
WHERE p.ms_total IS NOT NULL
GROUP BY s.site, s.unit, COALESCE(s.week, 'unknown'), s.bundle, s.bundle_version,
  CASE WHEN p.ms_total < 100 THEN p.ms_total
       WHEN p.ms_total < 1000 THEN p.ms_total - p.ms_total % 10
       ELSE p.ms_total - p.ms_total % 100 END
ORDER BY s.site, s.unit, of_week, s.bundle, s.bundle_version, took
