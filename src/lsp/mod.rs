//! The language server: recipes and Easel's other TOML files inside any editor that speaks the Language Server Protocol.
//! What there is to say is decided by `recipe`; here it is kept apart which document is meant, in which version, and where
//! that is in the editor's own way of counting. Models come from whoever hosts the server: without any, everything that
//! needs none works all the same.

mod actions;
mod command;
mod completion;
mod diagnostics;
mod documents;
mod files;
mod formatting;
mod hover;
mod lens;
mod models;
mod position;
mod publish;
mod rename;
mod server;
mod state;
mod symbols;

use std::sync::Arc;

use easel_protocol::server::ModelEntry;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp_server::{LspService, Server};

use server::LanguageServer;

/// What the server needs of the program around it. Its methods may take their time: nobody waits for them.
pub trait Host: Send + Sync + 'static {
    /// What tells one daemon from the next, where one runs. Asked often.
    fn daemon(&self) -> Option<String>;
    /// The models of the daemon, which may be started for it.
    fn models(&self, may_start: bool) -> Option<Vec<ModelEntry>>;
    /// Runs the program with arguments to its end; gives its last words.
    fn run(&self, arguments: &[String]) -> Result<String, String>;
}

/// Speaks with one editor until it says that it is done. Whether it said so in time is the answer.
pub async fn serve<I, O>(input: I, output: O, host: Arc<dyn Host>) -> bool
where
    I: AsyncRead + Unpin,
    O: AsyncWrite,
{
    let (service, socket) = LspService::new(|client| LanguageServer::new(client, host));
    let state = service.inner().state.clone();
    Server::new(input, output, socket).serve(service).await;
    state.was_shut_down()
}
