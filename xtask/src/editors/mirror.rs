//! Where Debian's packages come from: from where this machine's own apt fetches them, through the same
//! proxy, or else from Debian itself.

use std::fs;
use std::path::Path;
use std::process::Command;

const ARCHIVE: &str = "http://deb.debian.org/debian";
const SECURITY: &str = "http://security.debian.org/debian-security";

/// The releases of Debian: what offers one of them and its updates is Debian's archive, and not
/// somebody's packages for it.
const RELEASES: &[&str] = &[
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "duke",
    "oldoldstable",
    "oldstable",
    "stable",
    "testing",
];

/// The proxies that programs are told of.
const PROXIES: &[&str] = &["http_proxy", "https_proxy", "all_proxy", "no_proxy"];

/// What apt is told in the folder.
pub(super) struct Apt {
    pub(super) archive: String,
    security: String,
    /// Its settings for `apt.conf.d`.
    pub(super) settings: String,
}

impl Apt {
    /// As this machine has it.
    pub(super) fn of_this_machine() -> Self {
        let sources = sources_of(Path::new("/etc/apt"));
        let (archive, security) = mirrors(&sources);
        // Where there is no apt, it says nothing.
        let dump = Command::new("apt-config").arg("dump").output();
        let dump = dump.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        Apt { archive, security, settings: carried(&dump.unwrap_or_default()) }
    }

    /// The text of `sources.list`.
    pub(super) fn sources(&self, suite: &str) -> String {
        let Apt { archive, security, .. } = self;
        format!(
            "deb {archive} {suite} main\n\
             deb {archive} {suite}-updates main\n\
             deb {security} {suite}-security main\n"
        )
    }

    /// The proxies for programs that do not read apt's settings.
    pub(super) fn proxies(&self) -> Vec<(&'static str, String)> {
        let of_apt = [("http_proxy", "http"), ("https_proxy", "https")];
        let mut found = proxies_of_this_process();
        for (name, scheme) in of_apt {
            let key = format!("acquire::{scheme}::proxy ");
            let line = self.settings.lines().find(|line| line.to_lowercase().starts_with(&key));
            let value = line.and_then(|line| line.split('"').nth(1));
            let value = value.filter(|value| !value.is_empty() && *value != "DIRECT");
            if let Some(value) = value {
                found.retain(|(other, _)| *other != name);
                found.push((name, value.to_owned()));
            }
        }
        found
    }
}

/// What this process was told of proxies.
pub(super) fn proxies_of_this_process() -> Vec<(&'static str, String)> {
    PROXIES.iter().filter_map(|name| Some((*name, std::env::var(name).ok()?))).collect()
}

/// The settings that are carried over from `apt-config dump`: the proxies, and whether a mirror may be
/// an older state. Signatures are checked all the same.
fn carried(dump: &str) -> String {
    let is_wanted = |line: &&str| {
        let key = line.split_whitespace().next().unwrap_or_default().to_lowercase();
        let is_proxy = key.contains("::proxy") && !key.contains("auto-detect");
        let is_age = key == "acquire::check-valid-until" || key == "acquire::check-date";
        key.starts_with("acquire::") && (is_proxy || is_age)
    };
    let mut text = "Acquire::Languages \"none\";\n".to_owned();
    for line in dump.lines().filter(is_wanted) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// One suite of one address.
#[derive(Debug, PartialEq)]
struct Source {
    address: String,
    suite: String,
}

/// What `sources.list` and the files of `sources.list.d` name, in their order.
fn sources_of(apt: &Path) -> Vec<Source> {
    let mut paths = vec![apt.join("sources.list")];
    let more = fs::read_dir(apt.join("sources.list.d"));
    let mut more: Vec<_> = more.into_iter().flatten().flatten().map(|file| file.path()).collect();
    more.sort();
    paths.extend(more);
    let mut found = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap_or_default();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("list") => found.extend(text.lines().filter_map(one_line)),
            Some("sources") => found.extend(paragraphs(&text).iter().flat_map(|it| paragraph(it))),
            _ => {}
        }
    }
    found
}

/// `deb [options] address suite components`.
fn one_line(line: &str) -> Option<Source> {
    let line = line.split('#').next()?.trim();
    let rest = line.strip_prefix("deb")?.strip_prefix([' ', '\t'])?.trim_start();
    let rest = if rest.starts_with('[') { rest.split_once(']')?.1 } else { rest };
    let mut words = rest.split_whitespace();
    let (address, suite) = (words.next()?, words.next()?);
    words.any(|component| component == "main").then(|| source(address, suite))
}

/// The paragraphs of a deb822 file, without its comments.
fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines.split(|line| line.trim().is_empty()).map(<[&str]>::to_vec).collect()
}

