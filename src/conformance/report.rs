//! What a check found: one outcome a case, what a person is to read about it, and the verdict that
//! becomes an exit code. Only values and text; nothing is run here.

use std::fmt::Write as _;

use serde::Serialize;

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The rule is kept.
    Pass,
    /// No rule is broken, but users will notice.
    Warn,
    /// A rule is broken.
    Fail,
    /// It could not be told, or it does not concern this backend.
    Skip,
    /// The worker's process ended in the middle of it.
    Crash,
}

impl Outcome {
    /// The word used on screens and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Warn => "warn",
            Outcome::Fail => "fail",
            Outcome::Skip => "skip",
            Outcome::Crash => "crash",
        }
    }

    /// What counts more when several models give several outcomes. One model that passes says more
    /// than others that cannot be judged.
    fn rank(self) -> u8 {
        match self {
            Outcome::Skip => 0,
            Outcome::Pass => 1,
            Outcome::Warn => 2,
            Outcome::Fail => 3,
            Outcome::Crash => 4,
        }
    }
}

/// An outcome with its words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) outcome: Outcome,
    /// What was seen and which rule it breaks; on a pass at most a remark.
    pub(super) message: Option<String>,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

/// What a case gives: nothing to complain about, or a finding.
pub(super) type Verdict = Result<(), Finding>;

impl Finding {
    pub(super) fn pass() -> Self {
        Finding { outcome: Outcome::Pass, message: None, hint: None }
    }

    /// A pass that says how far the case came.
    pub(super) fn remark(message: impl Into<String>) -> Self {
        Finding { message: Some(message.into()), ..Finding::pass() }
    }

    pub(super) fn warn(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Finding { outcome: Outcome::Warn, message: Some(message.into()), hint: Some(hint.into()) }
    }

    pub(super) fn fail(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Finding { outcome: Outcome::Fail, ..Finding::warn(message, hint) }
    }

    pub(super) fn skip(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Finding { outcome: Outcome::Skip, ..Finding::warn(message, hint) }
    }

    pub(super) fn crash(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Finding { outcome: Outcome::Crash, ..Finding::warn(message, hint) }
    }

    /// The same about one of several models.
    pub(super) fn about(mut self, model: &str) -> Self {
        self.message = self.message.map(|message| format!("model `{model}`: {message}"));
        self
    }

    /// The one that matters more; of equals this one.
    pub(super) fn or_worse(self, other: Finding) -> Self {
        if other.outcome.rank() > self.outcome.rank() { other } else { self }
    }
}

impl From<Verdict> for Finding {
    fn from(verdict: Verdict) -> Self {
        verdict.err().unwrap_or_else(Finding::pass)
    }
}

/// Which backend was checked, as far as it could be learnt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackendName {
    /// The id that it describes, else its manifest's, else the file's name.
    pub id: String,
    /// The name on screens; absent where nothing names it.
    pub name: Option<String>,
    /// The backend's own version; absent where it did not come to describe itself.
    pub version: Option<String>,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseReport {
    /// Words joined by `-`.
    pub name: String,
    /// What is checked, in one sentence.
    pub description: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was seen and which rule it breaks; on a pass absent, or a remark.
    pub message: Option<String>,
    /// What to do about it; absent on a pass.
    pub hint: Option<String>,
    /// How long it took.
    pub milliseconds: u64,
}

/// A whole check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Which backend was checked.
    pub backend: BackendName,
    /// What random parameters were drawn from: the same seed checks the same again.
    pub seed: u64,
    /// The cases in the order in which they ran.
    pub cases: Vec<CaseReport>,
}

impl Report {
    /// The exit code: 1 where a case failed or crashed, else 0.
    pub fn verdict(&self) -> u8 {
        let bad = |case: &CaseReport| matches!(case.outcome, Outcome::Fail | Outcome::Crash);
        u8::from(self.cases.iter().any(bad))
    }

