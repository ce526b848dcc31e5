//! `pairing.*`: how Figma and a browser, which cannot read the token's file, get a token of their own.

use std::sync::Arc;

use easel_protocol::Method;
use easel_protocol::methods::{FinishPairing, ListPaired, RemovePaired, StartPairing};
use easel_protocol::server::{PairedList, PairingCode, PairingToken};
use easel_protocol::{ErrorKind, Failure};
use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;

use crate::daemon::access::{CODE_LIFETIME, token_hash};
use crate::daemon::{Daemon, now};

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    // A paired page must not be able to let further pages in.
    module.register_blocking_method(StartPairing::NAME, |_, daemon, extensions| {
        super::admit_local(&extensions)?;
        let code = daemon.access.start_pairing().map_err(super::error)?;
        Ok::<_, jsonrpsee::types::ErrorObjectOwned>(PairingCode {
            code,
            expires: now() + CODE_LIFETIME.as_millis() as i64,
        })
    })?;
    super::method::<FinishPairing>(module, |daemon, params| {
        let name = params.client.trim();
        if name.is_empty() || name.len() > 64 {
            return Err(Failure::new(
                ErrorKind::InvalidRequest,
                "the client's name must have 1 to 64 bytes",
            ));
        }
        let token = daemon.access.finish_pairing(&params.code)?;
        daemon.store.add_client(token_hash(&token), name.to_owned(), now())?;
        Ok(PairingToken { token })
    })?;
    super::local_method::<ListPaired>(module, |daemon, _| {
        Ok(PairedList { clients: daemon.store.clients()? })
    })?;
    super::local_method::<RemovePaired>(module, |daemon, params| {
        let clients = daemon.store.remove_clients(params.client.trim())?;
        if clients.is_empty() {
            let message = format!("no paired client is called `{}`", params.client);
            return Err(Failure::new(ErrorKind::NotFound, message)
                .hint("`easel pair list` shows who was let in"));
        }
        Ok(PairedList { clients })
    })
}
