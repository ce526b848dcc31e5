//! The recipes that come with Easel, and the page that describes the language.

use std::path::{Path, PathBuf};

use super::*;
use crate::recipe::Severity;
use crate::recipe::schema::{self, FileKind};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Beside {
    models: Vec<ModelEntry>,
    folder: PathBuf,
}

impl World for Beside {
    fn models(&self) -> &[ModelEntry] {
        &self.models
    }

    fn exists(&self, path: &str) -> Option<bool> {
        Some(self.folder.join(path).is_file())
    }
}

#[test]
fn every_recipe_of_the_cookbook_runs_where_nothing_is_set_up() {
    let folder = root().join("cookbook");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        let path = entry.path();
        if !path.to_string_lossy().ends_with(crate::recipe::SUFFIX) {
            continue;
        }
        count += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# "), "{} does not say what it is for", path.display());
        for models in [local().models, everything().models] {
            let read = read(&text);
            let found = check(&read, &Beside { models, folder: folder.clone() });
            within(&text, &found);
            let errors: Vec<String> = found
                .iter()
                .filter(|it| it.severity == Severity::Error)
                .map(|it| show(&path.to_string_lossy(), &text, it))
                .collect();
            assert!(errors.is_empty(), "{}", errors.join(""));
            let recipe = read.recipe.unwrap();
            assert!(recipe.title.is_some() && recipe.description.is_some(), "{}", path.display());
        }
    }
    assert!(count >= 10, "{count} recipes");
}

#[test]
fn the_page_on_recipes_tells_of_every_key_word_and_placeholder() {
    let page = std::fs::read_to_string(root().join("docs/recipes.md")).unwrap();
    let mut missing = Vec::new();
    for key in schema::keys(FileKind::Recipe).iter().filter(|key| key.name != "*") {
        missing.extend((!page.contains(&format!("`{}`", key.name))).then_some(key.name));
        for word in key.kind.choices() {
            missing.extend((!page.contains(&format!("`{word}`"))).then_some(*word));
        }
    }
    for fact in crate::recipe::FACTS {
        missing.extend((!page.contains(&format!("`{{{}}}`", fact.name))).then_some(fact.name));
    }
    for entry in std::fs::read_dir(root().join("cookbook")).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix(crate::recipe::SUFFIX) {
            assert!(page.contains(name), "`{name}` of the cookbook is not on the page");
        }
    }
    assert!(missing.is_empty(), "docs/recipes.md does not tell of {missing:?}");
}