    /// How many cases ended so.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.cases.iter().filter(|case| case.outcome == outcome).count()
    }

    /// The report for people: a line a case, its message and hint below it, a count at the end,
    /// without a line break after it.
    pub fn text(&self) -> String {
        let BackendName { id, name, version } = &self.backend;
        let full: Vec<&str> = [name, version].into_iter().flatten().map(String::as_str).collect();
        let mut text = id.clone();
        if !full.is_empty() {
            let _ = write!(text, " ({})", full.join(" "));
        }
        text.push('\n');
        let width = self.cases.iter().map(|case| case.name.len()).max().unwrap_or_default();
        for case in &self.cases {
            let line = format!("  {:5}  {:width$}", case.outcome.name(), case.name);
            // Whoever reads a message knows what the case is about only from its description.
            let first = match (&case.message, case.outcome) {
                (Some(message), Outcome::Pass | Outcome::Skip) => message,
                _ => &case.description,
            };
            let margin = " ".repeat(line.len() + 2);
            let _ = writeln!(text, "{line}  {}", indented(first, &margin));
            if matches!(case.outcome, Outcome::Warn | Outcome::Fail | Outcome::Crash) {
                for words in case
                    .message
                    .iter()
                    .chain(&case.hint.as_ref().map(|hint| format!("hint: {hint}")))
                {
                    let _ = writeln!(text, "{margin}{}", indented(words, &margin));
                }
            }
        }
        let counts: Vec<String> =
            [Outcome::Pass, Outcome::Warn, Outcome::Fail, Outcome::Crash, Outcome::Skip]
                .map(|outcome| format!("{} {}", self.count(outcome), outcome.name()))
                .into();
        let _ = write!(text, "{} cases: {}", self.cases.len(), counts.join(", "));
        text
    }
}

/// Further lines of `words` start where the first does.
fn indented(words: &str, margin: &str) -> String {
    words.trim_end().replace('\n', &format!("\n{margin}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name: &str, finding: Finding) -> CaseReport {
        CaseReport {
            name: name.to_owned(),
            description: "the rule".to_owned(),
            outcome: finding.outcome,
            message: finding.message,
            hint: finding.hint,
            milliseconds: 1,
        }
    }

    fn report(cases: Vec<CaseReport>) -> Report {
        let backend = BackendName {
            id: "invert".to_owned(),
            name: Some("Invert".to_owned()),
            version: Some("1.0.0".to_owned()),
        };
        Report { backend, seed: 1, cases }
    }

    #[test]
    fn the_text_lines_up_and_counts() {
        let report = report(vec![
            case("short", Finding::pass()),
            case("a-long-name", Finding::fail("it does\nnot", "do it")),
            case("other", Finding::skip("no models", "add one")),
        ]);
        assert_eq!(
            report.text(),
            "invert (Invert 1.0.0)\n  \
             pass   short        the rule\n  \
             fail   a-long-name  the rule\n                      \
             it does\n                      \
             not\n                      \
             hint: do it\n  \
             skip   other        no models\n\
             3 cases: 1 pass, 0 warn, 1 fail, 0 crash, 1 skip"
        );
    }

    #[test]
    fn only_failures_and_crashes_fail_the_whole() {
        let verdict = |finding| report(vec![case("one", finding)]).verdict();
        assert_eq!(verdict(Finding::pass()), 0);
        assert_eq!(verdict(Finding::warn("a", "b")), 0);
        assert_eq!(verdict(Finding::skip("a", "b")), 0);
        assert_eq!(verdict(Finding::fail("a", "b")), 1);
        assert_eq!(verdict(Finding::crash("a", "b")), 1);
    }

    #[test]
    fn the_worst_model_speaks_for_all_and_one_that_passes_for_those_that_cannot() {
        let (pass, skip) = (Finding::pass(), Finding::skip("a", "b"));
        let (warn, crash) = (Finding::warn("a", "b"), Finding::crash("c", "d"));
        assert_eq!(skip.clone().or_worse(pass.clone()).outcome, Outcome::Pass);
        assert_eq!(pass.or_worse(warn.clone()).outcome, Outcome::Warn);
        assert_eq!(crash.clone().or_worse(warn).message.as_deref(), Some("c"));
        assert_eq!(skip.or_worse(crash).outcome, Outcome::Crash);
    }
}
