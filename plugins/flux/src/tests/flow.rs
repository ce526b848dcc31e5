//! The life of a task: submitted, saved, asked for, fetched, delivered; and what an attempt that comes
//! after a crash does with what was saved.

use std::sync::atomic::{AtomicUsize, Ordering};

use easel_backend::testing::{Answer, Outcome, Sent};
use easel_backend::{Charged, Error, ErrorKind, FailureKind, Intent, RunParams};
use serde_json::{Value, json};

use super::{ask, obliging, params, picture, posts, ready, run, state, submitted};

fn edit(count: u32) -> RunParams {
    RunParams { count, ..params("flux-2-pro", Intent::Edit) }
}

fn checkpoint(tasks: &[u32]) -> Vec<u8> {
    let task = |picture: &u32| {
        let url = format!("https://api.us1.bfl.ai/v1/get_result?id=old{picture}");
        json!({ "picture": picture, "id": format!("old{picture}"), "polling_url": url, "submitted": 1, "cost": 3.0 })
    };
    let tasks: Vec<Value> = tasks.iter().map(task).collect();
    json!({ "tasks": tasks }).to_string().into_bytes()
}

fn saved(outcome: &Outcome, number: usize) -> Vec<String> {
    let saved: Value = serde_json::from_slice(&outcome.checkpoints[number]).unwrap();
    let tasks = saved["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_task_is_saved_before_it_is_first_asked_for() {
    // The run ends with the first question, so only what came before it can have been saved.
    let (outcome, sent) = run(ask("flux-2-pro", edit(3)), |request, number| {
        if request.method == "POST" { Ok(submitted(number)) } else { Err(Error::cancelled()) }
    });
    assert_eq!(outcome.error().unwrap().kind(), ErrorKind::Cancelled);
    assert_eq!(posts(&sent).len(), 3);
    assert_eq!(outcome.checkpoints.len(), 1);
    assert_eq!(saved(&outcome, 0), ["t0", "t1", "t2"]);
    let text = String::from_utf8(outcome.checkpoints[0].clone()).unwrap();
    assert!(text.contains("https://api.us1.bfl.ai/v1/get_result?id=t1"), "{text}");
}

#[test]
fn a_later_attempt_asks_and_does_not_submit() {
    let ask = ask("flux-2-pro", edit(2)).checkpoint(checkpoint(&[0, 1]));
    let (outcome, sent) = run(ask, obliging);
    assert_eq!(outcome.outputs().unwrap().len(), 2);
    assert!(posts(&sent).is_empty());
    assert_eq!(sent[0].url, "https://api.us1.bfl.ai/v1/get_result?id=old0");
    assert_eq!(outcome.facts[0].cost, Some(0.03));
}

#[test]
fn a_later_attempt_submits_only_what_is_missing() {
    let whole = {
        let (_, sent) = run(ask("flux-2-pro", edit(3)), obliging);
        posts(&sent).iter().map(|post| post.body.clone()).collect::<Vec<_>>()
    };
    let ask = ask("flux-2-pro", edit(3)).checkpoint(checkpoint(&[0, 2]));
    let (outcome, sent) = run(ask, obliging);
    assert_eq!(outcome.outputs().unwrap().len(), 3);
    let posts = posts(&sent);
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].body, whole[1], "the bytes of the second picture, so that a replay fits");
    assert_eq!(saved(&outcome, 0), ["old0", "t0", "old2"]);
}

#[test]
fn a_checkpoint_that_is_not_understood_starts_anew_and_is_told() {
    let ask = ask("flux-2-pro", edit(1)).checkpoint(b"{".to_vec());
    let (outcome, sent) = run(ask, obliging);
    assert_eq!(outcome.outputs().unwrap().len(), 1);
    assert_eq!(posts(&sent).len(), 1);
    assert!(outcome.logs.iter().any(|(_, line)| line.contains("checkpoint")));
}