fn paragraph(lines: &[&str]) -> Vec<Source> {
    let field = |wanted: &str| {
        let mut words: Vec<&str> = Vec::new();
        let mut is_in = false;
        for line in lines {
            let value = if line.starts_with([' ', '\t']) {
                line
            } else {
                let (name, value) = line.split_once(':').unwrap_or_default();
                is_in = name.eq_ignore_ascii_case(wanted);
                value
            };
            if is_in {
                words.extend(value.split_whitespace());
            }
        }
        words
    };
    let is_off =
        field("Enabled").first().is_some_and(|it| ["no", "false", "off", "0"].contains(it));
    if is_off || !field("Types").contains(&"deb") || !field("Components").contains(&"main") {
        return Vec::new();
    }
    let suites = field("Suites");
    let of = |address| suites.iter().map(move |suite| source(address, suite));
    field("URIs").into_iter().flat_map(of).collect()
}

fn source(address: &str, suite: &str) -> Source {
    Source { address: address.trim_end_matches('/').to_owned(), suite: suite.to_owned() }
}

/// The archive and the one of the security updates.
fn mirrors(sources: &[Source]) -> (String, String) {
    let has = |address: &str, suite: &str| {
        sources.iter().any(|source| source.address == address && source.suite == suite)
    };
    let reachable = |source: &&Source| {
        source.address.starts_with("http://") || source.address.starts_with("https://")
    };
    let with_updates = |source: &&Source| {
        RELEASES.contains(&source.suite.as_str())
            && has(&source.address, &format!("{}-updates", source.suite))
    };
    let of_security = |source: &&Source| {
        let suite = source.suite.as_str();
        let release = suite.strip_suffix("-security").or_else(|| suite.strip_suffix("/updates"));
        release.is_some_and(|release| RELEASES.contains(&release))
    };
    let mut known = sources.iter().filter(reachable);
    let archive = known.clone().find(with_updates);
    let security = known.find(of_security);
    let address = |found: Option<&Source>, fallback: &str| {
        found.map_or_else(|| fallback.to_owned(), |source| source.address.clone())
    };
    (address(archive, ARCHIVE), address(security, SECURITY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> (String, String) {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("easel-apt-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("sources.list.d")).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        let found = mirrors(&sources_of(&folder));
        fs::remove_dir_all(&folder).unwrap();
        found
    }

    #[test]
    fn the_machines_own_mirrors_are_used_in_both_formats() {
        let one_line = "# deb http://old.test/debian bookworm main
deb-src http://source.test/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian/ bookworm main contrib
deb http://mirror.test/debian bookworm-updates main
deb http://mirror.test/security bookworm-security main # as it should be
";
        let wanted = ("http://mirror.test/debian".to_owned(), "http://mirror.test/security".into());
        assert_eq!(of(&[("sources.list", one_line)]), wanted);
        let deb822 = "Types: deb deb-src
# a comment
URIs: http://mirror.test/debian
suites: bookworm
 bookworm-updates
Components: main
Signed-By: /k.gpg

Enabled: no
Types: deb
URIs: http://off.test/security
Suites: bookworm-security
Components: main

Types: deb
URIs: http://mirror.test/security/
Suites: bookworm-security
Components: main
";
        assert_eq!(of(&[("sources.list.d/debian.sources", deb822)]), wanted);
    }

    #[test]
    fn what_is_not_debian_itself_is_no_mirror() {
        let fallback = (ARCHIVE.to_owned(), SECURITY.to_owned());
        assert_eq!(of(&[]), fallback);
        let others = "deb http://vendor.test/debian/12 bookworm main
deb http://ubuntu.test/ubuntu noble main
deb http://ubuntu.test/ubuntu noble-updates main
deb http://ubuntu.test/ubuntu noble-security main
deb cdrom:[Debian 12]/ bookworm main
";
        assert_eq!(of(&[("sources.list", others)]), fallback);
    }

    #[test]
    fn proxies_are_carried_over_and_nothing_that_weakens_signatures() {
        let dump = "APT::Architecture \"amd64\";
Acquire::AllowInsecureRepositories \"1\";
Acquire::Check-Valid-Until \"false\";
Acquire::http::Proxy \"http://proxy.test:3128\";
Acquire::http::Proxy-Auto-Detect \"/usr/bin/detect\";
Acquire::http::Proxy::near.test \"DIRECT\";
";
        let settings = carried(dump);
        assert_eq!(
            settings,
            "Acquire::Languages \"none\";
Acquire::Check-Valid-Until \"false\";
Acquire::http::Proxy \"http://proxy.test:3128\";
Acquire::http::Proxy::near.test \"DIRECT\";
"
        );
        let apt = Apt { archive: String::new(), security: String::new(), settings };
        let proxy = ("http_proxy", "http://proxy.test:3128".to_owned());
        assert!(apt.proxies().contains(&proxy), "{:?}", apt.proxies());
    }
}
