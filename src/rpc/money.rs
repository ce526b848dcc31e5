//! `key.*`, `spend.*` and `budget.*`. Keys and caps are for a person at this machine alone.

use std::sync::Arc;

use easel_protocol::methods::{GetSpend, ListKeys, RemoveKey, SetBudget, SetKey, TestKey};
use easel_protocol::money::KeyList;
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
    super::local_method::<TestKey>(module, |daemon, params| daemon.test_key(&params.name))?;
    super::method::<GetSpend>(module, |daemon, params| daemon.spend(&params))?;
    super::local_method::<SetBudget>(module, Daemon::set_budget)
}