#[test]
fn what_is_accepted_is_saved_even_where_others_are_not() {
    let (outcome, _) = run(ask("flux-2-pro", edit(3)), |request, number| match number {
        1 => Ok(Answer::json(402, &json!({ "detail": "no credits" }))),
        _ => obliging(request, number),
    });
    assert_eq!(outcome.outputs().unwrap().len(), 2);
    assert_eq!(saved(&outcome, 0), ["t0", "t2"]);
    let note = outcome.facts.iter().find_map(|fact| fact.note.clone()).unwrap();
    assert_eq!(note, "2 of 3 pictures came; the account at Black Forest Labs has no credits left");
}

#[test]
fn the_polling_address_is_used_as_given_and_completed_only_where_it_must_be() {
    for (given, asked) in [
        (Some("http://127.0.0.1:4711/x?id=t0"), "http://127.0.0.1:4711/x?id=t0"),
        (Some("https://api.eu2.bfl.ai/y?a=1&id=9"), "https://api.eu2.bfl.ai/y?a=1&id=9"),
        (Some("https://api.bfl.ai/z"), "https://api.bfl.ai/z?id=t%200"),
        (Some("https://api.bfl.ai/z?a=1"), "https://api.bfl.ai/z?a=1&id=t%200"),
        (Some("https://api.bfl.ai/z?"), "https://api.bfl.ai/z?id=t%200"),
        (None, "https://api.bfl.ai/v1/get_result?id=t%200"),
    ] {
        let (outcome, sent) = run(ask("flux-2-pro", edit(1)), move |request, number| {
            Ok(match number {
                0 => Answer::json(200, &json!({ "id": "t 0", "polling_url": given })),
                1 => ready("t0"),
                _ => return obliging(request, number),
            })
        });
        outcome.outputs().unwrap();
        assert_eq!(sent[1].url, asked);
        assert_eq!(outcome.facts[0].cost, None, "no cost was told");
    }
}

#[test]
fn the_key_goes_with_questions_and_never_with_the_fetching() {
    let (_, sent) = run(ask("flux-2-pro", edit(2)), obliging);
    for request in &sent {
        let delivery = request.url.contains("delivery");
        assert_eq!(request.secret, if delivery { "" } else { "bfl" }, "{}", request.url);
        assert!(request.method == "POST" || request.body.is_empty());
    }
    assert_eq!(sent.iter().filter(|request| request.url.contains("delivery")).count(), 2);
}

/// Runs with a list of answers to the questions, the last of them again and again.
fn polled(answers: Vec<Answer>) -> (Outcome, Vec<Sent>) {
    let questions = AtomicUsize::new(0);
    run(ask("flux-2-pro", edit(1)), move |request, number| {
        if request.method == "POST" || request.url.contains("delivery") {
            return obliging(request, number);
        }
        let question = questions.fetch_add(1, Ordering::SeqCst);
        Ok(answers[question.min(answers.len() - 1)].clone())
    })
}

#[test]
fn a_task_that_is_not_known_yet_is_asked_for_ten_times_more() {
    let lost = || Answer::json(404, &json!({ "status": "Task not found", "result": null }));
    let mut answers = vec![lost(); 10];
    answers.push(ready("t0"));
    polled(answers).0.outputs().unwrap();
    // The same as a status word, and counted anew after any sign of life.
    let mut answers = vec![state(&json!({ "status": "Task not found" })); 10];
    answers.push(state(&json!({ "status": "Pending" })));
    answers.extend(vec![lost(); 10]);
    answers.push(ready("t0"));
    polled(answers).0.outputs().unwrap();
    let (outcome, sent) = polled(vec![lost()]);
    let failure = outcome.error().unwrap().failure().unwrap().clone();
    assert_eq!((failure.kind, failure.charged), (FailureKind::NotFound, Some(Charged::Maybe)));
    assert_eq!(sent.len(), 12, "one submission, eleven questions");
    assert!(saved(&outcome, 1).is_empty(), "what is lost is forgotten");
}

