//! One leg of a call: a phone, its slot, and what offer and answer agreed.

use super::{office::Office, terms::Terms};
use crate::{
    audio::order as sound,
    audio::order::{Figures, Slot, Source, Srtp, Stream},
    model::trunk::{
        Trunk,
        choice::{Dtmf, Srtp as Secrecy},
    },
    sdp::{self, Agreed, Codec, Direction, LegId, Ours, Session},
    sip::order as sip,
    sip::order::{Alert, BindingId, Shown, TrunkId},
    time::Uptime,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Leg {
    pub id: LegId,
    pub role: Role,
    /// Of the agent whose phone it is.
    pub number: String,
    /// Of somebody outside, as the trunk gives it; an agent's is known.
    pub name: String,
    /// It goes over this trunk, to or from somebody outside.
    pub trunk: Option<TrunkId>,
    /// The agent whose number outside it is (AGT-1).
    pub bound_to: Option<String>,
    /// What that trunk says of its calls.
    pub terms: Option<Terms>,
    pub binding: Option<BindingId>,
    /// How its phone announces the call.
    pub alert: Alert,
    /// Its signalling goes over TLS, so it may use SRTP (DSK-341, DSK-343).
    pub private: bool,
    /// It offers no SRTP although it could: the phone refused it.
    pub plain: bool,
    /// The phone's INVITE, not ours.
    pub came: bool,
    pub phase: Phase,
    pub agreed: Option<Agreed>,
    pub figures: Figures,
    slot: Option<Slot>,
    sound: SoundPhase,
    /// The last description of the phone.
    theirs: Option<Session>,
    /// Our offer that waits for its answer.
    offered: Option<Session>,
    /// Our answer to the first offer, once given.
    answered: Option<Session>,
    hears: Option<Source>,
    ending: bool,
}

/// What a leg is to its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    Caller,
    Called,
    /// One of the devices that ring.
    Rung,
    /// Hears the call of this leg, and may be heard in it (FEA-21 to FEA-23).
    Leader {
        of: LegId,
        heard: HeardBy,
    },
    /// Of the agent who transferred the call: stays until the phone has heard how it went.
    Leaving {
        until: Option<Uptime>,
    },
}

/// Who of a call hears a leader: nobody who only listens, the agent of a whisper, all of a barge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeardBy {
    Nobody,
    Agent,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    Begun,
    Ringing,
    Up,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum SoundPhase {
    None,
    Open,
    /// `Closed` has not come yet.
    Closing,
    Closed,
}

impl Leg {
    fn new(id: LegId, role: Role, number: &str, binding: Option<BindingId>, private: bool) -> Leg {
        Leg {
            id,
            role,
            number: number.to_string(),
            name: String::new(),
            trunk: None,
            bound_to: None,
            terms: None,
            binding,
            alert: Alert::Internal,
            private,
            plain: false,
            came: false,
            phase: Phase::Begun,
            agreed: None,
            figures: Figures::default(),
            slot: None,
            sound: SoundPhase::None,
            theirs: None,
            offered: None,
            answered: None,
            hears: None,
            ending: false,
        }
    }

    /// Of an INVITE that came.
    pub fn came(
        id: LegId,
        role: Role,
        number: &str,
        binding: Option<BindingId>,
        private: bool,
        offer: Option<Session>,
    ) -> Leg {
        Leg { came: true, theirs: offer, ..Leg::new(id, role, number, binding, private) }
    }

    /// Of an INVITE that is to be sent to a device.
    pub fn rung(id: LegId, agent: &str, binding: BindingId, private: bool) -> Leg {
        Leg::new(id, Role::Rung, agent, Some(binding), private)
    }

    /// Of an INVITE that is to be sent to a trunk.
    pub fn dialed(id: LegId, number: &str, trunk: TrunkId) -> Leg {
        Leg { trunk: Some(trunk), ..Leg::new(id, Role::Rung, number, None, false) }
    }

    /// Its trunk says how it speaks.
    pub fn on_terms(mut self, trunk: &Trunk) -> Leg {
        let terms = Terms::of(trunk);
        self.private = terms.secrecy != Secrecy::Off;
        self.theirs = self.theirs.map(|theirs| terms.narrowed(theirs));
        self.terms = Some(terms);
        self
    }

