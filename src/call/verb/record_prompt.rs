//! What becomes of a prompt that an agent speaks by phone, also after the call (FEA-8).

use crate::{
    audio::order::{Recorded, RecordingId},
    call::{
        Calls,
        office::{Office, Orders},
        one::Call,
        place::{
            Next, Place,
            prompt::{self, Prompt},
        },
    },
    time::Now,
};

impl Calls {
    /// The file of a prompt that an agent spoke is closed (FEA-8).
    pub(in crate::call) fn prompt_closed(&mut self, recording: RecordingId, recorded: &Recorded, is_left: bool) {
        match is_left {
            true if prompt::is_long_enough(recorded) => self.office.keep_prompt(recording),
            true => self.office.recordings.drop_prompt(recording),
            false => self.with_prompt(recording, |place, office| place.closed(recording, recorded, office)),
        }
    }

    /// It is among the media files now, or could not be put there.
    pub fn prompt_kept(&mut self, now: Now, recording: RecordingId, kept: bool, orders: &mut Orders) {
        self.begin(now);
        self.with_prompt(recording, |place, office| place.kept(kept, office));
        self.finish(orders);
    }

    fn with_prompt(&mut self, recording: RecordingId, act: impl FnOnce(&mut Prompt, &mut Office) -> Next) {
        let waits = |call: &Call| matches!(&call.place, Place::Prompt(place) if place.waits_for(recording));
        let Some(number) = self.calls.iter().find(|(_, call)| waits(call)).map(|(number, _)| *number) else { return };
        self.with(number, |call, office| {
            let Place::Prompt(place) = &mut call.place else { return };
            let next = act(place, office);
            call.go_on(next, office);
        });
    }
}
