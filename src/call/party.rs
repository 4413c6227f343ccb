//! Who is in a call and who hears whom; two calls become one here alone.

use super::{
    cause::Cause,
    leg::{HeardBy, Leg, Role},
    office::Office,
};
use crate::{
    audio::order::{Figures, Sound, Source, Tone},
    sdp::{Codec, LegId},
    sip::order as sip,
    sip::order::{ReferId, Shown},
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, iter, time::Duration};

/// How long a phone that transferred may take to hang up by itself, once it knows how it went.
const LEAVE_AFTER: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Party {
    legs: Vec<Leg>,
    /// What those who are called are shown: the caller, with the prefixes of the places on the way.
    pub shown: Shown,
    /// Leaders of other calls who hear this one.
    guests: Vec<Guest>,
    /// Phones that wait to hear how their transfer went; they hear it even after they have hung up (RFC 3515).
    refers: Vec<ReferId>,
}

/// A leader whose phone hears what an agent does, and is in no call of the agent's (FEA-26).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    pub leg: LegId,
    /// The agent's.
    pub of: LegId,
    pub heard: HeardBy,
}

impl Party {
    pub fn of(caller: Leg, shown: Shown) -> Party {
        Party { legs: vec![caller], shown, ..Party::default() }
    }

    /// Of a call that rings somebody before there is a caller.
    pub fn without_caller(shown: Shown) -> Party {
        Party { shown, ..Party::default() }
    }

    /// In the place of what this leader was here; none: nothing any more.
    pub fn visit(&mut self, leader: LegId, guest: Option<Guest>) {
        self.guests.retain(|known| known.leg != leader);
        self.guests.extend(guest);
    }

    /// Leaders of other calls whom both sides hear.
    pub fn heard_guests(&self) -> impl Iterator<Item = LegId> {
        self.guests.iter().filter(|guest| guest.heard == HeardBy::All).map(|guest| guest.leg)
    }

    /// Puts something before what the called are shown.
    pub fn prefix(&mut self, number: &str, name: &str) {
        self.shown.number.insert_str(0, number);
        self.shown.name.insert_str(0, name);
    }

    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    pub fn legs_mut(&mut self) -> impl Iterator<Item = &mut Leg> {
        self.legs.iter_mut()
    }

