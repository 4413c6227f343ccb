//! Whose turn it is to write: people come before long work, which lets them in between its batches.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub struct Turns {
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    busy: bool,
    people: usize,
}

/// While it lives, nobody else writes.
#[derive(Debug)]
pub struct Turn<'a>(&'a Turns);

impl Turns {
    /// For somebody who waits for the answer.
    pub fn person(&self) -> Turn<'_> {
        let mut state = self.locked();
        state.people += 1;
        while state.busy {
            state = self.wait(state);
        }
        state.people -= 1;
        state.busy = true;
        Turn(self)
    }

    /// For long work: after everybody who waits now.
    pub fn work(&self) -> Turn<'_> {
        let mut state = self.locked();
        while state.busy || state.people > 0 {
            state = self.wait(state);
        }
        state.busy = true;
        Turn(self)
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.freed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Whether somebody waits for this turn to end.
    pub fn is_awaited(&self) -> bool {
        self.0.locked().people > 0
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.locked().busy = false;
        self.0.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    /// JOB-24
    #[test]
    fn people_come_before_long_work() {
        let (turns, (say, said)) = (Turns::default(), channel());
        let first = turns.work();
        assert!(!first.is_awaited());
        std::thread::scope(|scope| {
            let (person, work) = (say.clone(), say);
            let turns = &turns;
            scope.spawn(move || {
                let turn = turns.person();
                person.send("person").unwrap();
                drop(turn);
            });
            while !first.is_awaited() {
                std::thread::yield_now();
            }
            scope.spawn(move || {
                let turn = turns.work();
                work.send("work").unwrap();
                drop(turn);
            });
            drop(first);
            assert_eq!([said.recv().unwrap(), said.recv().unwrap()], ["person", "work"]);
        });
    }
}
