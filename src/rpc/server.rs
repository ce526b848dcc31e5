//! `server.*` and `store.*`: what the daemon is, its end, and cleaning up.

use std::sync::Arc;

use easel_protocol::Method;
use easel_protocol::methods::{CollectGarbage, GetServerInfo, Shutdown};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    super::method::<GetServerInfo>(module, |daemon, _| daemon.info())?;
    super::method::<CollectGarbage>(module, |daemon, params| {
        daemon.store.collect_garbage(&params, crate::daemon::now())
    })?;
    module.register_blocking_method(Shutdown::NAME, |_, daemon, extensions| {
        super::admit_local(&extensions)?;
        daemon.request_shutdown().map_err(super::error)
    })?;
    Ok(())
}
