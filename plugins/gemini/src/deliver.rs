//! Makes pictures of the answers and hands them over in the order in which they were asked for, with what
//! is known of each. What came is delivered even where others failed, and the person is told why.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use easel_backend::hosted::{shortfall, unreadable};
use easel_backend::{ErrorKind, Http, HttpResponse, Job, Level, Result, RunFact};

use crate::answer::Answer;
use crate::errors;
use crate::request::Body;
use crate::wire::Wire;

/// Padding at the end says nothing that the length does not say.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Delivers what has come; the first failure where nothing has.
pub(crate) fn deliver(
    job: &Job<'_>,
    http: &Http<'_, '_>,
    wire: &Wire,
    bodies: &[Body],
    answers: Vec<Result<HttpResponse<'_>>>,
) -> Result<()> {
    let asked = answers.len() as u32;
    let (mut delivered, mut failures) = (0, Vec::new());
    for (body, answer) in bodies.iter().zip(answers) {
        match one(job, http, wire, body, answer, delivered) {
            Ok(()) => delivered += 1,
            Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
            Err(error) => failures.push(error),
        }
    }
    if delivered == 0 {
        let nothing = || errors::corrupt("the answer");
        return Err(failures.into_iter().next().unwrap_or_else(nothing));
    }
    if !failures.is_empty() {
        let note = shortfall(delivered, asked, &failures, None);
        job.report(&RunFact { note: Some(note), ..RunFact::default() });
    }
    Ok(())
}

/// The picture of one answer as output number `picture`. What an answer cost is told even where there is
/// no picture in it.
fn one(
    job: &Job<'_>,
    http: &Http<'_, '_>,
    wire: &Wire,
    body: &Body,
    answer: Result<HttpResponse<'_>>,
    picture: u32,
) -> Result<()> {
    let response = answer?;
    if response.status != 200 {
        return Err(errors::refused(&wire.id, &response));
    }
    let answer = Answer::read(response.body).ok_or_else(|| errors::corrupt("the answer"))?;
    let cost = wire.tokens.and_then(|tokens| answer.cost(tokens));
    let made = decode(http, &answer);
    let note = match (&made, answer.pictures().len()) {
        (Ok(()), more @ 2..) => {
            Some(format!("the model made {more} pictures for one; the last is delivered"))
        }
        _ => None,
    };
    job.report(&RunFact {
        cost,
        currency: cost.map(|_| "USD".to_owned()),
        picture: made.is_ok().then_some(picture),
        seed: body.seed.filter(|_| made.is_ok()).map(i64::from),
        request_id: answer.response_id().map(str::to_owned),
        note,
    });
    if let (Ok(()), Some(text)) = (&made, answer.text()) {
        job.log(Level::Debug, &format!("the model says: {text}"));
    }
    made
}

/// The last picture of an answer: those before it lead to it.
fn decode(http: &Http<'_, '_>, answer: &Answer) -> Result<()> {
    let pictures = answer.pictures();
    let Some(data) = pictures.last() else { return Err(errors::no_picture(answer)) };
    let corrupt = || errors::corrupt("the picture");
    let file = BASE64.decode(data).map_err(|_| corrupt())?;
    http.decode_output(&file).map(drop).map_err(|error| unreadable(error, corrupt()))
}
