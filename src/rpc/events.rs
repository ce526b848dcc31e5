//! `job.events` waits for events without holding a thread; `job.subscribe` carries the same ones
//! over a WebSocket. Both read from the store, so nothing is told that is not stored.

use std::sync::Arc;
use std::time::Duration;

use easel_protocol::job::{EventPage, EventsParams};
use easel_protocol::methods::{ListEvents, SUBSCRIBE, SUBSCRIPTION, UNSUBSCRIBE};
use easel_protocol::{Failure, Method};
use jsonrpsee::core::{RegisterMethodError, SubscriptionResult};
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::{PendingSubscriptionSink, RpcModule, SubscriptionMessage};

use crate::daemon::Daemon;

/// The longest wait; a client asks again.
const MAX_WAIT_MS: u64 = 60_000;

pub(super) fn register(module: &mut RpcModule<Arc<Daemon>>) -> Result<(), RegisterMethodError> {
    module.register_async_method(ListEvents::NAME, |params, daemon, extensions| async move {
        super::admit(ListEvents::NAME, &extensions)?;
        let query: EventsParams = super::parse(&params)?;
        let wait = Duration::from_millis(query.wait_ms.min(MAX_WAIT_MS));
        wait_for_events(&daemon, query, wait).await.map_err(super::error)
    })?;
    module.register_subscription(
        SUBSCRIBE,
        SUBSCRIPTION,
        UNSUBSCRIBE,
        |params, pending, daemon, extensions| async move {
            let query = match super::admit(SUBSCRIBE, &extensions)
                .and_then(|()| super::parse::<EventsParams>(&params))
            {
                Ok(query) => query,
                Err(error) => {
                    pending.reject(error).await;
                    return Ok(());
                }
            };
            send_events(&daemon, query, pending).await
        },
    )?;
    Ok(())
}

/// The events after a number, as soon as there is one or the time is over.
async fn wait_for_events(
    daemon: &Arc<Daemon>,
    query: EventsParams,
    wait: Duration,
) -> Result<EventPage, Failure> {
    let deadline = tokio::time::Instant::now() + wait;
    let mut events = daemon.store.watch_events();
    let mut shutdown = daemon.watch_shutdown();
    loop {
        // Before the look, so that an event between look and wait is seen.
        events.borrow_and_update();
        let page = read(daemon, &query).await?;
        if !page.events.is_empty() {
            return Ok(page);
        }
        let woken = tokio::select! {
            woken = events.changed() => woken.is_ok(),
            () = tokio::time::sleep_until(deadline) => false,
            _ = shutdown.wait_for(|ending| *ending) => false,
        };
        if !woken {
            return Ok(page);
        }
    }
}

async fn read(daemon: &Arc<Daemon>, query: &EventsParams) -> Result<EventPage, Failure> {
    let (daemon, query) = (Arc::clone(daemon), query.clone());
    tokio::task::spawn_blocking(move || daemon.store.events(&query))
        .await
        .map_err(|error| crate::daemon::panicked(&error))?
}

async fn send_events(
    daemon: &Arc<Daemon>,
    mut query: EventsParams,
    pending: PendingSubscriptionSink,
) -> SubscriptionResult {
    let sink = pending.accept().await?;
    let mut shutdown = daemon.watch_shutdown();
    while !sink.is_closed() && !*shutdown.borrow_and_update() {
        let page = tokio::select! {
            page = wait_for_events(daemon, query.clone(), Duration::from_millis(MAX_WAIT_MS)) => page,
            () = sink.closed() => return Ok(()),
        };
        let page = page.map_err(|failure| {
            ErrorObjectOwned::owned(failure.kind.code(), failure.message.clone(), Some(failure))
        })?;
        query.after = page.next;
        for event in page.events {
            let message = SubscriptionMessage::from(serde_json::value::to_raw_value(&event)?);
            if sink.send(message).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}
