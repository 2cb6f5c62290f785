-- Poses that were asked for: pictures, retakes, sums of quality, and of the time from luma to score.
SELECT s.site, s.unit, COALESCE(s.week, 'unknown') AS of_week, s.bundle, s.bundle_version, p.pose,
  COUNT(*) AS asked,
  COUNT(p.sharpness) AS pictures,
  SUM(p.retakes) AS retakes,
  COALESCE(SUM(p.sharpness), 0) AS sharpness,
  COALESCE(SUM(p.light), 0) AS light,
  COALESCE(SUM(p.steadiness), 0) AS steadiness,
  COALESCE(SUM(p.face_width), 0) AS face_width,
  COUNT(p.ms_total) AS timed,
  COALESCE(SUM(p.ms_total), 0) AS milliseconds
FROM poses p JOIN sessions s ON s.record = p.record
GROUP BY s.site, s.unit, COALESCE(s.week, 'unknown'), s.bundle, s.bundle_version, p.pose
ORDER BY s.site, s.unit, of_week, s.bundle, s.bundle_version, p.pose
