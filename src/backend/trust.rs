//! Whether a backend may run: its manifest can be used, somebody trusted exactly this library,
//! nobody switched it off, and it has not crashed too often.

use easel_protocol::server::BackendState;

/// What the judgement rests on.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// It is part of the program.
    pub built_in: bool,
    /// Why it cannot be loaded, judging by its files alone.
    pub obstacle: Option<&'a str>,
    /// The hash of its library and manifest as they are now.
    pub fingerprint: Option<&'a str>,
    /// The one that somebody trusted.
    pub trusted_hash: Option<&'a str>,
    /// Somebody switched it off.
    pub disabled: bool,
    /// Why it is in quarantine.
    pub quarantine: Option<&'a str>,
}

/// The state and, where it is not ready, the reason with what to do.
pub fn judge(id: &str, evidence: Evidence<'_>) -> (BackendState, Option<String>) {
    if let Some(obstacle) = evidence.obstacle {
        return (BackendState::Broken, Some(obstacle.to_owned()));
    }
    if evidence.disabled {
        return (
            BackendState::Disabled,
            Some(format!("switched off; `easel backend enable {id}` switches it on")),
        );
    }
    if !evidence.built_in
        && (evidence.trusted_hash.is_none() || evidence.trusted_hash != evidence.fingerprint)
    {
        let what = if evidence.trusted_hash.is_some() {
            "its library or manifest has changed"
        } else {
            "its library is new to this machine"
        };
        return (
            BackendState::Untrusted,
            Some(format!("{what}; `easel backend trust {id}` lets it run")),
        );
    }
    if let Some(quarantine) = evidence.quarantine {
        let reason = format!("{quarantine}; `easel backend trust {id}` gives it another chance");
        return (BackendState::Quarantined, Some(reason));
    }
    (BackendState::Ready, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_trusted_library_runs() {
        let new = Evidence {
            built_in: false,
            obstacle: None,
            fingerprint: Some("aa"),
            trusted_hash: None,
            disabled: false,
            quarantine: None,
        };
        let state = |evidence| judge("x", evidence).0;
        assert_eq!(state(new), BackendState::Untrusted);
        let trusted = Evidence { trusted_hash: Some("aa"), ..new };
        assert_eq!(state(trusted), BackendState::Ready);
        assert_eq!(state(Evidence { fingerprint: Some("bb"), ..trusted }), BackendState::Untrusted);
        assert_eq!(
            state(Evidence { fingerprint: None, trusted_hash: None, ..trusted }),
            BackendState::Untrusted
        );
        assert_eq!(state(Evidence { disabled: true, ..trusted }), BackendState::Disabled);
        assert_eq!(
            state(Evidence { quarantine: Some("crashed"), ..trusted }),
            BackendState::Quarantined
        );
        assert_eq!(state(Evidence { obstacle: Some("no"), ..trusted }), BackendState::Broken);
        assert_eq!(state(Evidence { built_in: true, ..new }), BackendState::Ready);
    }
}
