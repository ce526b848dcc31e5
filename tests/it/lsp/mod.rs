//! `easel lsp`, the real program, as editors drive it: over its standard input and output, and from inside a real Neovim.

mod client;
mod daemon;
mod fuzz;
mod neovim;
mod order;
mod setups;
mod talks;
mod text;

use serde_json::Value;

/// A recipe that nothing is wrong with.
const GOOD: &str = r#"# What the shop shows.
title = "Product on white"

[[step]]
intent = "cutout"
model = "local-cutout"

[[step]]
intent = "edit"
prompt = "{name} on white, {mood} light"
keep = ["subject"]

[matrix]
mood = ["soft", "hard"]

[output]
format = "jpeg"
name = "{name}-{mood}"
"#;

/// The messages of diagnostics with their lines, from 0.
fn shown(diagnostics: &[Value]) -> Vec<String> {
    let one = |it: &Value| {
        let (line, code) = (&it["range"]["start"]["line"], it["code"].as_str().unwrap_or("?"));
        let message = it["message"].as_str().unwrap_or_default();
        format!("{line} {code}: {}", message.lines().next().unwrap_or_default())
    };
    diagnostics.iter().map(one).collect()
}

/// The labels of completions.
fn labels(items: &Value) -> Vec<&str> {
    items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect()
}
