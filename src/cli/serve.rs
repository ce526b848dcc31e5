//! `easel serve`: the daemon in the foreground.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use clap::{Args, ValueEnum};
use easel_protocol::{ErrorKind, Failure};
use tokio::net::TcpListener;

use super::Context;
use super::client::Endpoint;
use crate::daemon::Daemon;
use crate::daemon::access::write_private;
use crate::paths::Paths;
use crate::runs::Runs;
use crate::store::io_failure;
use crate::watch::Watch;
use crate::{rpc, web};

/// The port where Figma and the page look first.
const DEFAULT_PORT: u16 = 47_615;

/// Run the daemon until it is told to stop.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Listen on this port of 127.0.0.1; 0 takes a free one. Without it: 47615, or a free one when that is taken.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Let running jobs go on for so many seconds when asked to stop, then park them.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    patience: u64,
    /// Serve the page from this folder instead of the copy in the program; for those who work on the page.
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    page: Option<PathBuf>,
    /// How to write the log.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Serve {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        start_log(self.log_format);
        let _lock = lock(&context.paths)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(
                std::thread::available_parallelism().map_or(2, |cores| cores.get().min(4)),
            )
            .enable_all()
            .build()
            .map_err(|error| {
                Failure::new(ErrorKind::Internal, format!("cannot start the runtime: {error}"))
            })?;
        let result = runtime.block_on(self.serve(context));
        // Jobs were parked by now; what still blocks must not keep the process.
        runtime.shutdown_timeout(Duration::from_secs(2));
        let _ = std::fs::remove_file(context.paths.endpoint());
        result.map(|()| ExitCode::SUCCESS)
    }

    async fn serve(&self, context: &Context) -> Result<(), Failure> {
        let listener = self.listen().await?;
        let port = listener
            .local_addr()
            .map_err(|error| Failure::new(ErrorKind::Internal, error.to_string()))?
            .port();
        let daemon = Daemon::open(context.paths.clone())?;
        daemon.start()?;
        let runs = Runs::start(&daemon)?;
        let watch = Watch::start(&runs)?;
        let (stop, stopper) = jsonrpsee::server::stop_channel();
        let methods = rpc::route(Arc::clone(&daemon), &runs, &watch, stop)?;
        let page = web::Page { folder: self.page.clone() };
        let routes = web::routes(Arc::clone(&daemon), page, methods);
        announce(&context.paths, port)?;
        context.screen.note(format!(
            "easel {} listens on http://127.0.0.1:{port}, data in {}",
            daemon.version(),
            context.paths.data.display()
        ));
        let ending = Arc::clone(&daemon);
        let patience = Duration::from_secs(self.patience);
        let end = async move {
            wait_for_end(&ending).await;
            tracing::info!("ending");
            // Answers that are waited for come back at once; jobs get their time before the connections end.
            let stopping = tokio::task::spawn_blocking(move || {
                ending.begin_to_stop();
                watch.stop();
                runs.stop();
                ending.stop(patience);
            });
            let _ = stopping.await;
            let _ = stopper.stop();
        };
        let listener = listener.tap_io(|stream| {
            // Small answers must not wait for more.
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, routes).with_graceful_shutdown(end).await.map_err(|error| {
            Failure::new(ErrorKind::Internal, format!("the server ended: {error}"))
        })
    }

    async fn listen(&self) -> Result<TcpListener, Failure> {
        let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let wanted = self.port.unwrap_or(DEFAULT_PORT);
        let error = match TcpListener::bind(address(wanted)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => error,
        };
        if self.port.is_none()
            && error.kind() == std::io::ErrorKind::AddrInUse
            && let Ok(listener) = TcpListener::bind(address(0)).await
        {
            tracing::warn!(
                port = wanted,
                "the usual port is taken; Figma will not find this daemon by itself"
            );
            return Ok(listener);
        }
        Err(Failure::new(ErrorKind::Busy, format!("cannot listen on port {wanted}: {error}")).hint(
            "another program uses it; choose one with `--port PORT`, or leave the option out",
        ))
    }
}

/// Ctrl-C, the system's wish, or a method call.
async fn wait_for_end(daemon: &Daemon) {
    let mut asked = daemon.watch_shutdown();
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<Option<()>>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
        _ = asked.wait_for(|asked| *asked) => {}
    }
}

/// A daemon that was killed while it started a worker leaves the lock to it, until that has become the worker.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(25);

/// Makes sure that no other daemon uses the data folder. The lock ends with the process, however it ends.
fn lock(paths: &Paths) -> Result<File, Failure> {
    std::fs::create_dir_all(&paths.data)
        .map_err(|error| io_failure("create", &paths.data, &error))?;
    let path = paths.lock();
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| io_failure("open", &path, &error))?;
    let mut locked = file.try_lock();
    for _ in 0..LOCK_TRIES {
        if !matches!(locked, Err(std::fs::TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(LOCK_PAUSE);
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            let who = Endpoint::read(paths)
                .map(|it| format!(" (process {}, port {})", it.pid, it.port))
                .unwrap_or_default();
            Err(Failure::new(
                ErrorKind::Busy,
                format!("another daemon{who} uses `{}`", paths.data.display()),
            )
            .hint("`easel stop` ends it; `--data-dir DIR` gives this one a folder of its own"))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(io_failure("lock", &path, &error)),
    }
}

fn announce(paths: &Paths, port: u16) -> Result<(), Failure> {
    let endpoint =
        Endpoint { port, pid: std::process::id(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let text = serde_json::to_vec(&endpoint)
        .map_err(|error| Failure::new(ErrorKind::Internal, error.to_string()))?;
    write_private(&paths.endpoint(), &text)
}

fn start_log(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("EASEL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,hyper=warn,jsonrpsee=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().init(),
    }
}
