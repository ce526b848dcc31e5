//! JSON-RPC: the same methods over HTTP and WebSocket, registered from the list in `protocol/`.

mod artifacts;
mod backends;
mod events;
mod folders;
mod jobs;
mod keys;
mod pairing;
mod recipes;
mod references;
mod server;
mod spend;
mod transforms;

use std::sync::Arc;

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use easel_protocol::methods::{DISCOVER, FinishPairing};
use easel_protocol::{ErrorKind, Failure, Method};
use jsonrpsee::server::{BatchRequestConfig, Server, ServerConfig, StopHandle};
use jsonrpsee::types::{ErrorObjectOwned, Params};
use jsonrpsee::{Extensions, RpcModule};
use tower::ServiceBuilder;

use crate::daemon::{Daemon, LIMITS};
use crate::runs::Runs;
use crate::watch::Watch;
use crate::web::Caller;

/// The route `/rpc`.
pub fn route(
    daemon: Arc<Daemon>,
    runs: &Arc<Runs>,
    watch: &Arc<Watch>,
    stop: StopHandle,
) -> Result<Router, Failure> {
    let module = methods(daemon, runs, watch).map_err(|error| {
        Failure::new(ErrorKind::Internal, format!("cannot register methods: {error}"))
    })?;
    let config = ServerConfig::builder()
        .max_request_body_size(LIMITS.request_bytes as u32)
        .max_response_body_size(64 << 20)
        .max_connections(1024)
        .set_batch_request_config(BatchRequestConfig::Limit(64))
        .build();
    let service = Server::builder().set_config(config).to_service_builder().build(module, stop);
    let service = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(|error: axum::BoxError| async move {
            tracing::warn!(%error, "the connection of an rpc call broke");
            axum::http::StatusCode::INTERNAL_SERVER_ERROR
        }))
        .service(service);
    Ok(Router::new().route_service("/rpc", service))
}

fn methods(
    daemon: Arc<Daemon>,
    runs: &Arc<Runs>,
    watch: &Arc<Watch>,
) -> Result<RpcModule<Arc<Daemon>>, jsonrpsee::core::RegisterMethodError> {
    let mut module = RpcModule::new(daemon);
    server::register(&mut module)?;
    backends::register(&mut module)?;
    transforms::register(&mut module)?;
    jobs::register(&mut module)?;
    artifacts::register(&mut module)?;
    references::register(&mut module)?;
    events::register(&mut module)?;
    pairing::register(&mut module)?;
    keys::register(&mut module)?;
    spend::register(&mut module)?;
    recipes::register(&mut module, runs)?;
    folders::register(&mut module, watch)?;
    module.register_method(DISCOVER, |_, _, extensions| {
        admit(DISCOVER, extensions)?;
        Ok::<_, ErrorObjectOwned>(easel_protocol::openrpc::document())
    })?;
    Ok(module)
}

/// Registers a method that may block: it runs off the threads that serve requests.
fn method<M: Method>(
    module: &mut RpcModule<Arc<Daemon>>,
    handler: impl Fn(&Daemon, M::Params) -> Result<M::Result, Failure> + Clone + Send + Sync + 'static,
) -> Result<(), jsonrpsee::core::RegisterMethodError> {
    register::<M>(module, |extensions| admit(M::NAME, extensions), handler)
}

/// The same for a method that no paired page may call.
fn local_method<M: Method>(
    module: &mut RpcModule<Arc<Daemon>>,
    handler: impl Fn(&Daemon, M::Params) -> Result<M::Result, Failure> + Clone + Send + Sync + 'static,
) -> Result<(), jsonrpsee::core::RegisterMethodError> {
    register::<M>(module, admit_local, handler)
}

fn register<M: Method>(
    module: &mut RpcModule<Arc<Daemon>>,
    admit: fn(&Extensions) -> Result<(), ErrorObjectOwned>,
    handler: impl Fn(&Daemon, M::Params) -> Result<M::Result, Failure> + Clone + Send + Sync + 'static,
) -> Result<(), jsonrpsee::core::RegisterMethodError> {
    module
        .register_blocking_method(M::NAME, move |params, daemon, extensions| {
            admit(&extensions)?;
            let result = handler(&daemon, parse(&params)?).map_err(error)?;
            serde_json::to_value(result)
                .map_err(|cause| error(Failure::new(ErrorKind::Internal, cause.to_string())))
        })
        .map(|_| ())
}

/// Whoever has not finished pairing may do that and nothing else.
fn admit(name: &str, extensions: &Extensions) -> Result<(), ErrorObjectOwned> {
    match extensions.get::<Caller>() {
        Some(Caller::Local | Caller::Paired(_)) => Ok(()),
        Some(Caller::Pairing) if name == FinishPairing::NAME => Ok(()),
        _ => Err(error(
            Failure::new(ErrorKind::Unauthorized, "the token is missing").hint("pair first"),
        )),
    }
}

/// What only an integration on this machine may do.
fn admit_local(extensions: &Extensions) -> Result<(), ErrorObjectOwned> {
    match extensions.get::<Caller>() {
        Some(Caller::Local) => Ok(()),
        _ => Err(error(
            Failure::new(ErrorKind::Forbidden, "only a program on this machine may do this")
                .hint("run it in a terminal"),
        )),
    }
}

/// Parameters by name; absent ones are an empty object.
fn parse<T: serde::de::DeserializeOwned>(params: &Params<'_>) -> Result<T, ErrorObjectOwned> {
    let text = params.as_str().unwrap_or("{}");
    serde_json::from_str(text).map_err(|cause| {
        error(
            Failure::new(
                ErrorKind::InvalidRequest,
                format!("the parameters cannot be read: {cause}"),
            )
            .hint("`rpc.discover` returns every method with its parameters"),
        )
    })
}

fn error(failure: Failure) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(failure.kind.code(), failure.message.clone(), Some(failure))
}
