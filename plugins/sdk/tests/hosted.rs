//! What backends for hosted models share: their part of the model's record, failures, what is quoted,
//! waits, notes and the common parts of prompts. No service and no network.

use easel_backend::hosted::prompt::Phrases;
use easel_backend::hosted::{
    base_url, failure, milliseconds, plain, prompt, quoted, retry_after, shortfall, unreadable,
    wrong_ask,
};
use easel_backend::testing::{Ask, Outcome, Picture, open};
use easel_backend::{
    Backend, Charged, Config, Descriptor, Error, ErrorKind, FailureKind, Host, HttpResponse,
    Intent, Job, Keep, ModelRecord, PixelFormat, Result, RunParams,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Wire {
    id: String,
    #[serde(deserialize_with = "base_url")]
    base_url: String,
}

/// Tells what its `wire` says, and has no settings.
struct Hosted;

impl Backend for Hosted {
    fn describe() -> Descriptor {
        Descriptor {
            id: "hosted".to_owned(),
            name: "Hosted".to_owned(),
            version: "1".to_owned(),
            max_instances: 1,
            models: vec![ModelRecord::new("hosted", "Hosted", &Intent::ALL)],
        }
    }

    fn open(_host: &Host<'_>, config: Config) -> Result<Self> {
        config.expect_empty()?;
        Ok(Hosted)
    }

    fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
        let wire: Wire = job.wire()?;
        job.progress(0.0, &format!("{}/{}", wire.base_url, wire.id));
        job.output(1, 1, PixelFormat::Gray8).map(drop)
    }
}

fn params(intent: Intent) -> RunParams {
    RunParams {
        intent,
        prompt: None,
        keep: Vec::new(),
        style: Vec::new(),
        strength: None,
        seed: None,
        count: 1,
        scale: 1,
        params: [].into(),
        size: None,
        expand: None,
        wire: [].into(),
    }
}

fn run(wire: &Value) -> Outcome {
    let wire = wire.as_object().expect("an object").clone().into_iter().collect();
    let picture = Picture::filled(PixelFormat::Gray8, 1, 1, &[0]);
    let ask = Ask::new("hosted", Intent::Edit, picture);
    let ask = ask.params(RunParams { wire, ..params(Intent::Edit) });
    open::<Hosted>(&json!({})).expect("it opens").run(&ask)
}

#[test]
fn the_wire_is_read_as_a_type_and_its_address_ends_without_slashes() {
    for base_url in ["https://api.example.org/v1", "https://api.example.org/v1//"] {
        let outcome = run(&json!({ "id": "m", "base_url": base_url, "for others": [1] }));
        assert_eq!(outcome.progress, [(0.0, "https://api.example.org/v1/m".to_owned())]);
    }
}

#[test]
fn a_wire_that_is_not_understood_names_the_model_and_the_field() {
    for (wire, why) in [
        (json!({ "id": "m" }), "missing field `base_url`"),
        (json!({ "id": "m", "base_url": 3 }), "invalid type: integer `3`, expected a string"),
        (json!({ "id": [], "base_url": "x" }), "expected a string"),
    ] {
        let outcome = run(&wire);
        let failure = outcome.error().unwrap().failure().unwrap();
        let start = "the `wire` of model `hosted` is not understood: ";
        assert!(failure.message.starts_with(start) && failure.message.contains(why), "{failure}");
        assert_eq!(failure.kind, FailureKind::InvalidRequest);
        assert_eq!(failure.hint.as_deref(), Some("correct the model's entry in the catalogue"));
    }
}

#[test]
fn a_backend_without_settings_refuses_any_by_its_name() {
    assert!(open::<Hosted>(&json!({})).is_ok());
    for config in [json!({ "region": "eu" }), json!({ "region": null })] {
        let error = open::<Hosted>(&config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.message().contains("`region`"), "{error}");
    }
}

