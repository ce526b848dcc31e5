//! The functions together, on texts with a cursor in them.

use easel_protocol::model::{
    Intent, Keep, ModelRecord, ParamKind, ParamRecord, Price, SizeOffer, StyleRecord,
};
use easel_protocol::server::ModelEntry;

use super::complete::{Around, Item, Listed, complete, folder_wanted};
use super::context::{Context, Source};
use super::scan::Scan;
use super::{actions, apply, hover, lens, rename, symbols};
use crate::recipe::schema::FileKind;

pub(super) fn models() -> Vec<ModelEntry> {
    let mut flux = ModelRecord::new("flux", "FLUX", &[Intent::Edit, Intent::Expand]);
    flux.strengths = "precise local edits".to_owned();
    flux.limitation = "knows no styles by name".to_owned();
    flux.keep = vec![Keep::Subject];
    flux.sizes = vec![
        SizeOffer { name: "1K".to_owned(), side: 1024 },
        SizeOffer { name: "2K".to_owned(), side: 2048 },
    ];
    let per_size = [("1K".to_owned(), 0.03), ("2K".to_owned(), 0.045)].into_iter().collect();
    let (currency, as_of) = ("USD".to_owned(), "2026-11-01".to_owned());
    flux.price = Some(Price { per_size, currency, as_of, ..Price::default() });
    let values = vec!["fast".to_owned(), "fine".to_owned()];
    flux.params.push(ParamRecord {
        name: "effort".to_owned(),
        description: "How long it paints.".to_owned(),
        value: ParamKind::Choice { values },
        default: "fast".into(),
    });
    let mut style = ModelRecord::new("local-style", "Local style", &[Intent::Restyle]);
    style.styles.push(StyleRecord {
        name: "warm-oil".to_owned(),
        description: "thick warm oil".to_owned(),
        strong: true,
    });
    style.seconds_per_megapixel = Some(1.5);
    let entry = |record: ModelRecord, reason: Option<&str>| ModelEntry {
        backend: record.id.clone(),
        available: reason.is_none(),
        reason: reason.map(str::to_owned),
        catalogue: None,
        record,
    };
    vec![entry(flux, Some("there is no key `flux`")), entry(style, None)]
}

/// The text without its mark, and where it stood.
fn marked(text: &str) -> (String, usize) {
    let at = text.find('¦').unwrap_or_else(|| panic!("no cursor in {text}"));
    (text.replace('¦', ""), at)
}

fn with<T>(text: &str, file: FileKind, act: impl FnOnce(Source<'_>, &Context<'_>) -> T) -> T {
    let (text, at) = marked(text);
    let scan = Scan::new(&text);
    let source = Source { text: &text, file, scan: &scan };
    let context = Context::at(source, at);
    act(source, &context)
}

fn items_in(text: &str, file: FileKind) -> Vec<Item> {
    let models = models();
    let listed = |name: &str, folder| Listed { name: name.to_owned(), folder };
    let files = [listed("looks", true), listed("look.jpg", false)];
    with(text, file, |source, context| {
        complete(source, context, Around { models: &models, files: &files })
    })
}

fn items(text: &str) -> Vec<Item> {
    items_in(text, FileKind::Recipe)
}

fn labels(text: &str) -> Vec<String> {
    items(text).into_iter().map(|item| item.label).collect()
}

/// What the text is with the item of that label.
fn taken(text: &str, label: &str) -> String {
    let (plain, _) = marked(text);
    let items = items(text);
    let item = items.iter().find(|item| item.label == label);
    let item = item.unwrap_or_else(|| panic!("no `{label}` in {items:#?}"));
    apply(&plain, &[(item.range.clone(), item.text.clone())])
}

#[test]
fn keys_that_are_there_are_not_offered_again() {
    let found = labels("intent = \"edit\"\n¦\nmodel = \"flux\"\n");
    assert_eq!(found[0], "prompt");
    assert!(
        !found.contains(&"intent".to_owned()) && !found.contains(&"model".to_owned()),
        "{found:?}"
    );
    assert!(found.contains(&"[[step]]".to_owned()) && found.contains(&"[output]".to_owned()));
    let found = labels("intent = \"edit\"\n[output]\nform¦\n[budget]\n");
    assert!(found.contains(&"format".to_owned()) && !found.contains(&"intent".to_owned()));
    assert!(!found.contains(&"[output]".to_owned()) && found.contains(&"[matrix]".to_owned()));
    assert!(!labels("¦\n[[step]]\n").contains(&"intent".to_owned()), "the steps have their own");
    assert_eq!(labels("[[step]]\nexpand = { top = 1, ¦ }\n"), ["right", "bottom", "left"]);
    assert_eq!(labels("[[step]]\nexpand.to¦ = 1\n"), ["top", "right", "bottom", "left"]);
}

