//! `key.test`: whether a provider accepts a key.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use easel_protocol::key::KeyTest;
use easel_protocol::{ErrorKind, Failure};

use super::Daemon;
use crate::http::{Answer, Context, Journal, Request, Stop};

/// Longer than any provider needs to look at a key.
const PATIENCE: Duration = Duration::from_secs(30);

impl Daemon {
    /// `key.test`: one request that costs nothing.
    pub fn test_key(&self, name: &str) -> Result<KeyTest, Failure> {
        let probe = self.backends.key_probe(name)?;
        let json = [("content-type".to_owned(), "application/json".to_owned())];
        let request = Request {
            method: probe.test.method.clone(),
            url: probe.url,
            headers: if probe.test.body.is_empty() { BTreeMap::new() } else { json.into() },
            secret: Some(name.to_owned()),
            body: probe.test.body.clone().into(),
            free: true,
            timeout: Some(PATIENCE / 3),
            ..Request::default()
        };
        let context = Context {
            stop: Stop::default(),
            deadline: Instant::now() + PATIENCE,
            journal: Arc::new(Free),
            tell: Arc::new(|_| ()),
        };
        let mut answers =
            self.http()?.send_all(&probe.grant, vec![(String::new(), request)], &context);
        let failure = match answers.pop() {
            Some(Ok(answer)) if probe.test.good.contains(&answer.status) => None,
            Some(Ok(answer)) => Some(judge(name, &answer)),
            Some(Err(failure)) => Some(failure),
            None => Some(Failure::new(ErrorKind::Internal, "nothing was asked")),
        };
        Ok(KeyTest { name: name.to_owned(), works: failure.is_none(), failure })
    }
}

/// What a provider's answer says of a key.
fn judge(name: &str, answer: &Answer) -> Failure {
    let words: String = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
    let mut failure = match answer.status {
        400 | 401 | 403 => Failure::new(
            ErrorKind::KeyRejected,
            format!("the provider does not accept the key `{name}`"),
        )
        .hint(format!("copy it again and store it with `easel key set {name}`")),
        402 | 429 => Failure::new(
            ErrorKind::OutOfQuota,
            format!("the provider knows the key `{name}` and refuses it for now"),
        )
        .hint("look at the account's credit and limits"),
        status => Failure::new(ErrorKind::Transient, format!("the provider answered {status}"))
            .hint("try again later"),
    };
    failure.provider_message = Some(words.trim().to_owned()).filter(|words| !words.is_empty());
    failure
}

/// Nothing is paid for, so nothing is on record.
struct Free;

impl Journal for Free {
    fn answered(&self, _name: &str) -> Result<Option<Answer>, Failure> {
        Ok(None)
    }
    fn sending(&self, _name: &str) -> Result<(), Failure> {
        Ok(())
    }
    fn received(&self, _name: &str, _answer: &Answer) -> Result<(), Failure> {
        Ok(())
    }
    fn forget(&self, _name: &str) -> Result<(), Failure> {
        Ok(())
    }
}
