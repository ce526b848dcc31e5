//! The command line: one file a subcommand. Results go to standard output, everything else to
//! standard error; exit codes mean something.

mod arrange;
mod backend;
mod client;
mod doctor;
mod folder;
mod gc;
mod help;
mod install;
mod job;
mod key;
mod lsp;
mod model;
mod open;
mod options;
mod outcome;
mod pair;
mod progress;
mod recipe;
mod recipe_run;
mod results;
mod screen;
mod serve;
mod spend;
mod stop;
mod transform;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use easel_protocol::Failure;

use crate::paths::Paths;
use screen::Screen;

/// Change pictures that exist: say what should change and what must stay.
#[derive(Debug, Parser)]
#[command(
    name = "easel",
    version,
    arg_required_else_help = true,
    after_help = "First steps:\n  easel transform photo.jpg --intent restyle --model local-style --style NAME\n  easel model list\n  easel open\n  easel install krita\n  easel doctor\n\n\
Exit codes:\n  0  it worked\n  1  a job or the program failed\n  2  the command or the ask was wrong\n  3  there is no such thing\n  4  the model, the picture or this machine cannot do it\n  5  the daemon cannot be reached\n  130  cancelled"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
struct Common {
    /// Keep everything below this folder, instead of where this platform keeps data.
    #[arg(long, global = true, value_name = "DIR", env = "EASEL_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Print complete, stable JSON to standard output.
    #[arg(long, global = true)]
    json: bool,
    /// Say nothing but results and errors.
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon until it is told to stop.
    Serve(serve::Serve),
    /// End the daemon; running jobs go on after the next start.
    Stop(stop::Stop),
    /// Change a picture with one model, or several to compare.
    Transform(Box<transform::Transform>),
    /// Lay pictures side by side on one sheet, to compare them.
    Sheet(arrange::Sheet),
    /// Watch folders: what is dropped in is changed after a recipe.
    #[command(subcommand)]
    Folder(folder::Folder),
    /// Check, write, list and run recipes.
    #[command(subcommand)]
    Recipe(recipe::Recipe),
    /// See, follow, cancel and retry jobs.
    #[command(subcommand)]
    Job(job::Job),
    /// See which models there are and what they can do.
    #[command(subcommand)]
    Model(model::Model),
    /// See, trust and check backends.
    #[command(subcommand)]
    Backend(backend::BackendCommand),
    /// Store, test and forget the keys of providers.
    #[command(subcommand)]
    Key(key::Key),
    /// Show what was spent, by model, and the budgets.
    Spend(spend::SpendCommand),
    /// Cap what may be spent within any 24 hours.
    #[command(subcommand)]
    Budget(spend::BudgetCommand),
    /// Open the page in the browser, already paired.
    Open(open::Open),
    /// Show a code that lets Figma or a browser in, and see who was let in.
    Pair(pair::Pair),
    /// Put the plugin into an editor, or see why it does not show up.
    Install(install::Install),
    /// Help with recipes inside editors of code.
    Lsp(lsp::Lsp),
    /// Remove what nothing refers to.
    Gc(gc::Gc),
    /// Look for what is wrong, and say what to do.
    Doctor(doctor::Doctor),
    /// Print completions for a shell.
    Completions(help::Completions),
    /// Print the manual page.
    Man(help::Man),
    /// Hold one backend; started by the daemon.
    #[command(hide = true)]
    Worker,
}

/// What every subcommand is given.
struct Context {
    paths: Paths,
    screen: Screen,
}

/// Parses the command line and runs it.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let screen = Screen::new(cli.common.json, cli.common.quiet);
    if let Command::Worker = cli.command {
        return worker();
    }
    let outcome = Paths::resolve(cli.common.data_dir.as_deref())
        .and_then(|paths| run(cli.command, &Context { paths, screen }));
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            screen.failure(&failure);
            outcome::exit_code(failure.kind)
        }
    }
}

fn run(command: Command, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(command) => command.run(context),
        Command::Stop(command) => command.run(context),
        Command::Transform(command) => command.run(context),
        Command::Sheet(command) => command.run(context),
        Command::Folder(command) => command.run(context),
        Command::Recipe(command) => command.run(context),
        Command::Job(command) => command.run(context),
        Command::Model(command) => command.run(context),
        Command::Backend(command) => command.run(context),
        Command::Key(command) => command.run(context),
        Command::Spend(command) => command.run(context),
        Command::Budget(command) => command.run(context),
        Command::Open(command) => command.run(context),
        Command::Pair(command) => command.run(context),
        Command::Install(command) => command.run(context),
        Command::Lsp(command) => command.run(context),
        Command::Gc(command) => command.run(context),
        Command::Doctor(command) => command.run(context),
        Command::Completions(command) => command.run(context),
        Command::Man(command) => command.run(context),
        Command::Worker => Ok(worker()),
    }
}

fn worker() -> ExitCode {
    crate::worker::child::main(crate::worker::child::ChildEntry {
        built_in: crate::daemon::BUILT_IN_ENTRIES,
    })
}
