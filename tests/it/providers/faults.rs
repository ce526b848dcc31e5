//! Every fault that a provider can have, and what a person is told: the kind of failure, whether it was
//! charged, the provider's own words, what to do next, and how often it was asked.

use easel_protocol::ErrorKind;
use easel_protocol::error::Charged;
use easel_protocol::job::JobState;
use serde_json::json;

use super::{Provider, Service, daemon_for, edit, ended, upload};

/// What comes of a scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Comes {
    /// A picture, after so many paid requests.
    Picture(usize),
    /// This failure, charged or not, after so many paid requests.
    Fails(ErrorKind, Option<Charged>, usize),
}

use Comes::{Fails, Picture};
use ErrorKind::{
    Corrupt, Interrupted, InvalidRequest, KeyRejected, ModelGone, NoImage, OutOfQuota,
    RefusedInput, RefusedOutput, Transient,
};

const NO: Option<Charged> = Some(Charged::No);
const YES: Option<Charged> = Some(Charged::Yes);
const MAYBE: Option<Charged> = Some(Charged::Maybe);

/// What every service does alike.
const COMMON: &[(&str, Comes)] = &[
    ("429:2:retry-after=1", Picture(3)),
    ("429:1:http-date=1", Picture(2)),
    ("503:2", Picture(3)),
    ("503", Fails(Transient, NO, 3)),
    ("500:1", Picture(2)),
    ("html502", Fails(Interrupted, MAYBE, 1)),
    ("504", Fails(Interrupted, MAYBE, 1)),
    ("reset", Fails(Interrupted, MAYBE, 1)),
    ("reset-after", Fails(Interrupted, MAYBE, 1)),
    ("reset-after-accept", Fails(Interrupted, MAYBE, 1)),
    ("truncated", Fails(Interrupted, MAYBE, 1)),
    ("chunked-no-end", Fails(Interrupted, MAYBE, 1)),
    ("gzip", Picture(1)),
    ("huge:50", Picture(1)),
    ("unknown-fields", Picture(1)),
    ("403", Fails(KeyRejected, NO, 1)),
    ("400", Fails(InvalidRequest, NO, 1)),
    ("retired", Fails(ModelGone, NO, 1)),
    ("wrong-mime", Picture(1)),
    ("wrong-size", Picture(1)),
    ("ratio-off", Picture(1)),
    ("png16", Picture(1)),
    ("alpha", Picture(1)),
    ("animated", Fails(Corrupt, YES, 1)),
    ("bomb", Fails(Corrupt, YES, 1)),
    ("not-a-picture", Fails(Corrupt, YES, 1)),
];

const GEMINI: &[(&str, Comes)] = &[
    ("429:2:retryinfo=0.5s", Picture(3)),
    ("429:2", Picture(3)),
    ("429:per-day", Fails(OutOfQuota, NO, 1)),
    ("429:limit-0", Fails(OutOfQuota, NO, 1)),
    ("unknown-enum", Picture(1)),
    ("cut-base64", Fails(Corrupt, YES, 1)),
    ("blocked", Fails(RefusedInput, NO, 1)),
    ("image_safety", Fails(RefusedOutput, YES, 1)),
    ("prohibited", Fails(RefusedOutput, YES, 1)),
    ("recitation", Fails(RefusedOutput, YES, 1)),
    ("no_image", Fails(NoImage, YES, 1)),
    ("text_only", Fails(NoImage, YES, 1)),
    ("max_tokens", Fails(NoImage, YES, 1)),
    ("empty_content", Fails(NoImage, YES, 1)),
    ("no_candidates", Fails(NoImage, YES, 1)),
];

const ARK: &[(&str, Comes)] = &[
    ("429:2", Picture(3)),
    ("cut-base64", Fails(Corrupt, YES, 1)),
    ("input_sensitive", Fails(RefusedInput, NO, 1)),
    ("output_sensitive", Fails(RefusedOutput, NO, 1)),
    ("overdue", Fails(OutOfQuota, NO, 1)),
    ("quota", Fails(OutOfQuota, NO, 1)),
    ("not_open", Fails(ModelGone, NO, 1)),
    ("closed", Fails(ModelGone, NO, 1)),
];