    /// The agent whose phone it is.
    pub fn agent(&self) -> Option<&str> {
        self.trunk.is_none().then_some(&*self.number)
    }

    /// The agent who is there, at a phone or at a number outside (AGT-1).
    pub fn staff(&self) -> Option<&str> {
        self.agent().or(self.bound_to.as_deref())
    }

    /// As others are shown it.
    pub fn shown(&self, office: &Office) -> Shown {
        let name = if self.trunk.is_some() { self.name.clone() } else { office.name(&self.number) };
        Shown { number: self.number.clone(), name }
    }

    pub fn deck(&self) -> Option<u8> {
        self.slot.map(|slot| slot.deck)
    }

    pub fn is_up(&self) -> bool {
        self.phase == Phase::Up && !self.ending
    }

    pub fn is_live(&self) -> bool {
        self.phase != Phase::Ended && !self.ending
    }

    /// Nothing more comes of it, neither of signalling nor of sound.
    pub fn is_gone(&self) -> bool {
        self.phase == Phase::Ended && matches!(self.sound, SoundPhase::None | SoundPhase::Closed)
    }

    pub fn is_silent(&self) -> bool {
        matches!(self.sound, SoundPhase::None | SoundPhase::Closed)
    }

    pub fn is_encrypted(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| agreed.keys.is_some())
    }

    /// The phone does not want to hear: it holds the call (DSK-347).
    pub fn holds(&self) -> bool {
        self.is_up() && self.agreed.as_ref().is_some_and(|agreed| !agreed.direction.sends())
    }

    /// What it speaks now, then what else its phone can.
    pub fn codecs(&self) -> Vec<Codec> {
        let now = self.agreed.iter().map(|agreed| agreed.send.codec);
        let can = self.theirs.iter().flat_map(|theirs| theirs.codecs.iter().map(|choice| choice.codec));
        let mut codecs: Vec<Codec> = Vec::new();
        for codec in now.chain(can) {
            if !codecs.contains(&codec) {
                codecs.push(codec);
            }
        }
        codecs
    }

    pub fn codec(&self) -> Option<Codec> {
        self.agreed.as_ref().map(|agreed| agreed.send.codec)
    }

    /// Takes a slot, on this deck if it can be. False: there is none left.
    pub fn open(&mut self, deck: Option<u8>, office: &mut Office) -> bool {
        let Some(slot) = office.stock.take(deck) else { return false };
        self.slot = Some(slot);
        self.sound = SoundPhase::Open;
        office.sound(sound::Order::Open { leg: self.id, slot });
        true
    }

    /// Whether its offer can be answered at all; the code of the refusal if not.
    pub fn fits(&self) -> Result<(), u16> {
        let Some(theirs) = &self.theirs else { return Ok(()) };
        self.agree(theirs, None).map(|_| ()).map_err(|fault| fault.code())
    }

    /// Sends an INVITE that offers first what the other leg speaks.
    pub fn ring(&mut self, from: Shown, first: &[Codec], office: &mut Office) {
        let binding = self.binding.expect("a leg that we send goes to a device");
        let offer = sdp::offer(&self.ours(None), first, &[]);
        self.offered = Some(offer.clone());
        office.sip(sip::Order::Ring { leg: self.id, binding, from, alert: self.alert, offer });
    }

    /// Sends an INVITE to its trunk.
    pub fn dial(&mut self, number: &str, from: Shown, max_forwards: Option<u8>, first: &[Codec], office: &mut Office) {
        let trunk = self.trunk.expect("a leg that is dialed goes to a trunk");
        let offer = self.narrowed(sdp::offer(&self.ours(None), first, &[]));
        let offer = self.terms.as_ref().map_or(offer.clone(), |terms| terms.in_order(offer));
        self.offered = Some(offer.clone());
        let (leg, number) = (self.id, number.to_owned());
        office.sip(sip::Order::Dial { leg, trunk, number, from, withheld: false, max_forwards, offer });
    }

    /// Says once that somebody rings.
    pub fn progress(&mut self, office: &mut Office) {
        if self.phase >= Phase::Ringing {
            return;
        }
        self.phase = Phase::Ringing;
        office.sip(sip::Order::Progress { leg: self.id, code: 180, early: None });
    }

    /// Sound before the answer; false where the phone has not said yet what it can take.
    pub fn early(&mut self, prefer: Option<Codec>, office: &mut Office) -> bool {
        if self.theirs.is_none() || self.slot.is_none() {
            return false;
        }
        let Some(session) = self.describe(prefer) else { return false };
        office.sip(sip::Order::Progress { leg: self.id, code: 183, early: Some(session) });
        self.set(true, office);
        true
    }

    pub fn answer(&mut self, prefer: Option<Codec>, office: &mut Office) -> bool {
        let early = self.answered.is_some();
        let Some(session) = self.describe(prefer) else { return false };
        self.phase = Phase::Up;
        office.sip(sip::Order::Answer { leg: self.id, session });
        if !early {
            self.set(true, office);
        }
        true
    }

    /// Reads the answer to our offer, wherever it came. False: it does not fit.
    pub fn take_answer(&mut self, session: Session, office: &mut Office) -> bool {
        // A 200 may repeat the description of a 183, whose offer is answered already (RFC 3261 section 13.2.1).
        let Some(offer) = self.offered.take() else { return self.agreed.is_some() };
        let session = self.narrowed(session);
        let Ok(agreed) = sdp::accept(&offer, &session) else { return false };
        let relearn = self.agreed.as_ref().is_none_or(|before| differs(before, &agreed));
        self.theirs = Some(session);
        self.agreed = Some(agreed);
        self.set(relearn, office);
        true
    }

    /// Early sound leaves the offer open, as the 200 may say another thing.
    pub fn take_early(&mut self, session: Session, office: &mut Office) -> bool {
        let offer = self.offered.clone();
        let fits = self.take_answer(session, office);
        self.offered = offer;
        fits
    }

    /// Answers what the phone wants changed; `other` is what the other leg speaks.
    pub fn change(&mut self, offer: Option<Session>, other: Option<Codec>, office: &mut Office) {
        let Some(theirs) = offer else {
            let offer = self.offer_again(&self.codecs());
            office.sip(sip::Order::AcceptChange { leg: self.id, session: offer });
            return;
        };
        let prefer = other.or(self.codec());
        let theirs = self.narrowed(theirs);
        match self.agree(&theirs, prefer) {
            Ok((session, agreed)) => {
                let relearn = self.agreed.as_ref().is_none_or(|before| differs(before, &agreed));
                office.sip(sip::Order::AcceptChange { leg: self.id, session });
                self.theirs = Some(theirs);
                self.agreed = Some(agreed);
                self.set(relearn, office);
            }
            Err(fault) => office.sip(sip::Order::RefuseChange { leg: self.id, code: fault.code() }),
        }
    }

    /// Asks the phone again, so that both sides speak one codec (TRK-76).
    pub fn reoffer(&mut self, first: &[Codec], office: &mut Office) {
        let session = self.offer_again(first);
        office.sip(sip::Order::Reoffer { leg: self.id, session });
    }

    pub fn change_refused(&mut self) {
        self.offered = None;
    }

    pub fn hear(&mut self, source: Source, office: &mut Office) {
        let can = self.sound == SoundPhase::Open && self.agreed.is_some();
        if can && self.hears.as_ref() != Some(&source) {
            office.sound(sound::Order::Hear { leg: self.id, source: source.clone() });
            self.hears = Some(source);
        }
    }

    pub fn digit(&self, digit: char, ms: u16, office: &mut Office) {
        if self.takes_messages() {
            office.sip(sip::Order::Digit { leg: self.id, digit, ms });
        } else if self.sound == SoundPhase::Open && self.agreed.is_some() {
            office.sound(sound::Order::Digit { leg: self.id, digit, ms });
        }
    }

    /// Keys go to its carrier as messages, and none is in its sound (TRK-78).
    pub fn takes_messages(&self) -> bool {
        self.terms.as_ref().is_some_and(|terms| terms.keys == Dtmf::Info)
    }

    /// A final refusal of a leg that came and is not answered.
    pub fn refuse(&mut self, code: u16, retry_after: Option<u32>, office: &mut Office) {
        if self.is_live() {
            self.ending = true;
            office.sip(sip::Order::Refuse { leg: self.id, code, retry_after });
        }
        self.close(office);
    }

    pub fn end(&mut self, office: &mut Office) {
        if self.is_live() {
            self.ending = true;
            office.sip(sip::Order::End { leg: self.id });
        }
        self.close(office);
    }

    /// `Ended` came.
    pub fn ended(&mut self, office: &mut Office) {
        if let Some(trunk) = self.trunk.filter(|_| self.phase != Phase::Ended) {
            office.ways.left_line(trunk);
        }
        self.phase = Phase::Ended;
        self.close(office);
    }

    /// `Closed` came.
    pub fn closed(&mut self) {
        self.sound = SoundPhase::Closed;
    }

    fn close(&mut self, office: &mut Office) {
        if self.sound == SoundPhase::Open {
            self.sound = SoundPhase::Closing;
            office.sound(sound::Order::Close { leg: self.id });
        }
    }

    fn describe(&mut self, prefer: Option<Codec>) -> Option<Session> {
        if let Some(given) = &self.answered {
            return Some(given.clone());
        }
        let Some(theirs) = &self.theirs else {
            let first: Vec<Codec> = prefer.into_iter().collect();
            return Some(self.offer_again(&first));
        };
        let (session, agreed) = self.agree(theirs, prefer).ok()?;
        self.agreed = Some(agreed);
        self.answered = Some(session.clone());
        Some(session)
    }

    /// A new offer in this dialog: the lines and the telephone-event number stay (RFC 3264 section 8).
    fn offer_again(&mut self, first: &[Codec]) -> Session {
        let media = self.theirs.as_ref().map(|theirs| theirs.media.clone()).unwrap_or_default();
        let mut offer = self.narrowed(sdp::offer(&self.ours(None), first, &media));
        if let Some(before) = &self.agreed {
            offer.telephone_event = before.event_take.or(offer.telephone_event);
            if before.keys.is_none() {
                (offer.secure, offer.crypto) = (false, Vec::new());
            }
        }
        self.offered = Some(offer.clone());
        offer
    }

    /// Our answer to theirs. Where the trunk wants SRTP, nothing is agreed without (TRK-81).
    fn agree(&self, theirs: &Session, prefer: Option<Codec>) -> Result<(Session, Agreed), sdp::Fault> {
        let (session, agreed) = sdp::answer(theirs, &self.ours(prefer))?;
        let open = agreed.keys.is_none() && self.terms.as_ref().is_some_and(|terms| terms.secrecy == Secrecy::Required);
        if open { Err(sdp::Fault::NoCommonSuite) } else { Ok((session, agreed)) }
    }

    fn narrowed(&self, session: Session) -> Session {
        self.terms.as_ref().map_or(session.clone(), |terms| terms.narrowed(session))
    }

    fn ours(&self, prefer: Option<Codec>) -> Ours {
        let key = self.slot.map(|slot| slot.key).unwrap_or(sdp::SrtpKey([0; 30]));
        Ours {
            address: None,
            port: self.slot.map_or(0, |slot| slot.port),
            key: (self.private && !self.plain).then_some(key),
            prefer,
            direction: Direction::SendRecv,
        }
    }

    fn set(&mut self, relearn: bool, office: &mut Office) {
        let Some(agreed) = self.agreed.as_ref().filter(|_| self.sound == SoundPhase::Open) else { return };
        let stream = Stream { keys_elsewhere: self.takes_messages(), ..stream(agreed) };
        office.sound(sound::Order::Set { leg: self.id, stream, relearn });
    }
}

/// Whether sound may come from elsewhere than before (BOX-47): another address or key, or it was silent.
fn differs(before: &Agreed, after: &Agreed) -> bool {
    let resumed = after.direction.receives() && !before.direction.receives();
    before.remote != after.remote || before.keys != after.keys || resumed
}

fn stream(agreed: &Agreed) -> Stream {
    Stream {
        remote: agreed.remote,
        send: agreed.send,
        take: agreed.take.clone(),
        event_send: agreed.event_send,
        event_take: agreed.event_take,
        keys_elsewhere: false,
        ptime_ms: agreed.ptime_ms,
        hears: agreed.direction.sends(),
        speaks: agreed.direction.receives(),
        srtp: agreed.keys.map(|keys| Srtp { suite: keys.suite, ours: keys.ours, theirs: keys.theirs }),
    }
}
