//! `spend.*` and `budget.*`. Caps are for a person at this machine alone.

use std::sync::Arc;

use easel_protocol::methods::{GetSpend, SetBudget};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    super::method::<GetSpend>(module, |daemon, params| daemon.spend(&params))?;
    super::local_method::<SetBudget>(module, Daemon::set_budget)
}
