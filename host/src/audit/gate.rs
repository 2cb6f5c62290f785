//! No signature for a model that takes shortcuts, unless somebody says why.

use super::{AuditReport, Check};
use crate::command::Refusal;
use synkiosk_models::bundle::{Audit, AuditCheck, is_reason};

/// Refused before any work, if it says nothing or cannot stand in a manifest.
pub fn reason_holds(despite: Option<&str>) -> Result<(), Refusal> {
    match despite.filter(|reason| !is_reason(reason)) {
        None => Ok(()),
        Some(reason) => Err(Refusal::checked(
            format!("{:?} is no reason to sign", reason.chars().take(40).collect::<String>()),
            "pass --despite-audit with one line of 1 to 200 letters",
        )),
    }
}

/// What the manifest carries; refused where a check failed and no reason is given.
pub fn gate(report: &AuditReport, despite: Option<&str>) -> Result<Audit, Refusal> {
    let failed: Vec<String> = report.checks.iter().filter(|check| !check.passed).map(told).collect();
    if !failed.is_empty() && despite.is_none() {
        Err(Refusal::checked(
            format!("the shortcut audit failed: {}", failed.join("; ")),
            "train on pictures in which that says nothing, or sign all the same with --despite-audit REASON",
        ))?;
    }
    let checks = report.checks.iter().map(|check| AuditCheck {
        name: check.name.clone(),
        // Four decimals: what comes after is noise, and manifests are read by people.
        figure: check.figure.map(|figure| (figure * 1e4).round() / 1e4),
        limit: check.limit,
        passed: check.passed,
    });
    let despite = despite.filter(|_| !failed.is_empty()).map(str::to_owned);
    Ok(Audit { passed: failed.is_empty(), despite, checks: checks.collect() })
}

fn told(check: &Check) -> String {
    let figure = check.figure.unwrap_or_default();
    format!("{} {figure:.3}, limit {:.2} ({})", check.name, check.limit, check.note)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(figure: f64) -> AuditReport {
        let checks = vec![Check::of("background-flips", "asked", figure, 0.1)];
        AuditReport {
            format: AuditReport::FORMAT,
            of: "x".to_owned(),
            pictures: 10,
            people: 5,
            passed: checks[0].passed,
            checks,
        }
    }

    #[test]
    fn a_failure_is_signed_only_with_a_reason() {
        let passed = gate(&report(0.05), None).unwrap();
        assert!(passed.passed && passed.despite.is_none());
        let refusal = gate(&report(0.2), None).unwrap_err();
        assert_eq!(refusal.exit_code(), 1);
        assert!(
            refusal.to_string().starts_with("the shortcut audit failed: background-flips 0.200, limit 0.10")
        );
        let excused = gate(&report(0.2), Some("a bench test")).unwrap();
        assert_eq!((excused.passed, excused.despite.as_deref()), (false, Some("a bench test")));
        assert!(reason_holds(Some("")).is_err() && reason_holds(Some("a\nb")).is_err());
        assert!(reason_holds(None).is_ok() && reason_holds(Some("a bench test")).is_ok());
        // A reason that nothing needs is not carried.
        assert_eq!(gate(&report(0.05), Some("a bench test")).unwrap().despite, None);
    }
}
