//! The cookbook where no hosted model is set up, and the page on recipes. What its recipes make of a picture is looked
//! at in `folders::cookbook`.

use easel::recipe::schema::{self, FileKind};

use super::{easel_in, text};
use crate::support::{Daemon, root};

#[test]
fn a_recipe_for_hosted_models_says_what_is_missing() {
    let daemon = Daemon::start();
    let folder = tempfile::tempdir().unwrap();
    let file = root().join("cookbook/repaint-a-detail.easel.toml").display().to_string();
    let output = easel_in(&daemon, folder.path(), &["recipe", "check", &file]);
    assert!(output.status.success(), "{output:?}");
    let shown = text(&output.stdout);
    for word in ["warning[model-unavailable]: `flux-2-pro`", "info[price]", "docs/models.md"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
}

/// The names of the cookbook's recipes.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("cookbook")).unwrap().flatten();
    let name = |entry: std::fs::DirEntry| {
        Some(entry.file_name().to_str()?.strip_suffix(easel::recipe::SUFFIX)?.to_owned())
    };
    entries.filter_map(name).collect()
}

#[test]
fn the_whole_cookbook_passes_check_and_says_what_it_is_for() {
    let daemon = Daemon::start();
    let names = names();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        let file = root().join(format!("cookbook/{name}.easel.toml"));
        let source = std::fs::read_to_string(&file).unwrap();
        assert!(source.starts_with("# "), "{name} does not say what it is for");
        let recipe = easel::recipe::read(&source).recipe.unwrap();
        assert!(recipe.title.is_some() && recipe.description.is_some(), "{name}");
        let file = file.display().to_string();
        let output = easel_in(&daemon, daemon.data(), &["recipe", "check", &file]);
        assert!(output.status.success(), "{name}: {output:?}");
    }
}

#[test]
fn the_page_on_recipes_tells_of_every_key_word_and_placeholder() {
    let page = std::fs::read_to_string(root().join("docs/recipes.md")).unwrap();
    let mut missing: Vec<String> = Vec::new();
    let mut look_for = |word: String| {
        if !page.contains(&word) {
            missing.push(word);
        }
    };
    for key in schema::keys(FileKind::Recipe).iter().filter(|key| key.name != "*") {
        look_for(format!("`{}`", key.name));
        key.kind.choices().iter().for_each(|word| look_for(format!("`{word}`")));
    }
    for fact in easel::recipe::FACTS {
        look_for(format!("`{{{}}}`", fact.name));
    }
    for name in names() {
        look_for(format!("../cookbook/{name}.easel.toml"));
    }
    assert!(missing.is_empty(), "docs/recipes.md does not tell of {missing:?}");
}
