//! `reference.*`.

use std::sync::Arc;

use easel_protocol::methods::{ListReferences, RemoveReferences, SaveReferences};
use easel_protocol::reference::ReferenceList;
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    super::method::<SaveReferences>(module, Daemon::save_references)?;
    super::method::<ListReferences>(module, |daemon, _| {
        Ok(ReferenceList { sets: daemon.store.references()? })
    })?;
    super::method::<RemoveReferences>(module, |daemon, params| {
        daemon.remove_references(&params.name)
    })
}