const BFL: &[(&str, Comes)] = &[
    ("429:2", Picture(3)),
    ("402", Fails(OutOfQuota, NO, 1)),
    ("unknown-enum", Picture(1)),
    ("request_moderated", Fails(RefusedInput, NO, 1)),
    ("content_moderated", Fails(RefusedOutput, NO, 1)),
    ("ready_without_sample", Fails(NoImage, YES, 1)),
    ("poll_202", Picture(1)),
    ("no_polling_url", Picture(1)),
    ("poll.503:2", Picture(1)),
    ("poll.reset:1", Picture(1)),
    ("file.503:1", Picture(1)),
    ("file.truncated:1", Picture(1)),
    ("expired", Picture(1)),
    ("expired-always", Fails(Transient, YES, 1)),
];

fn check(service: Service, more: &[(&str, Comes)]) {
    let options: &[&str] = if service == Service::Bfl { &["--ready-after", "1"] } else { &[] };
    let provider = Provider::with(service, options);
    let daemon = daemon_for(&[&provider]);
    let (source, _) = upload(&daemon);
    let model = if service == Service::Bfl { "flux-2-klein-4b" } else { service.model() };
    let mut wrong = Vec::new();
    for (number, (scenario, wanted)) in COMMON.iter().chain(more).enumerate() {
        let before = provider.posts().len();
        let prompt = format!("number {number} [[{scenario}]]");
        let job = ended(&daemon, edit(&source, model, &prompt));
        let posts = provider.posts().len() - before;
        let found = match &job.failure {
            None => Picture(posts),
            Some(failure) => Fails(failure.kind, failure.charged, posts),
        };
        if found != *wanted {
            wrong.push(format!("{scenario}: {found:?}, not {wanted:?}: {:?}", job.failure));
        }
        if let Some(failure) = &job.failure {
            if failure.hint.is_none() {
                wrong.push(format!("{scenario}: no hint: {failure:?}"));
            }
        } else if job.state == JobState::Done && *scenario == "alpha" {
            let rows = super::rows(&daemon, &job, 0);
            if rows.chunks_exact(4).any(|pixel| pixel[3] != 255) {
                wrong.push("alpha: the picture has holes".to_owned());
            }
        }
    }
    assert!(wrong.is_empty(), "{service:?}:\n{}", wrong.join("\n"));
    assert_eq!(provider.count()["key_leaked"], 0);
}

#[test]
fn gemini_says_what_happened() {
    check(Service::Gemini, GEMINI);
}

#[test]
fn seedream_says_what_happened() {
    check(Service::Ark, ARK);
}

#[test]
fn flux_says_what_happened() {
    check(Service::Bfl, BFL);
}

/// When the paid requests with these words arrived, in seconds.
fn arrivals(provider: &Provider, words: &str) -> Vec<f64> {
    let posts = provider.posts();
    let ours =
        posts.iter().filter(|post| post["prompt"].as_str().is_some_and(|it| it.contains(words)));
    ours.map(|post| post["time"].as_f64().unwrap()).collect()
}

#[test]
fn the_wait_that_a_provider_asks_for_is_kept_and_seen() {
    for (service, scenario, seconds) in [
        (Service::Gemini, "429:1:retryinfo=2.5s", 2.5),
        (Service::Ark, "429:1:retry-after=2", 2.0),
        (Service::Bfl, "429:1:retry-after=2", 2.0),
    ] {
        let provider = Provider::start(service);
        let daemon = daemon_for(&[&provider]);
        let (source, _) = upload(&daemon);
        let prompt = format!("patience [[{scenario}]]");
        let job = ended(&daemon, edit(&source, service.model(), &prompt));
        assert_eq!(job.state, JobState::Done, "{:?}", job.failure);
        let arrivals = arrivals(&provider, "patience");
        assert!(arrivals[1] - arrivals[0] >= seconds, "{service:?}: {arrivals:?}");
        let events = daemon.call("job.events", json!({ "limit": 1000 })).unwrap();
        let stages = events["events"].to_string();
        assert!(
            stages.contains("the provider answered 429; trying again in"),
            "{service:?}: {stages}"
        );
    }
}