#[test]
fn failures_carry_all_that_is_known() {
    let said = Some("too many".to_owned());
    let error = failure(FailureKind::OutOfQuota, Charged::Maybe, "what", "hint", said.clone());
    let failure = error.failure().unwrap();
    assert_eq!((failure.kind, failure.charged), (FailureKind::OutOfQuota, Some(Charged::Maybe)));
    assert_eq!((failure.message.as_str(), failure.hint.as_deref()), ("what", Some("hint")));
    assert_eq!(failure.provider_message, said);
    let error = wrong_ask("what", "hint");
    let failure = error.failure().unwrap();
    assert_eq!((failure.kind, failure.charged), (FailureKind::InvalidRequest, None));
    assert_eq!(failure.hint.as_deref(), Some("hint"));
}

#[test]
fn only_a_cancelled_job_is_told_as_it_is_when_a_file_cannot_be_read() {
    let corrupt = wrong_ask("corrupt", "");
    assert_eq!(unreadable(Error::failed("bad magic"), corrupt.clone()), corrupt);
    assert_eq!(unreadable(Error::cancelled(), corrupt), Error::cancelled());
}

#[test]
fn pictures_and_keys_are_not_quoted_and_long_texts_are_cut() {
    let data = "iVBORw0KGgo+/".repeat(40);
    let key = "0f3c8a52-1d2e-4f5a-9b6c-7d8e9f0a1b2c";
    for (text, run, expected) in [
        ("", 1, ""),
        ("häßlich: no data", 20, "häßlich: no data"),
        (&format!("bad image {data}!"), 64, "bad image …!"),
        (&format!("{data} {data}"), 64, "… …"),
        (&format!("key {key} is bad"), 64, &format!("key {key} is bad")),
        (&format!("key {key} is bad"), 20, "key … is bad"),
        ("abc abcd", 4, "abc …"),
    ] {
        assert_eq!(quoted(text, run), expected);
    }
    let whole = "ä ".repeat(250);
    assert_eq!(quoted(&whole, 64), whole, "500 characters are no more than 500");
    assert_eq!(quoted(&format!("{whole}ä"), 64), format!("{whole}…"));
}

