//! What the shortcut audit said of the network, as the manifest carries it.

use serde::{Deserialize, Serialize};

/// Checks a manifest may list.
const MOST_CHECKS: usize = 32;
/// Letters of a reason.
const MOST_REASON: usize = 200;

/// The manifest's `[audit]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Every check held.
    pub passed: bool,
    /// Why it was signed although a check failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub despite: Option<String>,
    /// One for each question that was put to the network.
    pub checks: Vec<AuditCheck>,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditCheck {
    /// Small letters, digits and hyphens.
    pub name: String,
    /// What was measured; none where the question does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<f64>,
    /// What it is held against.
    pub limit: f64,
    /// Whether it holds.
    pub passed: bool,
}

impl Audit {
    /// The first thing that is wrong: what, what stands there, what is needed.
    pub(super) fn defect(&self) -> Option<(&'static str, String, &'static str)> {
        self.checks_are_named()
            .or_else(|| self.figures_are_numbers())
            .or_else(|| self.verdict_is_that_of_the_checks())
            .or_else(|| self.failure_has_a_reason())
    }

    fn checks_are_named(&self) -> Option<(&'static str, String, &'static str)> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let named =
            |check: &AuditCheck| (1..=40).contains(&check.name.len()) && check.name.bytes().all(plain);
        let needed = "1 to 32 checks, each once, named in small letters, digits and hyphens";
        let names: Vec<&str> = self.checks.iter().map(|check| check.name.as_str()).collect();
        let distinct = names.iter().enumerate().all(|(at, name)| !names[..at].contains(name));
        let holds = (1..=MOST_CHECKS).contains(&names.len()) && distinct && self.checks.iter().all(named);
        (!holds).then(|| ("audit.checks", names.join(" "), needed))
    }

    fn figures_are_numbers(&self) -> Option<(&'static str, String, &'static str)> {
        let finite = |check: &&AuditCheck| check.limit.is_finite() && check.figure.is_none_or(f64::is_finite);
        let wrong = self.checks.iter().find(|check| !finite(check))?;
        Some(("an audit figure of", wrong.name.clone(), "a finite number"))
    }

    fn verdict_is_that_of_the_checks(&self) -> Option<(&'static str, String, &'static str)> {
        let holds = self.passed == self.checks.iter().all(|check| check.passed);
        (!holds).then(|| ("audit.passed", self.passed.to_string(), "what its checks say"))
    }

    fn failure_has_a_reason(&self) -> Option<(&'static str, String, &'static str)> {
        let holds = match &self.despite {
            Some(reason) => !self.passed && is_reason(reason),
            None => self.passed,
        };
        let given = self.despite.clone().unwrap_or_else(|| "nothing".to_owned());
        let needed = "one line of 1 to 200 letters where a check failed, and absent where none did";
        (!holds).then_some(("audit.despite", given, needed))
    }
}

/// One line of 1 to 200 letters that says something.
pub fn is_reason(text: &str) -> bool {
    (1..=MOST_REASON).contains(&text.chars().count())
        && !text.contains(char::is_control)
        && !text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audit(passed: bool, despite: Option<&str>) -> Audit {
        let check =
            |name: &str, passed| AuditCheck { name: name.to_owned(), figure: Some(0.1), limit: 0.2, passed };
        let checks = vec![check("mirror-change", true), check("background-change", passed)];
        Audit { passed, despite: despite.map(str::to_owned), checks }
    }

    #[test]
    fn a_failed_audit_needs_a_reason_and_a_passed_one_has_none() {
        assert_eq!(audit(true, None).defect(), None);
        assert_eq!(audit(false, Some("for a bench test only")).defect(), None);
        for wrong in [
            audit(false, None),
            audit(true, Some("why")),
            audit(false, Some(" ")),
            audit(false, Some("a\nb")),
        ] {
            assert_eq!(wrong.defect().map(|it| it.0), Some("audit.despite"), "{wrong:?}");
        }
        let long = "x".repeat(201);
        assert!(
            audit(false, Some(&long)).defect().is_some() && audit(false, Some(&long[1..])).defect().is_none()
        );
    }

    #[test]
    fn a_verdict_against_its_checks_is_refused() {
        let mut lie = audit(false, None);
        lie.passed = true;
        assert_eq!(lie.defect().map(|it| it.0), Some("audit.passed"));
        let mut twice = audit(true, None);
        twice.checks[1].name = "mirror-change".to_owned();
        assert_eq!(twice.defect().map(|it| it.0), Some("audit.checks"));
        let mut none = audit(true, None);
        none.checks.clear();
        assert_eq!(none.defect().map(|it| it.0), Some("audit.checks"));
        let mut nothing = audit(true, None);
        nothing.checks[0].figure = Some(f64::NAN);
        assert_eq!(nothing.defect().map(|it| it.0), Some("an audit figure of"));
    }
}