#[test]
fn keys_are_written_with_room_for_their_value() {
    assert_eq!(taken("[output]\nfor¦\n", "format"), "[output]\nformat = \n");
    assert_eq!(taken("[output]\nfor¦ = 1\n", "format"), "[output]\nformat = 1\n");
    let items = items("[[step]]\nke¦\n");
    let keep = items.iter().find(|item| item.label == "keep").unwrap();
    assert_eq!(keep.snippet.as_deref(), Some("keep = [\"$0\"]"));
    assert!(keep.doc.as_ref().unwrap().contains("```toml\nkeep = [\"subject\", \"text\"]\n```"));
    assert_eq!(taken("ou¦\n", "[output]"), "[output]\n");
    assert_eq!(taken("[[st¦]]\n", "[[step]]"), "[[step]]\n");
    assert_eq!(
        taken("[[step]]\n[step.¦\na = 1\n", "[step.params]"),
        "[[step]]\n[step.params]\na = 1\n"
    );
}

#[test]
fn words_are_offered_with_and_without_quotes() {
    assert_eq!(taken("intent = ¦", "edit"), "intent = \"edit\"");
    assert_eq!(taken("intent = \"ed¦\"", "edit"), "intent = \"edit\"");
    assert_eq!(taken("intent = \"ed¦\nkeep = []", "edit"), "intent = \"edit\"\nkeep = []");
    assert_eq!(taken("intent = ed¦ # why", "edit"), "intent = \"edit\" # why");
    assert_eq!(taken("keep = [\"pose\", ¦]", "text"), "keep = [\"pose\", \"text\"]");
    assert!(!labels("keep = [\"pose\", ¦]").contains(&"pose".to_owned()));
    assert_eq!(taken("keep = ¦", "text"), "keep = [\"text\"]");
    assert_eq!(labels("keep = [\n\"pose\",\n¦\nintent = 'edit'")[0], "subject", "the list goes on");
    assert_eq!(labels("[output]\nsheet = ¦"), ["true", "false"]);
    let items = items("intent = \"¦\"\nmodel = \"flux\"");
    assert_eq!(
        items[0].label,
        "expand".replace("expand", "edit"),
        "what the model does stands first"
    );
    let restyle = items.iter().find(|item| item.label == "restyle").unwrap();
    assert_eq!(restyle.detail.as_deref(), Some("not with flux"));
}

#[test]
fn models_are_offered_in_chains() {
    let items = items("intent = \"edit\"\nmodel = ¦");
    let shown: Vec<&str> = items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(shown, ["local-style", "auto", "flux"], "what cannot be used stands last");
    assert!(items[2].detail.as_ref().unwrap().contains("there is no key `flux`"));
    assert!(items[2].doc.as_ref().unwrap().contains("costs: 0.03 to 0.045 USD a picture"));
    assert_eq!(taken("model = \"flux¦\"", "flux, else …"), "model = \"flux, else \"");
    assert_eq!(
        taken("model = \"flux, else ¦\"", "local-style"),
        "model = \"flux, else local-style\""
    );
    assert!(!labels("model = \"flux, else ¦\"").contains(&"flux".to_owned()));
    assert_eq!(taken("model = \"fl¦, else x\"", "flux"), "model = \"flux, else x\"");
    assert_eq!(
        taken("model = [\"flux\", ¦]", "local-style"),
        "model = [\"flux\", \"local-style\"]"
    );
}

#[test]
fn what_a_model_offers_is_offered() {
    assert_eq!(labels("model = \"flux\"\nsize = \"¦\""), ["1K", "2K"]);
    assert_eq!(labels("model = \"local-style\"\nstyle = \"¦\""), ["warm-oil"]);
    assert_eq!(taken("style = [\"w¦:0.6\"]", "warm-oil"), "style = [\"warm-oil:0.6\"]");
    assert_eq!(labels("model = \"flux\"\n[params]\n¦")[0], "effort");
    assert_eq!(
        labels("[[step]]\nmodel = \"flux\"\n[step.params]\neffort = \"¦\""),
        ["fast", "fine"]
    );
    assert_eq!(labels("[[step]]\nmodel = \"flux\"\nparams = { effort = ¦ }"), ["fast", "fine"]);
    assert_eq!(labels("model = \"local-style\"\nsize = \"¦\""), [""; 0]);
}

