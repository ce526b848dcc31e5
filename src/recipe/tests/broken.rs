//! Texts with faults that no model is needed to see.

use insta::assert_snapshot;

use super::*;

/// What reading alone says.
fn of(text: &str) -> String {
    let nothing = Here { models: Vec::new(), files: &[] };
    told(text, &nothing)
}

#[test]
fn syntax() {
    assert_snapshot!(of(
        "intent = \"edit\"\nprompt = \nseed = 7\nseed = 8\nmodel = auto\n[output\nformat = \"png\"\nqualty = 3\n"
    ));
}

#[test]
fn an_open_text_hides_nothing_else() {
    assert_snapshot!(of("prompt = \"a studio\nintent = \"edt\"\n"));
}

#[test]
fn unknown_keys() {
    assert_snapshot!(of(
        "intent = \"edit\"\nmodels = \"auto\"\npromt = \"a\"\nformat = \"png\"\nwhatever = 1\n[output]\nQuality = 90\nkind = \"png\"\n[budget]\ndaily = \"1 USD\"\n"
    ));
}

#[test]
fn wrong_types_and_words() {
    assert_snapshot!(of(
        "intent = \"resytle\"\nkeep = \"text\"\nstrength = 1.5\nseed = \"7\"\ncount = 0\nmask = \"everything\"\nprompt = 5\nmodel = []\nexpand = { top = -1, up = 3 }\nfeather = 2.5\nparams = { a = [1] }\n[output]\nsheet = \"yes\"\nformat = \"jpg\"\n"
    ));
}

#[test]
fn amounts_and_weights() {
    assert_snapshot!(of(
        "intent = \"restyle\"\nstyle = [\"warm-oil:much\", \":1\"]\n[budget]\npicture = \"0.2\"\nday = 5\n"
    ));
}

#[test]
fn placeholders() {
    assert_snapshot!(of(
        "intent = \"edit\"\nprompt = \"{nam} at {date}, {model}\"\nsize = \"{\"\nmask = { file = \"\\u00fc{exif.isso}.png\" }\nparams = { x = \"{moood}\" }\n[matrix]\nmood = [\"x\"]\n[output]\nname = \"{indx}\"\n"
    ));
}

#[test]
fn steps_owe_each_other() {
    assert_snapshot!(of(
        "prompt = \"at the top\"\n[[step]]\nintent = \"cutout\"\nmodel = [\"a\", \"b\"]\ncount = 2\n[[step]]\nmodel = [\"a\", \"a\"]\n"
    ));
    assert_snapshot!(of("[step]\nintent = \"cutout\"\n"));
    assert_snapshot!(of(""));
    assert_snapshot!(of("prompt = \"a\"\n"));
    let many = "[[step]]\nintent = \"edit\"\n".repeat(17);
    assert_snapshot!(of(&many));
}

#[test]
fn axes() {
    assert_snapshot!(of(
        "intent = \"edit\"\nprompt = \"{a}\"\n[matrix]\nname = [\"x\"]\n\"a b\" = [\"x\"]\na = [\"x\", \"x\", \"{name}\"]\nempty = []\nmodel = [\"local-style\"]\nnumbers = [1]\n"
    ));
    let values: Vec<String> = (0..33).map(|number| format!("\"v{number}\"")).collect();
    let text = format!(
        "intent = \"edit\"\nprompt = \"{{a}}\"\nmodel = [\"x\", \"y\"]\n[matrix]\na = [{}]\n",
        values.join(", ")
    );
    let shown = of(&text);
    assert!(shown.contains("33 combinations with 2 models each are more than 64"), "{shown}");
}

#[test]
fn what_has_no_effect() {
    assert_snapshot!(of(
        "intent = \"edit\"\nmask = {}\n[output]\nformat = \"png\"\nquality = 80\n"
    ));
}

#[test]
fn first_fixes_settle_what_they_are_for() {
    let nothing = Here { models: Vec::new(), files: &[] };
    for (text, better) in [
        ("intent = \"edit\"\nmodels = \"auto\"\n", "intent = \"edit\"\nmodel = \"auto\"\n"),
        ("intent = \"edt\"\n", "intent = \"edit\"\n"),
        ("intent = edit\n", "intent = \"edit\"\n"),
        ("intent = \"edit\"\nkeep = \"text\"\n", "intent = \"edit\"\nkeep = [\"text\"]\n"),
        ("intent = \"edit\"\nseed = \"7\"\n", "intent = \"edit\"\nseed = 7\n"),
        ("intent = \"edit\"\nstrength = 2\n", "intent = \"edit\"\nstrength = 1\n"),
        (
            "intent = \"edit\"\n[budget]\nday = \"5\"\n",
            "intent = \"edit\"\n[budget]\nday = \"5 USD\"\n",
        ),
        (
            "intent = \"edit\"\nprompt = \"{date}\"\n",
            "intent = \"edit\"\nprompt = \"{exif.date}\"\n",
        ),
        ("[step]\nintent = \"edit\"\n", "[[step]]\nintent = \"edit\"\n"),
        (
            "intent = \"edit\" # why\nseed = 1\n[matrix]\nmodel = [\"a\"]\n",
            "intent = \"edit\" # why\nmodel = \"{model}\"\nseed = 1\n[matrix]\nmodel = [\"a\"]\n",
        ),
    ] {
        assert_eq!(mended(text, &nothing), better);
        assert_eq!(told(better, &nothing), "", "{better}");
    }
}
