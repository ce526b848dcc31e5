//! `backend.*` and `model.*`. Trusting a library is for a person at this machine alone.

use std::sync::Arc;

use easel_protocol::methods::{
    AdviseModel, DisableBackend, EnableBackend, ListBackends, ListModels, TrustBackend,
};
use easel_protocol::server::{BackendList, ModelList};
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
    super::method::<AdviseModel>(module, |daemon, params| daemon.advise(&params))?;
    super::local_method::<TrustBackend>(module, |daemon, params| {
        daemon.backends.trust(&params.id)
    })?;
    super::local_method::<EnableBackend>(module, |daemon, params| {
        daemon.backends.switch(&params.id, true)
    })?;
    super::local_method::<DisableBackend>(module, |daemon, params| {
        daemon.backends.switch(&params.id, false)
    })
}
