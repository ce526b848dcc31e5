//! `job.get|list|cancel|retry`.

use std::sync::Arc;

use easel_protocol::job::JobList;
use easel_protocol::methods::{CancelJob, GetJob, ListJobs, RetryJob};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    super::method::<GetJob>(module, |daemon, params| daemon.store.job(&params.id))?;
    super::method::<ListJobs>(module, |daemon, params| {
        Ok(JobList { jobs: daemon.store.jobs(&params)? })
    })?;
    super::method::<CancelJob>(module, |daemon, params| daemon.cancel(&params.id))?;
    super::method::<RetryJob>(module, |daemon, params| daemon.retry(&params.id, params.pay_again))
}