#[test]
fn placeholders_are_offered_inside_braces() {
    let text = "prompt = \"a {¦\"\n[matrix]\nmood = [\"dawn\"]\n";
    let found = labels(text);
    assert_eq!(&found[..2], ["mood", "name"]);
    assert!(!found.contains(&"index".to_owned()));
    assert!(labels("[output]\nname = \"{¦}\"").contains(&"index".to_owned()));
    assert_eq!(taken(text, "mood"), "prompt = \"a {mood}\"\n[matrix]\nmood = [\"dawn\"]\n");
    assert_eq!(taken("prompt = \"{na¦|x}\"", "name"), "prompt = \"{name|x}\"");
    assert_eq!(labels("prompt = \"{name|¦}\""), [""; 0]);
    assert_eq!(labels("prompt = \"{{¦\""), [""; 0]);
    assert_eq!(labels("prompt = \"{mood} {name}\"\n[matrix]\n¦\n")[0], "mood");
}

#[test]
fn files_are_offered() {
    let wanted = |text| with(text, FileKind::Recipe, folder_wanted);
    assert_eq!(wanted("reference = \"a/b/¦\"").as_deref(), Some("a/b/"));
    assert_eq!(wanted("reference = [\"x\", \"¦\"]").as_deref(), Some(""));
    assert_eq!(wanted("prompt = \"¦\""), None);
    assert_eq!(taken("reference = \"a/lo¦\"", "look.jpg"), "reference = \"a/look.jpg\"");
    assert_eq!(taken("mask = { file = ¦ }", "looks/"), "mask = { file = \"looks/\" }");
}

#[test]
fn other_files_have_their_own_keys() {
    let shown = |text, file| -> Vec<String> {
        items_in(text, file).into_iter().map(|item| item.label).collect()
    };
    assert_eq!(shown("¦", FileKind::Folders), ["[[folder]]"]);
    let found = shown("[[folder]]\npath = \"x\"\n¦", FileKind::Folders);
    assert!(found.contains(&"recipe".to_owned()) && !found.contains(&"path".to_owned()));
    assert_eq!(shown("[[folder]]\non-success = ¦", FileKind::Folders), ["keep", "move", "delete"]);
    assert!(shown("[[models]]\nintents = [¦]", FileKind::Catalogue).contains(&"edit".to_owned()));
    assert!(shown("[secret.flux]\n¦", FileKind::Backend).contains(&"header".to_owned()));
}

#[test]
fn nothing_is_offered_where_nothing_can_stand() {
    for text in ["# ¦", "a = 1 # x¦", "intent = \"edit\" ¦", "]¦", "seed = 7¦ # n", "[output]¦"]
    {
        let found = labels(text);
        assert!(found.iter().all(|label| label == "7"), "{text}: {found:?}");
    }
}

fn hovered(text: &str) -> Option<(String, String)> {
    let models = models();
    with(text, FileKind::Recipe, |source, context| {
        let found = hover::hover(source, context, Around { models: &models, files: &[] })?;
        Some((source.text[found.range].to_owned(), found.text))
    })
}

#[test]
fn what_is_under_the_cursor_is_explained() {
    let says = |text: &str, place: &str, words: &str| {
        let (range, found) = hovered(text).unwrap_or_else(|| panic!("nothing in {text}"));
        assert_eq!(range, place);
        assert!(found.contains(words), "{found}");
    };
    says("inte¦nt = \"edit\"", "intent", "What kind of change");
    says("intent = \"ed¦it\"", "\"edit\"", "One described change");
    says("model = \"flux, else lo¦cal-style\"", "local-style", "about 1.5 s a megapixel");
    says("model = \"fl¦ux\"", "flux", "cannot: knows no styles by name");
    says("style = \"warm¦-oil:0.3\"", "\"warm-oil:0.3\"", "thick warm oil");
    says("prompt = \"a {na¦me}\"", "{name}", "file name");
    says("prompt = \"{mood¦|x}\"\nmatrix.mood = [\"a\", \"b\"]", "{mood|x}", "`a`, `b`");
    says("[out¦put]\n", "[output]", "What is written");
    says("model = \"flux\"\n[params]\neff¦ort = \"fast\"", "effort", "How long it paints");
    assert_eq!(hovered("prompt = \"no¦thing\""), None);
    assert_eq!(hovered("model = \"unk¦nown\""), None);
}

