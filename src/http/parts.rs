//! An answer that is sent while it is made, at the pace of the network.

use axum::body::{Body, Bytes};
use hyper::body::Frame;
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{
        Semaphore,
        mpsc::{Receiver, Sender, channel},
    },
    task::spawn_blocking,
    time::timeout,
};

/// Parts that wait for the network.
const WAITING_MAX: usize = 4;
/// Answers that are made at a time, each on a thread of its own; others wait their turn.
const AT_ONCE: usize = 16;
/// Whoever takes no part for so long is gone.
const PATIENCE: Duration = Duration::from_secs(30);

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);

/// The end at which it is made, on a thread that may wait.
pub struct Parts(Sender<Bytes>);

impl Parts {
    /// False: nobody listens any more.
    pub fn send(&self, part: impl Into<Bytes>) -> bool {
        let sent = async { timeout(PATIENCE, self.0.send(part.into())).await };
        Handle::current().block_on(sent).is_ok_and(|sent| sent.is_ok())
    }
}

/// An answer as `make` gives it.
pub async fn made(make: impl FnOnce(&Parts) + Send + 'static) -> Body {
    let place = PLACES.acquire().await.expect("nobody closes it");
    let (parts, rest) = channel(WAITING_MAX);
    spawn_blocking(move || {
        make(&Parts(parts));
        drop(place);
    });
    Body::new(Rest(rest))
}

struct Rest(Receiver<Bytes>);

impl hyper::body::Body for Rest {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| Ok(Frame::data(part))))
    }
}
