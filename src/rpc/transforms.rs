//! `transform.*`.

use std::sync::Arc;

use easel_protocol::methods::{
    GetLineage, GetTransform, ListTransforms, PlanTransform, SearchTransforms, SubmitTransform,
};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    super::method::<PlanTransform>(module, |daemon, params| daemon.plan(&params))?;
    super::method::<SubmitTransform>(module, Daemon::submit)?;
    super::method::<GetTransform>(module, |daemon, params| daemon.store.transform(&params.id))?;
    super::method::<ListTransforms>(module, |daemon, params| daemon.transforms(&params))?;
    super::method::<SearchTransforms>(module, |daemon, params| daemon.search(&params))?;
    super::method::<GetLineage>(module, |daemon, params| daemon.store.lineage(&params.id))
}
