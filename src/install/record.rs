//! `installed.json`: what of an editor's folder is Easel's. It lies beside the plugin, which also
//! learns from it where the program is, since the `PATH` of a desktop session may not lead there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::package::Package;

/// What was installed, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version.
    pub easel: String,
    /// The program that installed it, which a plugin starts as the daemon.
    pub program: String,
    /// The hash of each file.
    pub files: BTreeMap<String, String>,
    /// The hashes of what is being written: both they and those above are Easel's until it is done.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub writing: BTreeMap<String, String>,
    /// Folders that were made for it, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<String>,
}

impl Record {
    /// Reads a record, and believes no path in it that the plugin could not have.
    pub fn parse(content: &[u8], package: &Package) -> Result<Record, String> {
        let record: Record = serde_json::from_slice(content).map_err(|error| error.to_string())?;
        match record.files.keys().chain(record.writing.keys()).find(|path| !package.may_own(path)) {
            Some(path) => Err(format!("it names `{path}`")),
            None => Ok(record),
        }
    }

    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Whether a content at a path is what was written there.
    pub(super) fn wrote(&self, path: &str, hash: &str) -> bool {
        [&self.files, &self.writing]
            .iter()
            .any(|files| files.get(path).is_some_and(|it| it == hash))
    }

    /// All paths that were written.
    pub(super) fn paths(&self) -> impl Iterator<Item = &String> {
        self.files.keys().chain(self.writing.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::package;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = Record {
            easel: "0.1.0".to_owned(),
            program: "/usr/bin/easel".to_owned(),
            files: [("easel_krita/x.py".to_owned(), "00".to_owned())].into(),
            ..Record::default()
        };
        let text = record.text();
        assert_eq!(Record::parse(&text, &package::krita()), Ok(record));
        assert!(!String::from_utf8(text).unwrap().contains("writing"));
    }

    #[test]
    fn a_record_that_leads_elsewhere_is_not_believed() {
        let text = br#"{"easel":"1","program":"p","files":{"../../.bashrc":"00"}}"#;
        let error = Record::parse(text, &package::krita()).unwrap_err();
        assert_eq!(error, "it names `../../.bashrc`");
        assert!(Record::parse(b"{}", &package::krita()).is_err());
    }
}
