//! `recipe.*` and `run.*`.

use std::sync::Arc;

use easel_protocol::methods::{CancelRun, CheckRecipe, GetRun, ListRecipes, RunRecipe};
use easel_protocol::{Failure, Method};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;
use crate::runs::{Runs, menu};
use crate::web::Caller;

pub(super) fn register(
    module: &mut RpcModule<Arc<Daemon>>,
    runs: &Arc<Runs>,
) -> Result<(), RegisterMethodError> {
    super::method::<CheckRecipe>(module, |daemon, params| menu::check(daemon, &params))?;
    super::method::<ListRecipes>(module, |daemon, _| menu::list(daemon))?;
    let with = Arc::clone(runs);
    super::method::<GetRun>(module, move |_, params| with.get(&params))?;
    let with = Arc::clone(runs);
    super::method::<CancelRun>(module, move |_, params| with.cancel(&params.id))?;
    let with = Arc::clone(runs);
    // Who may name files depends on who calls.
    module
        .register_blocking_method(RunRecipe::NAME, move |params, _, extensions| {
            super::admit(RunRecipe::NAME, &extensions)?;
            let local = matches!(extensions.get::<Caller>(), Some(Caller::Local));
            let record = with.run(super::parse(&params)?, local).map_err(super::error)?;
            serde_json::to_value(record).map_err(|cause| {
                super::error(Failure::new(easel_protocol::ErrorKind::Internal, cause.to_string()))
            })
        })
        .map(|_| ())
}
