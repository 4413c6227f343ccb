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

    /// The receiver fails when the exchange fell over the question, or is gone.
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

    /// Nobody answers this one any more.
    pub fn forget(&self, reply: ReplyId) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).askers.remove(&reply);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::way_in::way_in;

    #[test]
    fn a_question_over_which_the_exchange_fell_is_not_waited_for() {
        let (way_in, inbox) = way_in().unwrap();
        let asks = Asks::new(way_in);
        let mut answers = [Command::Bans, Command::Bans].map(|command| asks.ask(Actor::System, command));
        let asked = || match inbox.proven() {
            Some(Event::Ask { reply, .. }) => reply,
            other => panic!("{other:?}"),
        };
        asks.forget(asked());
        assert!(answers[0].try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
        asks.answer(asked(), Ok(Answer::Done));
        assert_eq!(answers[1].try_recv().unwrap(), Ok(Answer::Done));
        assert!(asks.waiting.lock().unwrap().askers.is_empty());
    }
}