fn renamed(text: &str, new: &str) -> Result<String, String> {
    with(text, FileKind::Recipe, |source, context| {
        rename::rename(source, context, new).map(|edits| apply(source.text, &edits))
    })
}

#[test]
fn an_axis_is_renamed_everywhere() {
    let text = "prompt = \"{mood} {mood|calm} {{mood}} {moods}\"\n[output]\nname = '{mood}'\n[matrix]\nmo¦od = [\"{mood\"]\n";
    assert_eq!(
        renamed(text, "hour").unwrap(),
        "prompt = \"{hour} {hour|calm} {{mood}} {moods}\"\n[output]\nname = '{hour}'\n[matrix]\nhour = [\"{mood\"]\n"
    );
    assert!(
        renamed("prompt = \"{mo¦od}\"\nmatrix.mood = []", "a.b")
            .unwrap()
            .ends_with("matrix.\"a.b\" = []")
    );
    for (text, new, words) in [
        ("prompt = \"{na¦me}\"", "x", "filled by the picture"),
        ("prompt = \"{oth¦er}\"", "x", "no axis"),
        ("matrix.mo¦od = []", "na me", "no name"),
        ("matrix.mo¦od = []", "", "no name"),
        ("matrix.mo¦od = []", "width", "filled by the picture"),
        ("matrix.mo¦od = []\nmatrix.hour = []", "hour", "already"),
        ("intent = \"ed¦it\"", "x", "nothing else"),
    ] {
        let found = renamed(text, new).unwrap_err();
        assert!(found.contains(words), "{text}: {found}");
    }
}

#[test]
fn the_outline_names_steps_axes_and_tables() {
    fn shown(symbols: &[symbols::Symbol], into: &mut Vec<String>) {
        for symbol in symbols {
            into.push(format!("{} ({})", symbol.name, symbol.detail));
            shown(&symbol.children, into);
        }
    }
    let text = "¦title = \"A\"\n[[step]]\nintent = \"edit\"\nmodel = \"flux\"\n[step.params]\na = 1\n[[step]]\n[matrix]\nmood = [\"x\", \"y\"]\n[budget]\npicture = \"1 USD\"\n";
    let mut found = Vec::new();
    with(text, FileKind::Recipe, |source, _| shown(&symbols::symbols(source), &mut found));
    assert_eq!(
        found,
        [
            "title (\"A\")",
            "step 1 (edit · flux)",
            "intent (\"edit\")",
            "model (\"flux\")",
            "step 2 ()",
            "matrix ()",
            "mood (x, y)",
            "budget (1 USD)",
            "picture (\"1 USD\")"
        ]
    );
}

#[test]
fn lenses_stand_above_the_first_line_that_is_no_comment() {
    with("# a\n\n¦title = \"x\"\nintent = 1", FileKind::Recipe, |source, context| {
        assert_eq!(lens::lenses(source).unwrap().0.start, context.cursor);
    });
    assert!(with("¦a = 1", FileKind::Folders, |source, _| lens::lenses(source)).is_none());
}

#[test]
fn keys_at_the_top_become_a_step() {
    let act = |text: &str, title: &str| {
        with(text, FileKind::Recipe, |source, context| {
            let at = context.cursor..context.cursor;
            let found = actions::actions(source, &[], &at);
            let action = found.into_iter().find(|action| action.fix.title.contains(title))?;
            Some(apply(source.text, &action.fix.edits))
        })
    };
    let text = "# a\ntitle = \"x\"\n# why\nint¦ent = \"edit\"\n[params]\na = 1\n";
    assert_eq!(
        act(text, "[[step]]").unwrap(),
        "# a\ntitle = \"x\"\n\n[[step]]\n# why\nintent = \"edit\"\n[step.params]\na = 1\n"
    );
    assert_eq!(act("int¦ent = \"edit\"\ntitle = \"x\"", "[[step]]"), None);
    assert_eq!(act("int¦ent = \"edit\"\n[[step]]", "[[step]]"), None);
    assert_eq!(
        act("int¦ent = 1", "[output]").unwrap(),
        "intent = 1\n\n[output]\nformat = \"same\"\nname = \"{name}\"\n"
    );
    assert_eq!(act("int¦ent = 1\noutput.sheet = true", "add `[output]`"), None);
}
