//! A body that keeps a copy of what is read of it, up to the size of the largest form.

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

/// Larger than any form; of a file only the beginning is kept.
const KEPT_BYTES_MAX: usize = 1024 * 1024;

#[derive(Clone, Default)]
pub struct Copy(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    bytes: usize,
}

impl Copy {
    /// The body that copies itself here.
    pub fn of(&self, body: Body) -> Body {
        Body::new(Tee { body, copy: self.clone() })
    }

    /// What was read, if that is all of it, and how many bytes there were.
    pub fn read<T>(&self, look: impl FnOnce(&[u8], usize) -> T) -> T {
        let kept = self.0.lock().expect("no panic while copying");
        look(&kept.head, kept.bytes)
    }

    fn take(&self, piece: &[u8]) {
        let mut kept = self.0.lock().expect("no panic while copying");
        kept.bytes += piece.len();
        let room = KEPT_BYTES_MAX.saturating_sub(kept.head.len());
        kept.head.extend_from_slice(&piece[..piece.len().min(room)]);
    }
}

struct Tee {
    body: Body,
    copy: Copy,
}

impl hyper::body::Body for Tee {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(piece) = frame.data_ref()
        {
            self.copy.take(piece);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
