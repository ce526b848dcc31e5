//! A recipe that is ready to run: read, with the version that says whether what it made is still what it would make,
//! and with its references at hand.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use easel_protocol::picture::BlobId;
use easel_protocol::{ErrorKind, Failure};

use crate::daemon::{Daemon, picture};
use crate::paths::Paths;
use crate::recipe::{self, Recipe, Severity};
use crate::store::io_failure;

/// A reference is a picture like any other.
const MAX_REFERENCE_BYTES: u64 = 512 << 20;
/// No person writes more.
const MAX_RECIPE_BYTES: u64 = 1 << 20;

/// A recipe that is ready to run.
#[derive(Clone, Debug)]
pub struct Ready {
    /// What it is called: the file's name without its end.
    pub name: String,
    /// What it says.
    pub recipe: Arc<Recipe>,
    /// The folder that its references are relative to.
    pub base: PathBuf,
    /// Its text, as it was read.
    pub text: String,
    /// Changes with what it means and with the content of its references, not with how it is written.
    pub version: String,
}

impl Ready {
    /// Reads a recipe's text.
    pub fn read(
        daemon: &Daemon,
        references: &References,
        name: &str,
        text: String,
        base: &Path,
    ) -> Result<Ready, Failure> {
        let read = recipe::read(&text);
        let Some(recipe) = read.recipe else {
            let first = read.diagnostics.iter().find(|it| it.severity == Severity::Error);
            let reason =
                first.map_or_else(|| "it cannot be read".to_owned(), |it| it.message.clone());
            let at = first.map_or(0, |it| it.range.start);
            let (line, _) = recipe::line_and_column(&text, at);
            return Err(Failure::new(
                ErrorKind::InvalidRequest,
                format!("the recipe `{name}` cannot run: line {line}: {reason}"),
            )
            .hint("`easel recipe check FILE` shows everything that is wrong with it"));
        };
        let mut hasher = blake3::Hasher::new();
        hasher.update(recipe::canonical(&recipe).as_bytes());
        for path in recipe::references(&recipe) {
            let blob = references.open(daemon, &base.join(&path))?;
            hasher.update(blob.as_str().as_bytes());
        }
        Ok(Ready {
            name: name.to_owned(),
            recipe: Arc::new(recipe),
            base: base.to_owned(),
            text,
            version: hasher.finalize().to_hex()[..32].to_owned(),
        })
    }

    /// The facts that its steps depend on, as one text: with the version and a content they say what it would make.
    pub fn facts_key(&self, facts: &BTreeMap<String, String>) -> String {
        let used = recipe::used_facts(&self.recipe);
        let lines: Vec<String> = used
            .iter()
            .map(|name| format!("{name}={}", facts.get(name).map_or("", String::as_str)))
            .collect();
        lines.join("\n")
    }
}

/// A recipe's text, the folder that its references are relative to, and its name. `recipe` is a name, or, for a program
/// on this machine, a path.
pub fn text_of(
    paths: &Paths,
    recipe: &str,
    local: bool,
) -> Result<(String, PathBuf, String), Failure> {
    let by_path = Path::new(recipe).is_absolute();
    if by_path && !local {
        return Err(Failure::new(
            ErrorKind::Forbidden,
            "only a program on this machine may name files",
        )
        .hint("give the name of a recipe in `recipe.list`"));
    }
    if !by_path && (recipe.is_empty() || recipe.contains(['/', '\\']) || recipe.starts_with('.')) {
        return Err(Failure::new(
            ErrorKind::InvalidRequest,
            format!("`{recipe}` is neither the name of a recipe nor an absolute path"),
        )
        .hint("`easel recipe list` shows the names"));
    }
    let path = if by_path {
        PathBuf::from(recipe)
    } else {
        paths.recipes().join(format!("{recipe}{}", recipe::SUFFIX))
    };
    let text = read_text(&path)?;
    let base = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok((text, base, name_of(recipe)))
}

/// What a recipe is called: the name of its file without its end.
pub(super) fn name_of(recipe: &str) -> String {
    let file = Path::new(recipe).file_name().unwrap_or_default().to_string_lossy();
    file.strip_suffix(recipe::SUFFIX).unwrap_or(&file).to_owned()
}

/// The text of a recipe's file, or of another file that people write.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(MAX_RECIPE_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            _ => ErrorKind::InvalidRequest,
        };
        Failure::new(kind, format!("cannot read `{}`: {error}", path.display()))
            .hint("`easel recipe list` shows what there is, `easel recipe new NAME` writes one")
    })?;
    if bytes.len() as u64 > MAX_RECIPE_BYTES {
        return Err(Failure::new(
            ErrorKind::TooLarge,
            format!("`{}` has more than {MAX_RECIPE_BYTES} bytes", path.display()),
        )
        .hint("is it a recipe?"));
    }
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(ErrorKind::InvalidRequest, format!("`{}` is not UTF-8 text", path.display()))
            .hint("save it as UTF-8")
    })
}

/// The references of recipes, decoded once and again when a file changes.
#[derive(Debug, Default)]
pub struct References {
    known: Mutex<HashMap<PathBuf, Reference>>,
}

/// When a file was modified, its bytes, and the picture that it was then.
type Reference = (Option<SystemTime>, u64, BlobId);

impl References {
    /// The stored picture of a file. It stays: recipes use it again and again.
    pub fn open(&self, daemon: &Daemon, path: &Path) -> Result<BlobId, Failure> {
        let missing = |error: &std::io::Error| {
            Failure::new(
                ErrorKind::NotFound,
                format!("the reference `{}` cannot be read: {error}", path.display()),
            )
            .hint("a reference lies where the recipe says, relative to the recipe's own file")
        };
        let metadata = std::fs::metadata(path).map_err(|error| missing(&error))?;
        let (modified, size) = (metadata.modified().ok(), metadata.len());
        if size > MAX_REFERENCE_BYTES {
            return Err(Failure::new(
                ErrorKind::TooLarge,
                format!("the reference `{}` has {size} bytes", path.display()),
            )
            .hint("make the picture smaller"));
        }
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some((then, length, blob)) = known
            && then == modified
            && length == size
            && daemon.store.blobs.info(&blob).is_ok()
        {
            return Ok(blob);
        }
        let bytes = std::fs::read(path).map_err(|error| io_failure("read", path, &error))?;
        let decoded = picture::decode(&bytes, false).map_err(|failure| Failure {
            message: format!("the reference `{}`: {}", path.display(), failure.message),
            ..failure
        })?;
        let blob = picture::store(&daemon.store, &decoded, None)?.id;
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_owned(), (modified, size, blob.clone()));
        Ok(blob)
    }
}
