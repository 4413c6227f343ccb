//! Questions to the exchange that wait for an answer.

use super::way_in::WayIn;
use crate::{
    call::command::{Actor, Answer, Command, NotDone, ReplyId},
    exchange::Event,
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use tokio::sync::oneshot;

type Reply = Result<Answer, NotDone>;

pub struct Asks {
    way_in: WayIn,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    last: u64,
    askers: BTreeMap<ReplyId, oneshot::Sender<Reply>>,
}

impl Asks {
    pub fn new(way_in: WayIn) -> Asks {
        Asks { way_in, waiting: Mutex::default() }
    }

    /// The receiver fails only when the exchange is gone.
    pub fn ask(&self, by: Actor, command: Command) -> oneshot::Receiver<Reply> {
        let (asker, answer) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.last += 1;
        let reply = ReplyId(waiting.last);
        waiting.askers.insert(reply, asker);
        drop(waiting);
        self.way_in.tell(Event::Ask { by, command, reply });
        answer
    }

    pub fn answer(&self, to: ReplyId, reply: Reply) {
        let asker = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).askers.remove(&to);
        // Whoever asked may have gone.
        asker.map(|asker| asker.send(reply));
    }
}
