//! `workspace/executeCommand`: what stands above a recipe. Editors whose extension has a picker for files do it
//! themselves; the others are told what to type, or name the path and are asked once more before anything runs.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use tower_lsp_server::Client;
use tower_lsp_server::jsonrpc::Error;
use tower_lsp_server::ls_types::{LSPAny, MessageActionItem, MessageType, Uri};

use super::Host;
use crate::recipe::edit::lens::{RUN_ON_PICTURE, WATCH_FOLDER};

/// The button that runs it.
const RUN: &str = "Run";

/// The commands that the server knows.
pub(super) fn names() -> Vec<String> {
    vec![RUN_ON_PICTURE.to_owned(), WATCH_FOLDER.to_owned()]
}

/// What was asked for.
struct Asked {
    /// The arguments of the program.
    arguments: Vec<String>,
    /// They are complete.
    complete: bool,
    /// What it would do.
    question: String,
}

/// Answers at once; what a person decides and what then runs comes later.
pub(super) fn answer(
    command: &str,
    arguments: &[LSPAny],
    client: Client,
    host: Arc<dyn Host>,
) -> Result<(), Error> {
    let asked = asked(command, arguments)?;
    tokio::spawn(async move { carry_out(asked, client, host).await });
    Ok(())
}

fn asked(command: &str, arguments: &[LSPAny]) -> Result<Asked, Error> {
    let text = |index: usize| arguments.get(index).and_then(LSPAny::as_str);
    let wrong = || Error::invalid_params("the first argument is the address of a recipe's file");
    let uri: Uri = text(0).and_then(|uri| uri.parse().ok()).ok_or_else(wrong)?;
    let recipe = uri.to_file_path().ok_or_else(wrong)?.display().to_string();
    let path = text(1).filter(|path| !path.is_empty());
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let name = Path::new(&recipe).file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    match command {
        RUN_ON_PICTURE => Ok(Asked {
            arguments: own(&["recipe", "run", &recipe, path.unwrap_or("PICTURE")]),
            complete: path.is_some(),
            question: format!("run `{name}` on `{}`?", path.unwrap_or_default()),
        }),
        WATCH_FOLDER => Ok(Asked {
            arguments: own(&["folder", "add", path.unwrap_or("DIR"), "--recipe", &recipe]),
            complete: path.is_some(),
            question: format!("watch `{}` with `{name}`?", path.unwrap_or_default()),
        }),
        other => Err(Error::invalid_params(format!("there is no command `{other}`"))),
    }
}

async fn carry_out(asked: Asked, client: Client, host: Arc<dyn Host>) {
    let line = command_line(&asked.arguments);
    if !asked.complete {
        client.show_message(MessageType::INFO, format!("run this in a terminal: {line}")).await;
        return;
    }
    // It may cost money: a click on the wrong line must not be enough.
    let action =
        |title: &str| MessageActionItem { title: title.to_owned(), properties: HashMap::default() };
    let actions = vec![action(RUN), action("Cancel")];
    let answer =
        client.show_message_request(MessageType::INFO, asked.question, Some(actions)).await;
    if !matches!(answer, Ok(Some(item)) if item.title == RUN) {
        return;
    }
    let arguments = asked.arguments.clone();
    let run = tokio::task::spawn_blocking(move || host.run(&arguments)).await;
    match run.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(words) => client.show_message(MessageType::INFO, words).await,
        Err(words) => {
            client.show_message(MessageType::ERROR, format!("{words}\nit was: {line}")).await;
        }
    }
}

/// A command as it is typed.
fn command_line(arguments: &[String]) -> String {
    let quoted = |word: &String| {
        let plain = |letter: char| letter.is_alphanumeric() || "-_./~:".contains(letter);
        if word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    let words: Vec<String> = arguments.iter().map(quoted).collect();
    format!("easel {}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_written_as_they_are_typed() {
        let uri: LSPAny = "file:///a%20b/w.easel.toml".into();
        let line = |command, path: &str| {
            let asked = asked(command, &[uri.clone(), path.into()]).unwrap();
            (command_line(&asked.arguments), asked.complete)
        };
        let run = "easel recipe run '/a b/w.easel.toml' PICTURE".to_owned();
        assert_eq!(line(RUN_ON_PICTURE, ""), (run, false));
        let watch = "easel folder add 'it'\\''s' --recipe '/a b/w.easel.toml'".to_owned();
        assert_eq!(line(WATCH_FOLDER, "it's"), (watch, true));
        assert!(asked("other", std::slice::from_ref(&uri)).is_err());
        assert!(asked(RUN_ON_PICTURE, &["no address".into()]).is_err());
    }
}
