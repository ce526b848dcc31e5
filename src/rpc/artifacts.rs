//! `artifact.*`.

use std::sync::Arc;

use easel_protocol::methods::{DiscardArtifact, RestoreArtifact};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    super::method::<DiscardArtifact>(module, |daemon, params| daemon.discard(&params.id))?;
    super::method::<RestoreArtifact>(module, |daemon, params| daemon.restore(&params.id))
}
