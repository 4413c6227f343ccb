//! What a trunk says of the calls over it: codecs, keys, secrecy, silence and length (TRK-75 to TRK-85).

use crate::{
    audio::order::Figures,
    model::trunk::{
        Trunk,
        choice::{Dtmf, Srtp, TrunkCodec},
    },
    sdp::{Codec, Session},
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Both sides hear a tone so long before the end (TRK-85).
const WARN_BEFORE: Duration = Duration::from_secs(60);

/// Of one leg, as they were when it began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Terms {
    codecs: Vec<Codec>,
    pub keys: Dtmf,
    pub secrecy: Srtp,
    /// None: any silence is borne.
    silence: Option<Duration>,
    longest: Duration,
    answered: Option<Uptime>,
    warned: bool,
    /// Packets and reports so far, and when the last of them was seen.
    heard: Option<(u64, Uptime)>,
}

/// What a call over a trunk has to expect now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Warn,
    End,
}

impl Terms {
    pub fn of(trunk: &Trunk) -> Terms {
        let codec = |codec: &TrunkCodec| match codec {
            TrunkCodec::Pcma => Codec::Pcma,
            TrunkCodec::Pcmu => Codec::Pcmu,
            TrunkCodec::G722 => Codec::G722,
        };
        Terms {
            codecs: trunk.codecs.iter().map(codec).collect(),
            keys: trunk.dtmf,
            secrecy: trunk.srtp,
            silence: Some(trunk.rtp_timeout.length()).filter(|length| !length.is_zero()),
            longest: Duration::from_secs(60 * trunk.max_call_minutes.value() as u64),
            answered: None,
            warned: false,
            heard: None,
        }
    }

    /// A description of the carrier, or one for it, without what is not to be used on this trunk.
    pub fn narrowed(&self, mut session: Session) -> Session {
        session.codecs.retain(|choice| self.codecs.contains(&choice.codec));
        if self.keys != Dtmf::Rfc4733 {
            session.telephone_event = None;
        }
        session
    }

    /// The first offer lists the codecs as the trunk does (TRK-75).
    pub fn in_order(&self, mut offer: Session) -> Session {
        offer.codecs.sort_by_key(|choice| self.codecs.iter().position(|codec| *codec == choice.codec));
        offer
    }

    /// From now on its length counts.
    pub fn answered(&mut self, now: Uptime) {
        self.answered.get_or_insert(now);
    }

    /// When something of its length is due.
    pub fn due(&self) -> Option<Uptime> {
        let last = self.answered? + self.longest;
        Some(if self.warned { last } else { Uptime(last.0.saturating_sub(WARN_BEFORE.as_micros() as u64)) })
    }

    /// TRK-85; each is said once.
    pub fn what_is_due(&mut self, now: Uptime) -> Option<Due> {
        let answered = self.answered?;
        if now.since(answered) >= self.longest {
            return Some(Due::End);
        }
        let warns = !self.warned && self.due().is_some_and(|due| due <= now);
        self.warned |= warns;
        warns.then_some(Due::Warn)
    }

    /// Whether an answered call has sent nothing for too long; its reports count as much as its sound (TRK-84).
    pub fn misses_sound(&mut self, figures: &Figures, now: Uptime) -> bool {
        let (Some(_), Some(silence)) = (self.answered, self.silence) else { return false };
        let heard = figures.heard();
        match self.heard {
            Some((before, since)) if before == heard => now.since(since) >= silence,
            Some(_) | None => {
                self.heard = Some((heard, now));
                false
            }
        }
    }
}
