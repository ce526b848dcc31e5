//! The protocol's methods, each handed on to the file of its own. A handler changes what is known before it waits for
//! anything, so that requests see what was said before them.

use std::sync::Arc;

use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability,
    CodeActionResponse, CodeLens, CodeLensOptions, CodeLensParams, CompletionOptions,
    CompletionParams, CompletionResponse, DidChangeTextDocumentParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentFormattingParams,
    DocumentSymbolParams, DocumentSymbolResponse, ExecuteCommandOptions, ExecuteCommandParams,
    Hover, HoverParams, HoverProviderCapability, InitializeParams, InitializeResult,
    InitializedParams, LSPAny, OneOf, PrepareRenameResponse, RenameOptions, RenameParams,
    SaveOptions, ServerCapabilities, ServerInfo, TextDocumentPositionParams,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, TextEdit, WorkDoneProgressOptions, WorkspaceEdit,
};
use tower_lsp_server::{Client, LanguageServer as Protocol};

use super::models::{LOOK, Why};
use super::state::{Abilities, State};
use super::{
    Host, actions, command, completion, formatting, hover, lens, publish, rename, symbols,
};

/// Speaks with one editor.
pub(super) struct LanguageServer {
    client: Client,
    host: Arc<dyn Host>,
    pub(super) state: Arc<State>,
}

impl LanguageServer {
    pub(super) fn new(client: Client, host: Arc<dyn Host>) -> LanguageServer {
        LanguageServer { client, host, state: Arc::new(State::new()) }
    }

    /// Asks for the models where that is due, beside everything else.
    fn refresh(&self, why: Why) {
        let (state, host) = (self.state.clone(), self.host.clone());
        tokio::task::spawn_blocking(move || {
            if state.models.refresh(&*host, why) {
                state.touch_all();
            }
        });
    }
}

impl Protocol for LanguageServer {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let abilities = Abilities::of(&params.capabilities);
        let _ = self.state.abilities.set(abilities);
        Ok(InitializeResult {
            capabilities: capabilities(abilities),
            server_info: Some(ServerInfo {
                name: "easel".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..InitializeResult::default()
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        tokio::spawn(publish::publish(self.client.clone(), self.state.clone()));
        self.refresh(Why::Start);
        let (state, host) = (self.state.clone(), self.host.clone());
        tokio::spawn(async move {
            let mut clock = tokio::time::interval(LOOK);
            clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                clock.tick().await;
                let (state, host) = (state.clone(), host.clone());
                let look = move || {
                    if state.models.refresh(&*host, Why::Look) {
                        state.touch_all();
                    }
                };
                if tokio::task::spawn_blocking(look).await.is_err() {
                    return;
                }
            }
        });
    }

    async fn shutdown(&self) -> Result<()> {
        self.state.shut_down();
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let encoding = self.state.abilities().encoding;
        let uri = document.uri.clone();
        if self.state.documents.open(document.uri, document.version, document.text, encoding) {
            self.state.touch(uri);
            self.refresh(Why::Work);
        }
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let document = params.text_document;
        // The server asks for whole texts; the last one counts, and parts are not for it.
        let whole = params.content_changes.into_iter().rfind(|change| change.range.is_none());
        let Some(change) = whole else { return };
        let encoding = self.state.abilities().encoding;
        if self.state.documents.change(&document.uri, document.version, change.text, encoding) {
            self.state.touch(document.uri);
        }
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        let Some(snapshot) = self.state.documents.get(&params.text_document.uri) else { return };
        // Files may have come and gone since.
        snapshot.forget();
        self.state.touch(params.text_document.uri);
        self.refresh(Why::Work);
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        if self.state.documents.close(&params.text_document.uri) {
            self.state.touch(params.text_document.uri);
        }
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let at = params.text_document_position;
        let Some(snapshot) = self.state.documents.get(&at.text_document.uri) else {
            return Ok(None);
        };
        let items = completion::answer(snapshot, at.position, &self.state).await;
        Ok(Some(CompletionResponse::Array(items)))
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let at = params.text_document_position_params;
        let Some(snapshot) = self.state.documents.get(&at.text_document.uri) else {
            return Ok(None);
        };
        Ok(hover::answer(&snapshot, at.position, &self.state))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let found = self.state.documents.get(&params.text_document.uri);
        Ok(found.map(|snapshot| actions::answer(&snapshot, &params, &self.state)))
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let found = self.state.documents.get(&params.text_document.uri);
        Ok(found.map(|snapshot| formatting::answer(&snapshot)))
    }

    async fn prepare_rename(
        &self,
        params: TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResponse>> {
        match self.state.documents.get(&params.text_document.uri) {
            Some(snapshot) => rename::prepare(&snapshot, params.position),
            None => Ok(None),
        }
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let at = params.text_document_position;
        match self.state.documents.get(&at.text_document.uri) {
            Some(snapshot) => rename::answer(&snapshot, at.position, &params.new_name, &self.state),
            None => Ok(None),
        }
    }

    async fn document_symbol(
        &self,
        params: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        let found = self.state.documents.get(&params.text_document.uri);
        Ok(found.map(|snapshot| DocumentSymbolResponse::Nested(symbols::answer(&snapshot))))
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let found = self.state.documents.get(&params.text_document.uri);
        Ok(found.map(|snapshot| lens::answer(&snapshot)))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        let (client, host) = (self.client.clone(), self.host.clone());
        command::answer(&params.command, &params.arguments, client, host)?;
        Ok(None)
    }
}

fn capabilities(abilities: Abilities) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::FULL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions::default())),
        ..TextDocumentSyncOptions::default()
    };
    let letters = ["\"", "{", "=", "[", ",", " ", "/", ".", ":"];
    ServerCapabilities {
        position_encoding: Some(abilities.encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(letters.map(str::to_owned).into()),
            ..CompletionOptions::default()
        }),
        document_symbol_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![
                CodeActionKind::QUICKFIX,
                CodeActionKind::REFACTOR_REWRITE,
            ]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        document_formatting_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: command::names(),
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}
