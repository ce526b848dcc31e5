//! Recipes against models: refusals stand at the keys that they are about.

use insta::assert_snapshot;

use super::super::{expand, price, suit};
use super::*;
use crate::job::check::{Taken, controls};

#[test]
fn a_good_recipe_has_nothing_against_it() {
    let text = "title = \"T\"\nintent = \"restyle\"\nmodel = \"local-style\"\nstyle = [\"warm-oil:0.6\", \"comic-ink:0.4\"]\nstrength = 0.5\nkeep = [\"pose\"]\n";
    assert_eq!(told(text, &local()), "");
    assert_eq!(told("intent = \"cutout\"\n", &local()), "");
}

#[test]
fn what_a_model_cannot_be_told() {
    let text = "intent = \"restyle\"\nprompt = \"the vase, please\"\nkeep = [\"subject\", \"text\"]\nmodel = \"local-style\"\nstyle = [\"warm-oil\", \"warm-oli:2\"]\nreference = [\"a.jpg\"]\nseed = 7\ncount = 2\nscale = 3\nsize = \"2K\"\nexpand = 5\n[params]\nbrush = \"hude\"\nbursh = 1\n";
    assert_snapshot!(told(text, &local()));
}

#[test]
fn sizes_references_and_files() {
    let text = "intent = \"edit\"\nprompt = \"a red door\"\nmodel = \"nano-banana\"\nsize = \"3K\"\nreference = [\"a.jpg\", \"b.jpg\", \"a.jpg\", \"b.jpg\", \"gone.jpg\"]\n";
    assert_snapshot!(told(text, &everything()));
    let text =
        "intent = \"edit\"\nprompt = \"a red door\"\nmodel = \"nano-banana-2\"\nsize = \"3K\"\n";
    assert_snapshot!(told(text, &everything()));
}

#[test]
fn a_fallback_that_can_makes_a_warning_of_it() {
    let text = "intent = \"restyle\"\nmodel = \"seedream-4.5, else local-style\"\nstyle = \"warm-oil\"\nseed = 3\n";
    assert_snapshot!(told(text, &everything()));
    let text = "intent = \"edit\"\nprompt = \"a red door\"\nmodel = \"seedream-4.5, else nano-banana\"\nseed = 3\n";
    assert_snapshot!(told(text, &everything()));
}

#[test]
fn names_of_models() {
    let text = "intent = \"restyle\"\nmodel = [\"local-stile\", \"seedream-3\", \"nobody, else local-style\", \"auto:cheap\"]\nstyle = \"warm-oil\"\n";
    assert_snapshot!(told(text, &everything()));
}

#[test]
fn hosted_models_that_are_not_set_up() {
    let text = "intent = \"edit\"\nprompt = \"a red door\"\nmodel = \"flux-2-pro, else nano-banana-2\"\n[budget]\npicture = \"0.01 USD\"\n";
    assert_snapshot!(told(text, &local()));
}

#[test]
fn faults_from_an_axis_stand_at_its_value() {
    let text = "intent = \"restyle\"\nmodel = \"{by}\"\nstyle = \"{look}\"\n[matrix]\nby = [\"local-style\", \"local-stile\"]\nlook = [\"warm-oil\", \"cold-oil\"]\n";
    assert_snapshot!(told(text, &local()));
}

#[test]
fn nothing_can_do_it_and_erase_waits_for_a_mask() {
    assert_snapshot!(told("intent = \"edit\"\nprompt = \"a red door\"\n", &local()));
    assert_snapshot!(told("intent = \"cutout\"\nmodel = \"local-style\"\n", &local()));
    assert_snapshot!(told("intent = \"erase\"\nmodel = \"flux-erase\"\n", &everything()));
}

#[test]
fn prompts_that_say_nothing() {
    let text = "intent = \"edit\"\nmodel = \"flux-2-pro\"\nprompt = \"make it {how}\"\n[matrix]\nhow = [\"better\", \"dark red\"]\n";
    assert_snapshot!(told(text, &everything()));
}

#[test]
fn a_price_is_over_everything_and_a_budget_holds() {
    let text = "[[step]]\nintent = \"enhance\"\nmodel = \"flux-2-pro\"\n[[step]]\nintent = \"edit\"\nprompt = \"{mood} light\"\nmodel = [\"seedream-4.5\", \"local-cutout, else seedream-4.5\", \"nano-banana\"]\ncount = 2\n[matrix]\nmood = [\"dawn\", \"noon\"]\n[budget]\npicture = \"0.50 USD\"\n";
    assert_snapshot!(told(text, &everything()));
    let recipe = read(text).recipe.unwrap();
    let amounts = price(&recipe, &everything().models, ASSUMED);
    // 0.045 for the step that comes first; 0.08, 0.08 and 0.134 for the models; all of it twice.
    assert!((amounts[0].amount - 2.0 * (0.045 + 0.08 + 0.08 + 0.134)).abs() < 1e-9, "{amounts:?}");
    assert!(
        price(&read("intent = \"cutout\"\n").recipe.unwrap(), &local().models, ASSUMED).is_empty()
    );
}

#[test]
fn an_ask_is_suited_to_the_model_that_takes_anothers_place() {
    let text = "intent = \"restyle\"\nprompt = \"a woodcut\"\nstyle = \"gold-linocut\"\nmodel = \"flux-2-pro, else local-style\"\n";
    let here = everything();
    assert!(!told(text, &here).contains("error"), "{}", told(text, &here));
    let recipe = read(text).recipe.unwrap();
    let step = &expand(&recipe, &super::super::assumed(9, 9)).unwrap()[0].steps[0];
    for (model, prompt, styles) in [("flux-2-pro", true, 0), ("local-style", false, 1)] {
        let record = &here.models.iter().find(|it| it.record.id == model).unwrap().record;
        let mut ask = step.ask(easel_protocol::picture::BlobId::from_hash(&[0; 32]), model);
        assert!(controls(&ask, record, Taken::default()).is_err(), "{model}");
        let notes = suit(&mut ask, step, record, &here.models);
        assert!(controls(&ask, record, Taken::default()).is_ok(), "{model}");
        assert_eq!((ask.prompt.is_some(), ask.style.len(), notes.len()), (prompt, styles, 1));
    }
}
