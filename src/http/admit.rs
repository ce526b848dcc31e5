//! What is checked before a byte leaves: that a backend may reach an origin, and that a credential is for it.

use easel_protocol::{ErrorKind, Failure};
use reqwest::header::{HeaderName, HeaderValue};

use super::origin::{self, Origin};
use super::{Grant, Request};

/// Whether the origin is one that the user configured, or why nothing may be sent there.
pub(super) fn allowed(grant: &Grant, origin: &Origin) -> Result<bool, Failure> {
    let denied =
        |what: String, hint: &str| Err(Failure::new(ErrorKind::Forbidden, what).hint(hint));
    if grant.configured.contains(origin) {
        return Ok(true);
    }
    if !grant.origins.iter().any(|pattern| pattern.matches(origin)) {
        return denied(
            format!(
                "backend `{}` may not reach `{origin}`: its manifest does not name it",
                grant.backend
            ),
            "if you trust it, name the origin in the backend's catalogue in the configuration folder",
        );
    }
    if !origin.is_https() {
        return denied(
            format!("`{origin}` is not encrypted"),
            "use `https`; a server on this machine has to be named in the backend's catalogue",
        );
    }
    if origin.address().is_some_and(|address| !origin::is_public(address)) {
        return denied(
            format!("`{origin}` is an address of this machine or its network"),
            "name it in the backend's catalogue in the configuration folder, if that is meant",
        );
    }
    Ok(false)
}

/// The header with the credential that a request names.
pub(super) fn credential(
    grant: &Grant,
    request: &Request,
    origin: &Origin,
) -> Result<Option<(HeaderName, HeaderValue)>, Failure> {
    let Some(name) = &request.secret else { return Ok(None) };
    let Some(credential) = grant.secrets.get(name) else {
        return Err(Failure::new(
            ErrorKind::Forbidden,
            format!("backend `{}` may not use the key `{name}`", grant.backend),
        )
        .hint("its manifest does not ask for it"));
    };
    // What the user allows beyond the base address is for files: a key never goes there.
    if !credential.origins.iter().any(|pattern| pattern.matches(origin)) {
        return Err(Failure::new(
            ErrorKind::Forbidden,
            format!("the key `{name}` is not for `{origin}`"),
        )
        .hint("a key only ever goes to the origins that the manifest names for it"));
    }
    let Some(value) = &credential.value else {
        return Err(Failure::new(ErrorKind::KeyMissing, format!("there is no key `{name}`"))
            .hint(format!("`easel key set {name}` stores one")));
    };
    let mut header = HeaderValue::from_str(&format!("{}{value}", credential.prefix))
        .map_err(|_| bad_header(&credential.header))?;
    header.set_sensitive(true);
    let name = HeaderName::try_from(credential.header.as_str())
        .map_err(|_| bad_header(&credential.header))?;
    Ok(Some((name, header)))
}

pub(super) fn bad_header(name: &str) -> Failure {
    Failure::new(ErrorKind::InvalidRequest, format!("the header `{name}` cannot be sent"))
        .hint("names and values of headers are printable ASCII")
}
