//! What a file beside each result says: which picture, which recipe, which models, told what, at which cost.

use easel_protocol::job::JobRecord;
use easel_protocol::recipe::Money;
use serde_json::{Value, json};

use super::execute::Finished;
use super::ready::Ready;
use super::source::Source;

/// The record of a result, without what depends on the names of files.
pub(super) fn record(source: &Source, ready: &Ready, finished: &Finished, trained: bool) -> Value {
    let axes: serde_json::Map<String, Value> =
        finished.axes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({
        "easel": env!("CARGO_PKG_VERSION"),
        "source": { "blake3": source.hash },
        "recipe": { "name": ready.name, "version": ready.version },
        "matrix": axes,
        "steps": finished.jobs.iter().map(step).collect::<Vec<_>>(),
        "fidelity": finished.artifact.fidelity,
        "cost": costs(finished.jobs.iter()),
        "digital_source_type": source_type(trained),
        "created": finished.artifact.created,
    })
}

fn step(job: &JobRecord) -> Value {
    let artifact = job.artifacts.first();
    let params = job.plan.params.as_ref();
    // What the provider says that it took, else what it was given.
    let told = artifact.and_then(|it| it.provenance.seed).map(Value::from);
    let seed = told.or_else(|| params.and_then(|it| it.seed).map(Value::from));
    json!({
        "model": job.model,
        "backend": job.backend,
        "backend_version": artifact.map(|it| it.provenance.backend_version.clone()),
        "intent": params.map(|it| it.intent),
        "prompt": params.and_then(|it| it.prompt.clone()),
        "style": params.map(|it| it.style.clone()),
        "strength": params.and_then(|it| it.strength),
        "params": params.map(|it| it.params.clone()),
        "seed": seed,
        "request_id": artifact.and_then(|it| it.provenance.request_id.clone()),
        "milliseconds": artifact.map(|it| it.provenance.milliseconds),
        "cost": costs([job]),
    })
}

/// What jobs cost, by currency.
pub(super) fn costs<'a>(jobs: impl IntoIterator<Item = &'a JobRecord>) -> Vec<Money> {
    let mut costs: Vec<Money> = Vec::new();
    for job in jobs {
        let told =
            job.report.as_ref().and_then(|report| Some((report.cost?, report.currency.clone()?)));
        let (amount, currency) = told.unwrap_or((job.plan.cost, job.plan.currency.clone()));
        if amount <= 0.0 {
            continue;
        }
        match costs.iter_mut().find(|known| known.currency == currency) {
            Some(known) => known.amount += amount,
            None => costs.push(Money { amount, currency }),
        }
    }
    costs
}

/// The word of the IPTC for where a picture comes from.
fn source_type(trained: bool) -> &'static str {
    if trained { "compositeWithTrainedAlgorithmicMedia" } else { "algorithmicMedia" }
}
