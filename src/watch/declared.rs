//! `folders.toml`: watched folders written down by whoever manages machines. What stands there is watched, what is
//! taken out is not; folders that were added by command are left alone.

use std::path::{Path, PathBuf};

use easel_protocol::folder::{FolderSpec, OnSuccess};
use easel_protocol::recipe::Money;
use easel_protocol::{ErrorKind, Failure};
use serde::Deserialize;

use crate::recipe;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    folder: Vec<Declared>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Declared {
    path: PathBuf,
    recipe: String,
    out: Option<PathBuf>,
    #[serde(default)]
    recursive: bool,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    on_success: OnSuccess,
    budget: Option<String>,
    #[serde(default)]
    poll: bool,
    #[serde(default)]
    paused: bool,
}

/// The folders that a text declares, and which of them are paused. `beside`: where the file lies.
pub(super) fn read(text: &str, beside: &Path) -> Result<Vec<(FolderSpec, bool)>, Failure> {
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        Failure::new(
            ErrorKind::InvalidRequest,
            format!("`folders.toml` cannot be read: line {line}: {}", error.message()),
        )
        .hint(
            "`easel recipe check folders.toml` shows what is wrong; the folders stay as they were",
        )
    })?;
    file.folder.into_iter().map(|declared| declared.spec(beside)).collect()
}

impl Declared {
    fn spec(self, beside: &Path) -> Result<(FolderSpec, bool), Failure> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        if !self.path.is_absolute() {
            return Err(Failure::new(
                ErrorKind::InvalidRequest,
                format!("`folders.toml`: the path `{}` is not absolute", self.path.display()),
            )
            .hint("write it from the root on"));
        }
        // A name stays a name; a path is relative to the file that says it.
        let by_path =
            Path::new(&self.recipe).extension().is_some() || self.recipe.contains(['/', '\\']);
        let recipe = if by_path { text(&beside.join(&self.recipe)) } else { self.recipe };
        let budget = self.budget.as_deref().map(day_budget).transpose()?;
        let spec = FolderSpec {
            out: self.out.map(|out| text(&self.path.join(out))),
            path: text(&self.path),
            recipe,
            recursive: self.recursive,
            include: self.include,
            exclude: self.exclude,
            on_success: self.on_success,
            budget,
            poll: self.poll,
        };
        Ok((spec, self.paused))
    }
}

/// `5.00/day`, `5.00 EUR/day`: what may be spent within any 24 hours.
pub fn day_budget(text: &str) -> Result<Money, Failure> {
    let amount = text.trim();
    let amount = amount.strip_suffix("/day").unwrap_or(amount).trim();
    let with_currency =
        if amount.contains(' ') { amount.to_owned() } else { format!("{amount} USD") };
    recipe::amount_of(&with_currency)
        .map(|it| Money { amount: it.amount, currency: it.currency })
        .ok_or_else(|| {
            Failure::new(ErrorKind::InvalidRequest, format!("`{text}` is no budget"))
                .hint("say it as `5.00/day` or `5.00 EUR/day`")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_read() {
        let text = "[[folder]]\npath = \"/w/in\"\nrecipe = \"r/a.easel.toml\"\nout = \"results\"\non-success = \"move\"\nbudget = \"5.00 EUR/day\"\n\n[[folder]]\npath = \"/x\"\nrecipe = \"named\"\npaused = true\n";
        let folders = read(text, Path::new("/etc/easel")).unwrap();
        assert_eq!(folders[0].0.recipe, "/etc/easel/r/a.easel.toml");
        assert_eq!(folders[0].0.out.as_deref(), Some("/w/in/results"));
        assert_eq!(folders[0].0.on_success, OnSuccess::Move);
        assert_eq!(folders[0].0.budget, Some(Money { amount: 5.0, currency: "EUR".into() }));
        assert_eq!((folders[1].0.recipe.as_str(), folders[1].1), ("named", true));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let failure =
            read("[[folder]]\npath = \"/w\"\nrecipe = \"a\"\ncolour = 1\n", Path::new("/"));
        let message = failure.unwrap_err().message;
        assert!(message.contains("line 4") && message.contains("colour"), "{message}");
        assert!(read("[[folder]]\npath = \"w\"\nrecipe = \"a\"\n", Path::new("/")).is_err());
        assert!(day_budget("lots").is_err());
        assert_eq!(day_budget("5").unwrap(), day_budget("5.00 USD/day").unwrap());
    }
}
