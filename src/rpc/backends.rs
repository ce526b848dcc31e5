//! `backend.*` and `model.*`. Trusting a library is for a person at this machine alone.

use std::sync::Arc;

use easel_protocol::Failure;
use easel_protocol::Method;
use easel_protocol::methods::{
    DisableBackend, EnableBackend, ListBackends, ListModels, TrustBackend,
};
use easel_protocol::server::{BackendList, BackendParams, BackendRecord, ModelList};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    super::method::<ListBackends>(module, |daemon, _| {
        Ok(BackendList { backends: daemon.backends.list()? })
    })?;
    super::method::<ListModels>(module, |daemon, _| {
        Ok(ModelList { models: daemon.backends.models()? })
    })?;
    decision(module, TrustBackend::NAME, |daemon, params| daemon.backends.trust(&params.id))?;
    decision(module, EnableBackend::NAME, |daemon, params| {
        daemon.backends.switch(&params.id, true)
    })?;
    decision(module, DisableBackend::NAME, |daemon, params| {
        daemon.backends.switch(&params.id, false)
    })
}

fn decision(
    module: &mut RpcModule<Arc<Daemon>>,
    name: &'static str,
    handler: fn(&Daemon, BackendParams) -> Result<BackendRecord, Failure>,
) -> Result<(), RegisterMethodError> {
    module
        .register_blocking_method(name, move |params, daemon, extensions| {
            super::admit_local(&extensions)?;
            handler(&daemon, super::parse(&params)?).map_err(super::error)
        })
        .map(|_| ())
}