#[test]
fn a_provider_that_never_ends_its_answer_is_given_up_in_time() {
    for service in Service::ALL {
        let provider = Provider::start(service);
        let daemon = daemon_for(&[&provider]);
        let own = format!("\n[[models]]\nid = \"{}\"\ntimeout_seconds = 2\n", service.model());
        super::configure(&daemon, &provider, &own);
        let (source, _) = upload(&daemon);
        for scenario in ["stall", "stall-body"] {
            let prompt = format!("in vain [[{scenario}]]");
            let failure = ended(&daemon, edit(&source, service.model(), &prompt)).failure.unwrap();
            assert_eq!(failure.kind, ErrorKind::TimedOut, "{service:?} {scenario}: {failure:?}");
            assert_eq!(failure.charged, MAYBE, "{service:?} {scenario}: {failure:?}");
        }
        assert_eq!(arrivals(&provider, "in vain").len(), 2, "{service:?}: none was sent again");
    }
}

#[test]
fn the_providers_own_words_are_kept() {
    for (service, scenario) in [
        (Service::Gemini, "text_only"),
        (Service::Gemini, "400"),
        (Service::Ark, "input_sensitive"),
        (Service::Bfl, "402"),
    ] {
        let provider = Provider::start(service);
        let daemon = daemon_for(&[&provider]);
        let (source, _) = upload(&daemon);
        let job = ended(&daemon, edit(&source, service.model(), &format!("x [[{scenario}]]")));
        let words = job.failure.unwrap().provider_message;
        assert!(
            words.as_deref().is_some_and(|words| words.len() > 5),
            "{service:?} {scenario}: {words:?}"
        );
    }
}

#[test]
fn a_set_that_breaks_off_keeps_what_came() {
    let provider = Provider::start(Service::Ark);
    let daemon = daemon_for(&[&provider]);
    let (source, _) = upload(&daemon);
    for scenario in
        ["sse-crlf", "sse-comments", "sse-no-done", "sse-no-completed", "truncated", "sse-cut:1000"]
    {
        let mut ask = edit(&source, "seedream-4.5", &format!("three gardens [[{scenario}]]"));
        ask["count"] = json!(3);
        let job = ended(&daemon, ask);
        assert_eq!(job.artifacts.len(), 3, "{scenario}: {:?} {:?}", job.failure, job.report);
    }
    // Ended in its middle by a fault of the service.
    let mut ask = edit(&source, "seedream-4.5", "three gardens [[partial_internal:2]]");
    ask["count"] = json!(3);
    let job = ended(&daemon, ask);
    assert_eq!(job.artifacts.len(), 1, "{:?} {:?}", job.failure, job.report);
    assert!(job.report.unwrap().notes.iter().any(|note| note.contains("1 of 3")));
}

#[test]
fn one_backend_that_fails_holds_no_other_back() {
    let providers = Service::ALL.map(Provider::start);
    let daemon = daemon_for(&providers.each_ref());
    let (source, _) = upload(&daemon);
    providers[0].scenario("image_safety", 1);
    let mut ask = edit(&source, "nano-banana-2", "a garden");
    ask["models"] = json!(["nano-banana-2", "seedream-5-flash", "flux-2-pro"]);
    let transform = daemon.submit("compare", ask).unwrap();
    let states: Vec<JobState> =
        transform.jobs.iter().map(|job| daemon.wait(&job.id).state).collect();
    assert_eq!(states, [JobState::Failed, JobState::Done, JobState::Done]);
}
