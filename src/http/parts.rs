//! An answer that is sent while it is made, at the pace of the network.

use axum::body::{Body, Bytes};
use hyper::body::Frame;
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Parts that wait for the network.
const WAITING_MAX: usize = 4;

/// The end at which it is made, on a thread that may wait.
pub struct Parts(Sender<Bytes>);

impl Parts {
    /// False: nobody listens any more.
    pub fn send(&self, part: impl Into<Bytes>) -> bool {
        self.0.blocking_send(part.into()).is_ok()
    }
}

pub fn body() -> (Parts, Body) {
    let (parts, rest) = channel(WAITING_MAX);
    (Parts(parts), Body::new(Rest(rest)))
}

struct Rest(Receiver<Bytes>);

impl hyper::body::Body for Rest {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| Ok(Frame::data(part))))
    }
}