    pub fn leg(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.id == id)
    }

    pub fn has(&self, role: Role) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.role == role)
    }

    pub fn role(&self, id: LegId) -> Option<Role> {
        self.legs.iter().find(|leg| leg.id == id).map(|leg| leg.role)
    }

    pub fn caller(&mut self) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.role == Role::Caller)
    }

    pub fn called(&mut self) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.role == Role::Called)
    }

    /// The one at the other end of this leg.
    pub fn other(&mut self, id: LegId) -> Option<&mut Leg> {
        let role = match self.role(id)? {
            Role::Caller => Role::Called,
            Role::Called => Role::Caller,
            Role::Rung | Role::Leader { .. } | Role::Leaving { .. } => return None,
        };
        self.legs.iter_mut().find(|leg| leg.role == role)
    }

    pub fn other_codec(&mut self, id: LegId) -> Option<Codec> {
        self.other(id).and_then(|leg| leg.codec())
    }

    pub fn deck(&self) -> Option<u8> {
        self.legs.iter().find_map(Leg::deck)
    }

    pub fn add(&mut self, leg: Leg) {
        self.legs.push(leg);
    }

    /// Takes it out, to be put into another party.
    pub fn take(&mut self, id: LegId) -> Option<Leg> {
        let at = self.legs.iter().position(|leg| leg.id == id)?;
        Some(self.legs.remove(at))
    }

    /// Forgets legs of which nothing more comes; gives their ids.
    pub fn sweep(&mut self) -> Vec<LegId> {
        let gone = self.legs.iter().filter(|leg| leg.is_gone()).map(|leg| leg.id).collect();
        self.legs.retain(|leg| !leg.is_gone());
        gone
    }

    /// The first of the rung to answer is the called one; the others stop ringing.
    pub fn answered(&mut self, winner: LegId, office: &mut Office) {
        for leg in &mut self.legs {
            if leg.id == winner {
                leg.role = Role::Called;
            } else if leg.role == Role::Rung {
                leg.end(office);
            }
        }
    }

    pub fn stop_ringing(&mut self, office: &mut Office) {
        for leg in self.legs.iter_mut().filter(|leg| leg.role == Role::Rung) {
            leg.end(office);
        }
    }

    /// Answers the caller, if that has not been done; an error says why it cannot be.
    pub fn answer_caller(&mut self, office: &mut Office) -> Result<(), Cause> {
        let caller = self.caller().expect("a call that is routed has a caller");
        if caller.is_up() || caller.answer(None, office) { Ok(()) } else { Err(Cause::failed(488)) }
    }

    /// The phones beside this one with its number stop ringing.
    pub fn stop_ringing_of(&mut self, id: LegId, office: &mut Office) {
        let Some(number) = self.leg(id).map(|leg| leg.number.clone()) else { return };
        for leg in self.legs.iter_mut().filter(|leg| leg.role == Role::Rung && leg.number == number) {
            leg.end(office);
        }
    }

    pub fn caller_hears(&mut self, source: Source, office: &mut Office) {
        if let Some(caller) = self.caller() {
            caller.hear(source, office);
        }
    }

    /// The two who talk, as far as they are there.
    pub fn sides(&self) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(|leg| leg.is_up() && matches!(leg.role, Role::Caller | Role::Called))
    }

    /// Each hears the other, and a leader who speaks to it; one whose other side holds hears music (DSK-347). Leaders
    /// hear both sides. Who is in `beeps` hears a beep first.
    pub fn talk(&mut self, beeps: &BTreeSet<LegId>, office: &mut Office) {
        let side = |role| self.has(role).filter(|leg| leg.is_up()).map(|leg| (leg.id, leg.holds()));
        let (caller, called) = (side(Role::Caller), side(Role::Called));
        for (me, other) in [(caller, called), (called, caller)] {
            let Some((me, _)) = me else { continue };
            let leaders = self.leaders_heard_by(me);
            let source = match other {
                Some((_, true)) if leaders.is_empty() => office.music(),
                Some((other, false)) => Source::of(iter::once(other).chain(leaders).collect()),
                _ => Source::of(leaders),
            };
            let source = if beeps.contains(&me) { Source::Play(vec![Sound::Tone(Tone::Beep)]) } else { source };
            self.leg(me).expect("a side is in its party").hear(source, office);
        }
        let sides: Vec<LegId> = [caller, called].into_iter().flatten().map(|(leg, _)| leg).collect();
        let leaders = self.legs.iter_mut().filter(|leg| matches!(leg.role, Role::Leader { .. }));
        leaders.for_each(|leader| leader.hear(Source::of(sides.clone()), office));
    }

    /// Those who speak to this side.
    fn leaders_heard_by(&self, side: LegId) -> Vec<LegId> {
        let heard = |leg: &&Leg| match leg.role {
            Role::Leader { of, heard } if leg.is_up() => {
                heard == HeardBy::All || (heard == HeardBy::Agent && of == side)
            }
            _ => false,
        };
        let speaks =
            |guest: &&Guest| guest.heard == HeardBy::All || (guest.heard == HeardBy::Agent && guest.of == side);
        let guests = self.guests.iter().filter(speaks).map(|guest| guest.leg);
        self.legs.iter().filter(heard).map(|leg| leg.id).chain(guests).collect()
    }

    /// Asks a side again where both could speak one codec and do not (TRK-76).
    pub fn agree_on_a_codec(&mut self, office: &mut Office) {
        let side = |role| self.has(role).filter(|leg| leg.is_up()).map(|leg| (leg.id, leg.codec(), leg.codecs()));
        let (Some((caller, Some(caller_codec), caller_can)), Some((called, Some(called_codec), called_can))) =
            (side(Role::Caller), side(Role::Called))
        else {
            return;
        };
        if caller_codec == called_codec {
            return;
        }
        let asked = if caller_can.contains(&called_codec) {
            Some((caller, called_codec))
        } else if called_can.contains(&caller_codec) {
            Some((called, caller_codec))
        } else {
            None
        };
        if let Some((leg, codec)) = asked {
            self.leg(leg).expect("a side is in its party").reoffer(&[codec], office);
        }
    }

    pub fn end_leaders(&mut self, office: &mut Office) {
        for leg in self.legs.iter_mut().filter(|leg| matches!(leg.role, Role::Leader { .. })) {
            leg.end(office);
        }
    }

    pub fn end_all(&mut self, office: &mut Office) {
        for leg in &mut self.legs {
            leg.end(office);
        }
    }

    /// This leg is over for the call. It stays until its phone knows how the transfer went.
    pub fn leave(&mut self, id: LegId, refer: Option<ReferId>, office: &mut Office) {
        let until = refer.is_none().then(|| office.up() + LEAVE_AFTER);
        self.refers.extend(refer);
        if let Some(leg) = self.leg(id) {
            leg.role = Role::Leaving { until };
            leg.hear(Source::Silence, office);
        }
    }

    /// Tells whoever transferred how it goes; a final code lets the leg go.
    pub fn tell_transferor(&mut self, code: u16, office: &mut Office) {
        for refer in &self.refers {
            office.sip(sip::Order::ReferResult { refer: *refer, code });
        }
        if code < 200 {
            return;
        }
        self.refers.clear();
        for leg in &mut self.legs {
            if let Role::Leaving { until: until @ None } = &mut leg.role {
                *until = Some(office.up() + LEAVE_AFTER);
            }
        }
    }

    pub fn leaving_due(&self) -> Option<Uptime> {
        let until = |leg: &Leg| match leg.role {
            Role::Leaving { until } if leg.is_live() => until,
            _ => None,
        };
        self.legs.iter().filter_map(until).min()
    }

    pub fn end_leaving(&mut self, office: &mut Office) {
        for leg in &mut self.legs {
            if matches!(leg.role, Role::Leaving { until: Some(until) } if until <= office.up()) {
                leg.end(office);
            }
        }
    }

    /// Whether someone who was answered holds the call.
    pub fn is_held(&self) -> bool {
        self.legs.iter().any(|leg| matches!(leg.role, Role::Caller | Role::Called) && leg.holds())
    }

    /// Whether somebody who looks would see a change.
    pub fn figures(&mut self, id: LegId, figures: Figures) -> bool {
        let Some(leg) = self.leg(id) else { return false };
        let before = std::mem::replace(&mut leg.figures, figures);
        before.seen() != leg.figures.seen()
    }
}
