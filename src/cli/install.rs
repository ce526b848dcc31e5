//! `easel install krita|gimp|figma`: puts the plugin into an editor, takes it out, or says why it does
//! not show up.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use easel_protocol::methods::GetServerInfo;
use easel_protocol::server::NoParams;
use easel_protocol::{ErrorKind, Failure};
use serde_json::json;

use super::Context;
use super::client::{Client, Endpoint};
use crate::install::apply::Seen;
use crate::install::check::{Finding, Question, Verdict};
use crate::install::work::{Did, Done, Work};
use crate::install::{Found, Machine, Target, probe};

/// Put Easel's plugin into an editor, or see why it does not show up there.
#[derive(Debug, Args)]
#[command(
    after_help = "Every installation that is found is served, Flatpak and Snap too. Running it again updates the plugin.\n\n\
Examples:\n  easel install krita\n  easel install gimp --check\n  easel install figma\n  easel install gimp --dir ~/.config/GIMP/3.0/plug-ins\n  easel install krita --uninstall"
)]
pub(super) struct Install {
    /// The editor.
    editor: Editor,
    /// Take the plugin out again.
    #[arg(long, conflicts_with = "check")]
    uninstall: bool,
    /// Change nothing; go through the reasons why the plugin may not show up.
    #[arg(long)]
    check: bool,
    /// The folder that the editor takes plugins from, instead of those that are found.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Move what Easel did not write, or somebody changed, to a name with `.before-easel`.
    #[arg(long, conflicts_with = "check")]
    force: bool,
}