#[test]
fn words_that_are_not_known_mean_that_it_runs() {
    let word = |word: &str| state(&json!({ "status": word, "result": null, "preview": {} }));
    let mut answers: Vec<Answer> =
        ["Pending", "Reasoning", "Generating", "Dreaming", "", "Queued"].map(word).to_vec();
    answers.push(Answer::json(202, &json!({})));
    answers.push(Answer { body: Vec::new(), ..Answer::json(202, &json!(null)) });
    answers.push(state(&json!({ "status": "Generating", "progress": 0.4, "new": [1] })));
    answers.push(ready("t0"));
    let (outcome, _) = polled(answers);
    outcome.outputs().unwrap();
    let fractions: Vec<f64> = outcome.progress.iter().map(|(fraction, _)| *fraction).collect();
    assert!(fractions.contains(&-1.0) && fractions.contains(&0.4), "{fractions:?}");
    assert!((fractions[fractions.len() - 1] - 1.0).abs() < 1e-9);
    assert!(outcome.previews.is_empty());
}

#[test]
fn the_service_may_be_out_of_order_for_a_while() {
    let mut answers: Vec<Answer> =
        [500, 502, 503, 429, 408].map(|status| Answer::json(status, &json!({}))).to_vec();
    answers.push(Answer { body: b"<html>".to_vec(), ..Answer::json(200, &json!(null)) });
    answers.push(ready("t0"));
    polled(answers).0.outputs().unwrap();
    for (answer, kind) in [
        (Answer::json(503, &json!({})), FailureKind::Transient),
        (Answer::json(429, &json!({})), FailureKind::RateLimited),
        (Answer::json(200, &json!({})), FailureKind::Corrupt),
        (Answer::json(403, &json!({})), FailureKind::KeyRejected),
        (Answer::json(418, &json!({})), FailureKind::BackendFailed),
    ] {
        let (outcome, _) = polled(vec![answer]);
        let failure = outcome.error().unwrap().failure().unwrap().clone();
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(matches!(failure.charged, Some(Charged::Maybe | Charged::Yes)), "{failure}");
        assert_eq!(outcome.checkpoints.len(), 1, "the task stays saved");
    }
}

#[test]
fn an_expired_address_is_renewed_once() {
    let service = |fresh: usize| {
        move |request: &Sent, number: usize| {
            if request.url.contains("delivery") && number < fresh {
                return Ok(Answer { body: b"<Error/>".to_vec(), ..Answer::json(403, &json!({})) });
            }
            obliging(request, number)
        }
    };
    let (outcome, sent) = run(ask("flux-2-pro", edit(1)), service(4));
    outcome.outputs().unwrap();
    assert_eq!(sent.len(), 5, "submit, ask, fetch, ask, fetch");
    let (outcome, sent) = run(ask("flux-2-pro", edit(1)), service(99));
    let failure = outcome.error().unwrap().failure().unwrap().clone();
    assert_eq!((failure.kind, failure.charged), (FailureKind::Transient, Some(Charged::Yes)));
    assert!(failure.message.contains("expired"), "{failure}");
    assert_eq!(sent.len(), 5);
    assert_eq!(saved(&outcome, outcome.checkpoints.len() - 1), ["t0"], "a retry asks again");
}

#[test]
fn pictures_come_in_the_order_asked_for() {
    let (outcome, _) = run(ask("flux-2-pro", edit(3)), |request, number| {
        if request.url.ends_with("id=t0") && number < 12 {
            return Ok(state(&json!({ "status": "Pending" })));
        }
        if let Some((_, file)) = request.url.split_once(".ai/t") {
            return Ok(Answer::picture(200, &picture(50 + file.as_bytes()[0] - b'0')));
        }
        obliging(request, number)
    });
    let shades: Vec<u8> =
        outcome.outputs().unwrap().iter().map(|output| output.packed()[0]).collect();
    assert_eq!(shades, [50, 51, 52]);
    let facts: Vec<_> =
        outcome.facts.iter().map(|fact| (fact.picture, fact.request_id.as_deref())).collect();
    assert_eq!(facts, [(Some(0), Some("t0")), (Some(1), Some("t1")), (Some(2), Some("t2"))]);
    assert_eq!((outcome.facts[0].cost, outcome.facts[0].seed), (Some(0.045), Some(7)));
    assert_eq!(outcome.facts[0].currency.as_deref(), Some("USD"));
}

