//! Everything that speaks HTTP beside JSON-RPC: the gate that every request passes, blobs, health,
//! metrics, and the page.

mod artifacts;
mod blobs;
mod gate;
mod metrics;
mod page;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use easel_protocol::Failure;

use crate::daemon::Daemon;
pub(crate) use gate::Caller;
pub use page::Page;

/// The routes, with JSON-RPC as one of them. All of them pass the gate.
pub fn routes(daemon: Arc<Daemon>, page: Page, rpc: Router) -> Router {
    let page = Router::new()
        .route("/", get(page::index))
        .route("/page/{*path}", get(page::file))
        .with_state(page);
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(metrics::metrics))
        .route("/v1/blobs", put(upload::put))
        .route("/v1/blobs/{id}", get(blobs::whole))
        .route("/v1/blobs/{id}/info", get(blobs::info))
        .route("/v1/blobs/{id}/pixels", get(blobs::pixels))
        .route("/v1/blobs/{id}/preview", get(blobs::preview))
        .route("/v1/artifacts/{id}/picture", get(artifacts::picture))
        .route("/v1/artifacts/{id}/changes", get(artifacts::changes))
        .with_state(Arc::clone(&daemon))
        .merge(page)
        .merge(rpc)
        .layer(middleware::from_fn_with_state(daemon, gate::pass))
}

/// A failure as an HTTP answer.
struct Refusal(Failure);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.kind.http_status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, axum::Json(self.0)).into_response()
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Refusal(failure)
    }
}

/// Runs what blocks (files, codecs, the database) off the threads that serve requests.
async fn blocking<T, F>(work: F) -> Result<T, Refusal>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Failure> + Send + 'static,
{
    let outcome = tokio::task::spawn_blocking(work).await;
    outcome.map_err(|error| Refusal(crate::daemon::panicked(&error)))?.map_err(Refusal)
}
