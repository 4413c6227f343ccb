//! Any stream: the first byte says how large the pieces are; cut otherwise, the same comes out.
#![no_main]

use callbox::sip::frame::{Frame, Framer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((size, stream)) = bytes.split_first() else { return };
    assert_eq!(frames(stream, usize::from(*size).max(1)), frames(stream, stream.len().max(1)));
});

fn frames(stream: &[u8], size: usize) -> (Vec<Frame>, bool) {
    let (mut framer, mut frames) = (Framer::new(), Vec::new());
    for piece in stream.chunks(size) {
        framer.push(piece);
        loop {
            match framer.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
    }
    (frames, false)
}
