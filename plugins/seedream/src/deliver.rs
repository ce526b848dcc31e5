//! Hands the pictures over in the order of the set, with what is known of each. What came is delivered
//! even where others failed or the answer broke off, and the person is told which and why.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use easel_backend::hosted::{shortfall, unreadable};
use easel_backend::{ErrorKind, Http, HttpResponse, Job, Result, RunFact};

use crate::wire::Wire;
use crate::{answer, errors};

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
    answers: Vec<Result<HttpResponse<'_>>>,
) -> Result<()> {
    let asked = job.params().count.max(1);
    let (mut delivered, mut failures, mut broke_off) = (0, Vec::new(), false);
    for response in answers {
        let read = response.and_then(|response| {
            let request_id = response.headers.get("x-request-id").cloned();
            if response.status == 200 {
                answer::read(&wire.id, &response).map(|answer| (answer, request_id))
            } else {
                Err(errors::refused(&wire.id, &response))
            }
        });
        let (answer, request_id) = match read {
            Ok(answer) => answer,
            Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
            Err(error) => {
                failures.push(error);
                continue;
            }
        };
        broke_off |= answer.broke_off;
        if answer.items.is_empty() && !answer.broke_off {
            failures.push(errors::no_picture());
        }
        for item in answer.items {
            // The host takes as many as were asked for.
            if delivered == asked {
                break;
            }
            match item.and_then(|data| decode(http, &data)) {
                Ok(()) => {
                    job.report(&RunFact {
                        picture: Some(delivered),
                        request_id: request_id.clone(),
                        ..RunFact::default()
                    });
                    delivered += 1;
                }
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) => failures.push(error),
            }
        }
    }
    if delivered == 0 {
        let nothing = if broke_off { errors::corrupt("", true) } else { errors::no_picture() };
        return Err(failures.into_iter().next().unwrap_or(nothing));
    }
    if delivered < asked {
        let more = if broke_off {
            Some("the answer broke off")
        } else {
            failures.is_empty().then_some("the model made no more")
        };
        let note = shortfall(delivered, asked, &failures, more);
        job.report(&RunFact { note: Some(note), ..RunFact::default() });
    }
    Ok(())
}

fn decode(http: &Http<'_, '_>, data: &str) -> Result<()> {
    let corrupt = || errors::corrupt("a picture", false);
    // Some gateways put a data URI where the field should be bare.
    let bare = data.split_once("base64,").map_or(data, |(_, bare)| bare);
    let file = BASE64.decode(bare).map_err(|_| corrupt())?;
    http.decode_output(&file).map(drop).map_err(|error| unreadable(error, corrupt()))
}
