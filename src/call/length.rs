//! How long a call over a trunk lasts and may be silent, and the tone a minute before its end (TRK-84, TRK-85, OUT-60).

use super::{
    cause::Cause,
    leg::{Leg, Role},
    office::Office,
    one::Call,
    spent::Limit,
    step::{Found, Rule, Step},
    terms::Due,
};
use crate::{
    audio::order::{Sound, Source, Tone},
    history::call_record::HangupBy,
    sdp::LegId,
    time::Uptime,
};

impl Call {
    /// Legs of trunks are as old as their answer.
    pub fn note_length(&mut self, office: &Office) {
        for leg in self.party.legs_mut().filter(|leg| leg.is_up()) {
            if let Some(terms) = &mut leg.terms {
                terms.answered(office.up());
            }
        }
    }

    pub fn length_due(&self) -> Option<Uptime> {
        let up = self.party.legs().iter().filter(|leg| leg.is_up());
        up.filter_map(|leg| leg.terms.as_ref()?.due()).min()
    }

    pub fn watch_length(&mut self, office: &mut Office) {
        let now = office.up();
        let up = self.party.legs_mut().filter(|leg| leg.is_up());
        let due: Vec<Due> = up.filter_map(|leg| leg.terms.as_mut()?.what_is_due(now)).collect();
        if due.contains(&Due::End) {
            self.end(&Cause::normal(HangupBy::System), office);
        } else if !due.is_empty() {
            self.warn(office);
        }
    }

    /// A limit ends it: its record says so, and its story which (OUT-60, OUT-65).
    pub fn used_up(&mut self, limit: Limit, office: &mut Office) {
        let step = Step { limit: Some(limit), ..Step::new(Rule::FraudLimit, Found::UsedUp) };
        self.tell_steps([step], office);
        self.end(&Cause::used_up(), office);
    }

    /// A tone to both sides; what they heard before goes on after it.
    pub fn warn(&mut self, office: &mut Office) {
        let side = |leg: &&mut Leg| leg.is_up() && matches!(leg.role, Role::Caller | Role::Called);
        for leg in self.party.legs_mut().filter(side) {
            leg.hear(Source::Play(vec![Sound::Tone(Tone::Beep)]), office);
        }
    }

    /// Figures of this leg came: whether its carrier has sent nothing for too long.
    pub fn misses_sound(&mut self, leg: LegId, office: &Office) -> bool {
        let Some(leg) = self.party.leg(leg).filter(|leg| leg.is_up()) else { return false };
        let figures = leg.figures.clone();
        leg.terms.as_mut().is_some_and(|terms| terms.misses_sound(&figures, office.up()))
    }
}
