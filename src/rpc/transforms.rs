//! `transform.*`.

use std::sync::Arc;

use easel_protocol::methods::{GetTransform, ListTransforms, PlanTransform, SubmitTransform};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    super::method::<PlanTransform>(module, |daemon, params| daemon.plan(&params))?;
    super::method::<SubmitTransform>(module, Daemon::submit)?;
    super::method::<GetTransform>(module, |daemon, params| daemon.store.transform(&params.id))?;
    super::method::<ListTransforms>(module, |daemon, params| daemon.transforms(&params))
}
