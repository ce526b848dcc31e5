//! The keys of `backend.toml`, as `backend::manifest` reads it.

use super::{KeyDoc, Kind};

const fn key(
    table: &'static str,
    name: &'static str,
    kind: Kind,
    doc: &'static str,
    example: &'static str,
) -> KeyDoc {
    KeyDoc { table, name, kind, doc, example }
}

const ANY: Kind = Kind::Integer { min: 0, max: u32::MAX as u64 };

#[rustfmt::skip]
pub(super) const KEYS: &[KeyDoc] = &[
    key("", "id", Kind::Text, "The backend's id: letters, digits, `.`, `-` and `_`, the same as in `describe`.", "\"org.example.flux\""),
    key("", "name", Kind::Text, "The name on screens.", "\"Flux\""),
    key("", "library", Kind::Text, "The library's stem: `flux` for `libflux.so`, `libflux.dylib` or `flux.dll` beside this file.", "\"flux\""),
    key("", "abi", Kind::Integer { min: 1, max: u32::MAX as u64 }, "The ABI's major version.", "1"),
    key("", "permissions", Kind::Table("permissions"), "What the backend asks for.", "{ http = [\"https://api.example.org\"] }"),
    key("", "secret", Kind::Table("secret"), "How each of its secrets is sent: a table `[secret.NAME]` a secret.", "{ flux = { header = \"x-key\", origins = [\"https://api.example.org\"] } }"),
    key("", "http", Kind::Table("http"), "How its provider likes to be asked.", "{ parallel = 4 }"),
    key("permissions", "http", Kind::Strings, "Origins that it wants to reach through the host.", "[\"https://api.example.org\"]"),
    key("permissions", "secrets", Kind::Strings, "Names of stored credentials that the host is to put into its requests.", "[\"flux\"]"),
    key("permissions", "read", Kind::Strings, "Paths that it wants to read.", "[\"/usr/share/weights\"]"),
    key("permissions", "gpu", Kind::Boolean, "Whether it wants a graphics processor.", "false"),
    key("secret", "*", Kind::Table("secret.*"), "How this secret is sent, and where to.", "{ header = \"x-key\", origins = [\"https://api.example.org\"] }"),
    key("secret.*", "header", Kind::Text, "The header that carries it.", "\"authorization\""),
    key("secret.*", "prefix", Kind::Text, "What stands before the value in the header.", "\"Bearer \""),
    key("secret.*", "origins", Kind::Strings, "The only origins that ever get it.", "[\"https://api.example.org\"]"),
    key("secret.*", "env", Kind::Strings, "The variables of the environment in which people keep it.", "[\"FLUX_API_KEY\"]"),
    key("secret.*", "page", Kind::Text, "Where a person gets one.", "\"https://example.org/keys\""),
    key("secret.*", "test", Kind::Table("test"), "A request that costs nothing and tells whether it works.", "{ method = \"GET\", path = \"/v1/credits\", good = [200] }"),
    key("test", "method", Kind::Text, "The method of the request.", "\"GET\""),
    key("test", "path", Kind::Text, "What follows the base address.", "\"/v1/credits\""),
    key("test", "body", Kind::Text, "The body of the request.", "\"{}\""),
    key("test", "good", Kind::Integers, "The statuses that mean: it works.", "[200]"),
    key("http", "requests_per_minute", ANY, "So many requests a minute; 0: as many as it likes.", "60"),
    key("http", "parallel", ANY, "So many requests at once; 0: as many as it likes.", "8"),
    key("http", "final", Kind::Strings, "Words in the body of a 429 that mean: trying again does not help.", "[\"PerDay\"]"),
];
