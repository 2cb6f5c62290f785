-- When each unit was heard of last; last_week is null where its clock was never trusted.
SELECT unit, MAX(site) AS of_site, COUNT(*) AS sessions, MAX(week) AS last_week, MAX(boot) AS last_boot
FROM sessions
GROUP BY unit
ORDER BY unit