/// An editor, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Editor {
    /// Krita 5 and later.
    Krita,
    /// GIMP 3 and later.
    Gimp,
    /// Figma: writes the folder that Figma imports, and says where to click.
    Figma,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Install {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let target = match self.editor {
            Editor::Krita => Target::Krita,
            Editor::Gimp => Target::Gimp,
            Editor::Figma => Target::Figma,
        };
        let machine = probe::machine()?;
        let package = target.package();
        if !package.is_complete() {
            let message = format!("this build of Easel has no plugin for {}", target.name());
            return Err(Failure::new(ErrorKind::Unsupported, message)
                .hint("build it from a complete checkout"));
        }
        let program = probe::own_program()?.display().to_string();
        let found = self.find(target, &machine);
        if self.check {
            let question = Question {
                target,
                machine: &machine,
                package: &package,
                version: VERSION,
                program: &program,
            };
            return check(context, &question, found);
        }
        let work = Work {
            target,
            package: &package,
            version: VERSION,
            program: &program,
            force: self.force,
        };
        if self.uninstall {
            let (done, notes) = match found {
                Ok(found) => (work.take_out(&found.places)?, Vec::new()),
                // An editor that is nowhere has no plugin, which is what was asked for.
                Err(failure) => (Vec::new(), vec![format!("{failure}, so nothing is installed")]),
            };
            report(context, target, &machine, &done, notes);
        } else {
            let found = found?;
            let done = work.put_in(&found.places)?;
            let mut notes = found.notes;
            notes.extend(found.places.iter().filter_map(|place| target.first_step(place)));
            report(context, target, &machine, &done, notes);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn find(&self, target: Target, machine: &Machine<'_>) -> Result<Found, Failure> {
        let Some(folder) = &self.dir else { return target.find(machine) };
        let folder = std::path::absolute(folder).map_err(|error| {
            let message = format!("cannot resolve `{}`: {error}", folder.display());
            Failure::new(ErrorKind::InvalidRequest, message)
        })?;
        Ok(Found { places: vec![target.named(machine, folder)], notes: Vec::new() })
    }
}

fn report(
    context: &Context,
    target: Target,
    machine: &Machine<'_>,
    done: &[Done],
    mut notes: Vec<String>,
) {
    let editor = target.name();
    let has_new_settings = done.iter().any(|it| it.settings_changed);
    if has_new_settings && probe::runs(target.id(), &machine.home) {
        notes.push(format!(
            "{editor} runs and may write its settings anew when it ends: quit it, and run this again"
        ));
    } else if !target.is_web()
        && done.iter().any(Done::is_change)
        && done.iter().all(|it| it.did != Did::Removed)
    {
        notes.push(format!("start {editor} again; the plugin is at {}", target.menu()));
    }
    if context.screen.json {
        context.screen.value(&json!({
            "editor": target.id(),
            "version": VERSION,
            "places": done,
            "notes": notes,
        }));
        return;
    }
    for line in done.iter().flat_map(lines) {
        context.screen.line(line);
    }
    for note in notes {
        context.screen.note(note);
    }
}

/// What was done in one place, for a person.
fn lines(done: &Done) -> Vec<String> {
    let folder = done.folder.display();
    let first = match done.did {
        Did::Installed => format!("installed in `{folder}`"),
        Did::Updated => format!("updated in `{folder}`"),
        Did::Unchanged => format!("{VERSION} is in `{folder}`, nothing to do"),
        Did::Removed => format!("taken out of `{folder}`"),
        Did::Absent => format!("nothing is installed in `{folder}`"),
    };
    let count = |paths: &[String], verb: &str| match paths.len() {
        0 => String::new(),
        1 => format!(", 1 file {verb}"),
        count => format!(", {count} files {verb}"),
    };
    let written = count(&done.written, "written");
    let removed = count(&done.removed, "removed");
    let marked = count(&done.made_executable, "made executable");
    let mut lines = vec![format!("{first}{written}{removed}{marked}")];
    lines.extend(done.moved.iter().map(|name| format!("what was there is now `{name}`")));
    lines.extend(done.kept.iter().map(|it| format!("`{}` {}, and stays", it.path, it.why)));
    if let (true, Some(file)) = (done.settings_changed, &done.settings) {
        let is_out = matches!(done.did, Did::Removed | Did::Absent);
        let verb = if is_out { "no longer enabled" } else { "enabled" };
        lines.push(format!("{verb} in `{}`", file.display()));
    }
    lines.into_iter().map(|line| format!("{}: {line}", done.name)).collect()
}

fn check(
    context: &Context,
    question: &Question<'_>,
    found: Result<Found, Failure>,
) -> Result<ExitCode, Failure> {
    let mut findings = Vec::new();
    let mut notes = Vec::new();
    match found {
        Ok(found) => {
            for place in &found.places {
                let seen = Seen::look(&place.folder, question.package)?;
                findings.extend(question.judge(place, &seen));
            }
            let is_sandboxed = found.places.iter().all(|place| place.kind.is_sandboxed());
            findings.push(daemon(context, is_sandboxed || question.target.is_web()));
            notes = found.notes;
        }
        Err(failure) => {
            let finding = Finding::new("editor", Verdict::Bad, failure.message);
            findings.push(Finding { hint: failure.hint, ..finding });
        }
    }
    if context.screen.json {
        context.screen.value(&json!({
            "editor": question.target.id(),
            "version": VERSION,
            "findings": findings,
            "notes": notes,
        }));
    } else {
        for finding in &findings {
            let sign = match finding.verdict {
                Verdict::Good => "ok     ",
                Verdict::Unknown => "unknown",
                Verdict::Warning => "warning",
                Verdict::Bad => "problem",
            };
            context.screen.line(format!("{sign}  {:<11} {}", finding.what, finding.detail));
            if let Some(hint) = &finding.hint {
                context.screen.line(format!("         hint: {hint}"));
            }
        }
        for note in notes {
            context.screen.note(note);
        }
    }
    let is_bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    Ok(if is_bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Whether a plugin would reach the daemon.
fn daemon(context: &Context, is_sandboxed: bool) -> Finding {
    let what = "daemon";
    let client = match Client::connect(&context.paths) {
        Ok(Some(client)) => client,
        Ok(None) if is_sandboxed => {
            return Finding::new(what, Verdict::Bad, "not running, and the plugin cannot start it")
                .hint("`easel serve` starts it");
        }
        Ok(None) => {
            let left = Endpoint::read(&context.paths)
                .map(|it| format!(" (process {} is gone)", it.pid))
                .unwrap_or_default();
            return Finding::new(
                what,
                Verdict::Good,
                format!("not running{left}; the plugin starts it"),
            );
        }
        Err(failure) => {
            let finding = Finding::new(what, Verdict::Bad, failure.message);
            return Finding { hint: failure.hint, ..finding };
        }
    };
    match client.call::<GetServerInfo>(&NoParams {}) {
        Ok(info) if info.version != VERSION => {
            let detail = format!("version {} runs, this is {VERSION}", info.version);
            Finding::new(what, Verdict::Warning, detail)
                .hint("`easel stop` ends it, and the plugin starts one of this version")
        }
        Ok(info) => Finding::new(what, Verdict::Good, format!("process {} answers", info.pid)),
        Err(failure) => {
            let finding = Finding::new(what, Verdict::Bad, failure.message);
            Finding { hint: failure.hint, ..finding }
        }
    }
}