#[test]
fn one_refused_picture_does_not_cost_the_others() {
    let (outcome, _) = run(ask("flux-2-pro", edit(4)), |request, number| {
        if request.url.ends_with("id=t1") || request.url.ends_with("id=t2") {
            return Ok(state(&json!({ "status": "Content Moderated" })));
        }
        obliging(request, number)
    });
    assert_eq!(outcome.outputs().unwrap().len(), 2);
    let numbers: Vec<_> = outcome.facts.iter().filter_map(|fact| fact.picture).collect();
    assert_eq!(numbers, [0, 1], "counted by what is delivered");
    let notes: Vec<_> = outcome.facts.iter().filter_map(|fact| fact.note.as_deref()).collect();
    let why = "2 of 4 pictures came; Black Forest Labs withholds the picture by its policy";
    assert_eq!(notes, [why]);
}

#[test]
fn a_task_that_is_never_done_is_given_up_and_stays_saved() {
    let mut params = edit(1);
    params.wire.insert("wait_seconds".to_owned(), 0.into());
    let (outcome, _) = run(ask("flux-2-pro", params), |request, number| match number {
        0 => obliging(request, number),
        _ => Ok(state(&json!({ "status": "Pending" }))),
    });
    let failure = outcome.error().unwrap().failure().unwrap().clone();
    assert_eq!((failure.kind, failure.charged), (FailureKind::TimedOut, Some(Charged::Maybe)));
    assert_eq!(saved(&outcome, 0), ["t0"]);
}

#[test]
fn a_cancelled_job_stops_while_it_waits() {
    let mut params = edit(1);
    params.wire.insert("poll_ms".to_owned(), 3_600_000.into());
    let ask = ask("flux-2-pro", params).stop_after(4);
    let (outcome, _) = run(ask, |request, number| match number {
        0 => obliging(request, number),
        _ => Ok(state(&json!({ "status": "Pending" }))),
    });
    assert_eq!(outcome.error().unwrap().kind(), ErrorKind::Cancelled);
    assert_eq!(saved(&outcome, 0), ["t0"]);
}

#[test]
fn a_picture_that_cannot_be_read_is_fetched_once_more() {
    for good in [3, 99] {
        let (outcome, sent) = run(ask("flux-2-pro", edit(1)), move |request, number| {
            if request.url.contains("delivery") && number < good {
                return Ok(Answer { body: b"GIF89a".to_vec(), ..Answer::json(200, &json!({})) });
            }
            obliging(request, number)
        });
        assert_eq!(sent.len(), 4, "submit, ask, fetch, fetch");
        assert_eq!(sent[3].secret, "");
        match outcome.error() {
            None => assert_eq!(good, 3),
            Some(error) => {
                let failure = error.failure().unwrap();
                assert_eq!(failure.kind, FailureKind::Corrupt);
                assert_eq!(failure.charged, Some(Charged::Yes));
                assert!(failure.hint.as_deref().unwrap().contains("charged again"));
                assert_eq!(good, 99);
            }
        }
    }
}

#[test]
fn a_delivery_that_fails_for_a_while_is_tried_again() {
    let (outcome, sent) = run(ask("flux-2-pro", edit(1)), |request, number| {
        if request.url.contains("delivery") && number < 8 {
            return match number {
                2 => Err(Error::transient("connection reset")),
                _ => Ok(Answer::json(500, &json!({}))),
            };
        }
        obliging(request, number)
    });
    outcome.outputs().unwrap();
    assert_eq!(posts(&sent).len(), 1);
    let (outcome, _) = run(ask("flux-2-pro", edit(1)), |request, number| {
        if request.url.contains("delivery") {
            return Err(Error::transient("connection reset"));
        }
        obliging(request, number)
    });
    let failure = outcome.error().unwrap().failure().unwrap().clone();
    assert_eq!((failure.kind, failure.charged), (FailureKind::Transient, Some(Charged::Yes)));
}
