//! Which model for an ask, and why: a judgement from what the records say, the same on every screen. The
//! plan has already said which models can do it and at which price.

use std::fmt::Write;

use easel_protocol::advice::{Choice, Prefer};
use easel_protocol::model::{Intent, Keep, ModelRecord, SeedSupport};
use easel_protocol::transform::{Ask, JobPlan};
use easel_protocol::{ErrorKind, Failure};

/// Where nobody says how long a model takes, it is not taken for a quick one.
const UNSTATED_SECONDS: f64 = 20.0;
/// How well a model suits an intent where its author does not say.
const UNJUDGED: f64 = 0.3;

/// What is known of one model for one ask.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its record.
    pub record: &'a ModelRecord,
    /// What it would be given.
    pub plan: &'a JobPlan,
    /// Why it cannot be used now: it is not trusted, or has no key.
    pub blocked: Option<&'a str>,
}

/// The models from best to worst; those that cannot do it, or cannot be used now, last.
pub fn rank(ask: &Ask, prefer: Prefer, candidates: &[Candidate<'_>]) -> Vec<Choice> {
    let mut ranked: Vec<(f64, Choice)> = candidates
        .iter()
        .map(|candidate| {
            let usable = candidate.plan.failure.is_none() && candidate.blocked.is_none();
            let points = points(ask, prefer, candidate);
            let total: f64 = points.iter().map(|(points, _)| points).sum();
            (if usable { total } else { total - 1000.0 }, choice(candidate, &points))
        })
        .collect();
    // Equal ones stay in the order of the list, so that the same ask gets the same advice.
    ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranked.into_iter().map(|(_, choice)| choice).collect()
}

/// What speaks for a model and against it, each with words.
fn points(ask: &Ask, prefer: Prefer, candidate: &Candidate<'_>) -> Vec<(f64, String)> {
    let Candidate { record, plan, .. } = candidate;
    let (by_fit, by_time, by_price) = match prefer {
        Prefer::Balance => (1.0, 0.3, 0.5),
        Prefer::Quality => (2.0, 0.1, 0.1),
        Prefer::Speed => (0.7, 1.5, 0.3),
        Prefer::Price => (0.7, 0.2, 2.0),
    };
    let suits = record.suits.get(&ask.intent).copied();
    let mut points = vec![(2.0 * by_fit * suits.unwrap_or(UNJUDGED), suited(ask.intent, suits))];
    if !ask.references.is_empty() {
        let room = f64::from(record.references.1.min(8)) / 8.0;
        points.push((by_fit * 0.6 * room, format!("takes {} references", record.references.1)));
    }
    if ask.mask.is_some() && record.mask == easel_protocol::model::MaskSupport::Native {
        points.push((by_fit * 0.4, "works with the mask itself".to_owned()));
    }
    if ask.prompt.is_some() && record.prompt == easel_protocol::model::PromptSupport::None {
        points.push((-1.5 * by_fit, "reads no prompt".to_owned()));
    }
    let kept = ask.keep.iter().filter(|keep| record.keep.contains(keep)).count();
    if kept > 0 {
        let words: Vec<&str> = ask.keep.iter().map(|keep: &Keep| keep.name()).collect();
        points.push((0.1 * kept as f64, format!("can be told to keep {}", words.join(" and "))));
    }
    if ask.seed.is_some() && record.seed == SeedSupport::Exact {
        points.push((0.2, "repeats a seed exactly".to_owned()));
    }
    if ask.count.unwrap_or(1) > 1 && record.max_count >= ask.count.unwrap_or(1) {
        let share = f64::from(record.max_count.min(15)) / 15.0;
        points.push((0.3 * share, format!("gives up to {} pictures a request", record.max_count)));
    }
    // Nothing is lost at once; a minute is long.
    let cost = (1.0 + plan.seconds.unwrap_or(UNSTATED_SECONDS) / 10.0).ln();
    points.push((-by_time * cost, "takes its time".to_owned()));
    if plan.cost > 0.0 {
        // One cent is little, a dollar much.
        let cost = (1.0 + plan.cost / 0.02).ln();
        points.push((-by_price * cost / 2.0, format!("costs {:.3} {}", plan.cost, plan.currency)));
    }
    points
}

fn suited(intent: Intent, suits: Option<f64>) -> String {
    let how = match suits {
        None => "able to do",
        Some(0.85..) => "one of the best for",
        Some(0.6..0.85) => "good for",
        Some(0.4..0.6) => "fair for",
        Some(_) => "not made for",
    };
    format!("{how} `{}`", intent.name())
}

/// One sentence: what the model is, what speaks most for it, and what it costs.
fn choice(candidate: &Candidate<'_>, points: &[(f64, String)]) -> Choice {
    let Candidate { record, plan, blocked } = candidate;
    let mut reason = match (&plan.failure, blocked) {
        (Some(failure), _) => failure.message.clone(),
        (None, Some(blocked)) => format!("{} cannot be used yet: {blocked}", record.label),
        (None, None) => {
            let mut rest: Vec<&(f64, String)> =
                points.iter().skip(1).filter(|(points, _)| *points > 0.0).collect();
            rest.sort_by(|one, other| other.0.total_cmp(&one.0));
            let most = points.iter().take(1).chain(rest.into_iter().take(2));
            let words: Vec<&str> = most.map(|(_, words)| words.as_str()).collect();
            format!("{} is {}: {}", record.label, words.join(", "), record.strengths)
        }
    };
    if plan.failure.is_none() {
        let cost = if plan.cost > 0.0 {
            format!("; {:.3} {}", plan.cost, plan.currency)
        } else {
            "; free".to_owned()
        };
        reason.push_str(&cost);
        if plan.count > 1 {
            let _ = write!(reason, " for {} pictures", plan.count);
        }
    }
    Choice {
        model: record.id.clone(),
        reason,
        cost: plan.cost,
        currency: plan.currency.clone(),
        failure: plan.failure.clone().or_else(|| {
            let blocked = (*blocked)?;
            Some(
                Failure::new(ErrorKind::BackendBlocked, format!("`{}`: {blocked}", record.id))
                    .hint("`easel model list` shows which can be used"),
            )
        }),
    }
}