#[test]
fn only_plain_text_is_taken_from_a_body() {
    assert_eq!(plain(b" out of order\r\n").as_deref(), Some("out of order"));
    assert_eq!(plain(b"caf\xe9").as_deref(), Some("caf\u{fffd}"));
    for body in ["", " \n", "<html>Bad gateway", "\n{\"error\": 1}", "[1]"] {
        assert_eq!(plain(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn a_wait_is_read_in_seconds_and_given_in_milliseconds() {
    for (header, expected) in [
        (Some("7"), Some(7000)),
        (Some(" 2.5 "), Some(2500)),
        (Some("0"), Some(0)),
        (Some("86400"), Some(86_400_000)),
        (Some("86401"), None),
        (Some("-1"), None),
        (Some("NaN"), None),
        (Some("inf"), None),
        (Some("Mon, 23 Nov 2026 16:00:00 GMT"), None),
        (None, None),
    ] {
        let headers = header.map(|value| ("retry-after".to_owned(), value.to_owned()));
        let response =
            HttpResponse { status: 429, headers: headers.into_iter().collect(), body: b"" };
        assert_eq!(retry_after(&response), expected, "{header:?}");
    }
    assert_eq!((milliseconds(0.25), milliseconds(-0.25)), (Some(250), None));
}

#[test]
fn a_shortfall_names_each_reason_once() {
    let failures = [Error::failed("a"), Error::transient("b"), Error::refused("a")];
    for (failures, more, expected) in [
        (&failures[..], None, "2 of 4 pictures came; a; b"),
        (&failures[..], Some("it broke off"), "2 of 4 pictures came; a; b; it broke off"),
        (&failures[..1], Some("a"), "2 of 4 pictures came; a"),
        (&[], Some("no more"), "2 of 4 pictures came; no more"),
        (&[], None, "2 of 4 pictures came"),
    ] {
        assert_eq!(shortfall(2, 4, failures, more), expected);
    }
}

const PHRASES: Phrases = Phrases {
    edit: "{}",
    erase: "Remove {}",
    restyle: "Restyle: {}",
    restyle_like: "In the style of {}.",
    background: "Behind: {}",
    background_like: "Into {}.",
    reimagine: "Anew: {}",
    reimagine_alone: "Anew.",
    enhance: "Sharper.",
    guided: "See {}.",
    stays: "The rest stays.",
    stays_above_all: "The rest stays, above all {}.",
    keep: "Keep {}.",
    name: prompt::name,
};

fn compiled(
    intent: Intent,
    words: Option<&str>,
    keep: &[Keep],
    references: usize,
) -> Result<String> {
    let prompt = words.map(str::to_owned);
    let params = RunParams { prompt, keep: keep.to_vec(), ..params(intent) };
    prompt::compile(&PHRASES, &params, references)
}

#[test]
fn a_task_is_put_by_intent_with_the_persons_own_words() {
    for (intent, words, references, expected) in [
        (Intent::Edit, Some("a red hat"), 0, "a red hat. The rest stays."),
        (Intent::Edit, Some(" a  red hat! "), 1, "a  red hat! See image 2. The rest stays."),
        (Intent::Edit, Some("write \"OPEN\""), 0, "write \"OPEN\" The rest stays."),
        (
            Intent::Erase,
            Some("the {} sign"),
            2,
            "Remove the {} sign. See images 2 to 3. The rest stays.",
        ),
        (Intent::Restyle, Some("水彩画。"), 3, "Restyle: 水彩画。 See images 2 to 4."),
        (Intent::Restyle, None, 1, "In the style of image 2."),
        (Intent::Reimagine, None, 1, "Anew. See image 2."),
        (Intent::Enhance, None, 0, "Sharper. The rest stays."),
        (Intent::Enhance, Some("less noise"), 0, "Sharper. less noise. The rest stays."),
    ] {
        let compiled = compiled(intent, words, &[], references).unwrap();
        assert_eq!(compiled, expected);
    }
}

#[test]
fn what_stays_is_named_in_one_order_and_a_new_background_keeps_the_subject() {
    let subject = "the subject's identity and appearance";
    let background = |keep: &[Keep]| compiled(Intent::Background, None, keep, 1).unwrap();
    assert_eq!(background(&[]), format!("Into image 2. Keep {subject}."));
    assert_eq!(background(&[Keep::Subject]), background(&[]));
    let two = compiled(Intent::Edit, Some("x"), &[Keep::Colours, Keep::Pose], 0).unwrap();
    assert_eq!(two, "x. The rest stays, above all the pose and the colours.");
    let all = compiled(Intent::Edit, Some("x"), &Keep::ALL, 0).unwrap();
    let list = format!(
        "{subject}, the pose, the composition and framing, the colours and the lettering, logos and \
         labels"
    );
    assert_eq!(all, format!("x. The rest stays, above all {list}."));
}

#[test]
fn intents_that_cannot_be_put_into_words_are_refused_by_name() {
    for (intent, expected) in [
        (
            Intent::Restyle,
            "intent `restyle` needs a prompt with this model: say in the prompt what is to change",
        ),
        (
            Intent::Cutout,
            "this model does not know the intent `cutout`: pick a model that offers it",
        ),
    ] {
        let error = compiled(intent, Some(" \n").filter(|_| intent == Intent::Restyle), &[], 0);
        let error = error.unwrap_err();
        let failure = error.failure().unwrap();
        assert_eq!(failure.kind, FailureKind::InvalidRequest);
        assert_eq!(format!("{}: {}", failure.message, failure.hint.clone().unwrap()), expected);
    }
}
