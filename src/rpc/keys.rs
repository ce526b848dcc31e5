//! `key.*`. Keys are for a person at this machine alone; where they are may be known to any client.

use std::sync::Arc;

use easel_protocol::key::KeyList;
use easel_protocol::methods::{ListKeys, RemoveKey, SetKey, TestKey};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    super::method::<ListKeys>(module, |daemon, _| Ok(KeyList { keys: daemon.backends.keys()? }))?;
    super::local_method::<SetKey>(module, |daemon, params| {
        daemon.backends.set_key(&params.name, &params.value)
    })?;
    super::local_method::<RemoveKey>(module, |daemon, params| {
        daemon.backends.remove_key(&params.name)
    })?;
    super::local_method::<TestKey>(module, |daemon, params| daemon.test_key(&params.name))
}
