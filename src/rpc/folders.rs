//! `folder.*`. A page may look, pause and try again; what is watched is for programs on this machine to say.

use std::sync::Arc;

use easel_protocol::methods::{
    AddFolder, GetFolder, ListFiles, ListFolders, PauseFolder, RemoveFolder, ResumeFolder,
    RetryFolder, ScanFolder,
};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::Daemon;
use crate::watch::Watch;

pub(super) fn register(
    module: &mut RpcModule<Arc<Daemon>>,
    watch: &Arc<Watch>,
) -> Result<(), RegisterMethodError> {
    let with = || Arc::clone(watch);
    let watch = with();
    super::local_method::<AddFolder>(module, move |_, params| watch.add(params))?;
    let watch = with();
    super::method::<ListFolders>(module, move |_, _| watch.list())?;
    let watch = with();
    super::method::<GetFolder>(module, move |_, params| watch.status(&params.folder))?;
    let watch = with();
    super::local_method::<RemoveFolder>(module, move |_, params| watch.remove(&params.folder))?;
    let watch = with();
    super::method::<PauseFolder>(module, move |_, params| watch.pause(&params.folder, true))?;
    let watch = with();
    super::method::<ResumeFolder>(module, move |_, params| watch.pause(&params.folder, false))?;
    let watch = with();
    super::method::<ScanFolder>(module, move |_, params| watch.scan(&params))?;
    let watch = with();
    super::method::<ListFiles>(module, move |_, params| watch.files(&params))?;
    let watch = with();
    super::method::<RetryFolder>(module, move |_, params| watch.retry(&params))
}
