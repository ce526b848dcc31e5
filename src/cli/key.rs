//! `easel key set|list|test|remove`. A key is typed or piped in, never an argument: arguments are seen by
//! every program on the machine and stay in the shell's history.

use std::io::{IsTerminal, Read};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use easel_protocol::key::{KeyParams, KeyPlace, KeyRecord, KeySetParams};
use easel_protocol::methods::{ListKeys, RemoveKey, SetKey, TestKey};
use easel_protocol::server::NoParams;
use easel_protocol::{ErrorKind, Failure};

use super::client::Client;
use super::{Context, outcome};

/// Store, test and forget the keys of providers.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  easel key set gemini\n  pass show gemini | easel key set gemini\n  easel key test gemini"
)]
pub(super) enum Key {
    /// Store a key; it is asked for, or read from standard input.
    Set(One),
    /// List the keys that backends ask for, and where they are.
    List,
    /// Ask the provider whether it accepts a key; costs nothing.
    Test(One),
    /// Forget a stored key.
    Remove(One),
}

#[derive(Debug, Args)]
pub(super) struct One {
    /// The key's name, such as `gemini`.
    name: String,
}

impl Key {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let client = Client::connect_or_start(context)?;
        let record = match self {
            Key::List => return list(context, &client),
            Key::Test(one) => return test(context, &client, one),
            Key::Set(One { name }) => {
                let value = read_key(&name)?;
                client.call::<SetKey>(&KeySetParams { name, value })?
            }
            Key::Remove(One { name }) => client.call::<RemoveKey>(&KeyParams { name })?,
        };
        if context.screen.json {
            context.screen.value(&record);
        } else {
            context.screen.line(format!("{}: {}", record.name, place(&record)));
            if record.place.is_some() {
                context
                    .screen
                    .note(format!("`easel key test {}` says whether it works", record.name));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read_key(name: &str) -> Result<String, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(ErrorKind::InvalidRequest, format!("no key was given: {error}"))
            .hint(format!("type it when asked, or pipe it: `… | easel key set {name}`"))
    };
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("Key `{name}` (it is not shown): "))
            .map_err(failed);
    }
    let mut value = String::new();
    std::io::stdin().take(64 << 10).read_to_string(&mut value).map_err(failed)?;
    Ok(value)
}

fn place(record: &KeyRecord) -> String {
    match record.place {
        None if record.page.is_empty() => "none".to_owned(),
        None => format!("none; get one at {}", record.page),
        Some(KeyPlace::Keychain) => "in the keychain".to_owned(),
        Some(KeyPlace::File) => "in a file that only you can read".to_owned(),
        Some(KeyPlace::Environment) => {
            format!("from the daemon's environment (`{}`)", record.environment.join("`, `"))
        }
    }
}

fn list(context: &Context, client: &Client) -> Result<ExitCode, Failure> {
    let list = client.call::<ListKeys>(&NoParams {})?;
    if context.screen.json {
        context.screen.value(&list);
    } else if list.keys.is_empty() {
        context
            .screen
            .note("no backend asks for a key; `easel backend add FOLDER` brings one that does");
    } else {
        let row = |key: &KeyRecord| {
            vec![key.name.clone(), place(key), key.backends.join(", "), key.origins.join(", ")]
        };
        let rows: Vec<_> = list.keys.iter().map(row).collect();
        context.screen.table(&["KEY", "WHERE", "FOR", "GOES TO"], &rows);
    }
    Ok(ExitCode::SUCCESS)
}

fn test(context: &Context, client: &Client, one: One) -> Result<ExitCode, Failure> {
    let test = client.call::<TestKey>(&KeyParams { name: one.name })?;
    if context.screen.json {
        context.screen.value(&test);
    }
    match test.failure {
        None => {
            if !context.screen.json {
                context.screen.line(format!("{}: it works", test.name));
            }
            Ok(ExitCode::SUCCESS)
        }
        Some(failure) if context.screen.json => Ok(outcome::exit_code(failure.kind)),
        Some(failure) => Err(failure),
    }
}
