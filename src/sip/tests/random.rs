//! Phones that do anything at any time: every leg ends once, and in the end nothing is left.

use super::*;
use crate::{
    chance::Chance,
    sip::order::{Alert, Lamp, LampId, ReferId},
};
use std::collections::BTreeMap;

const STEPS: usize = 300;
const SEEDS: u64 = 60;

struct Office {
    world: World,
    chance: Chance,
    phones: [Phone; 3],
    talks: Vec<(usize, Talk)>,
    /// Everything that was ever said to the box.
    texts: Vec<(Peer, String)>,
    /// What the box sent and nobody answered yet.
    asked: Vec<(Peer, Message)>,
    legs: Vec<LegId>,
    ended: BTreeMap<LegId, u32>,
    last_leg: u64,
    connection: u64,
}

impl Office {
    fn new(seed: u64) -> Office {
        let phones = [Phone::udp("801"), Phone::tcp("802", 1), Phone::udp("803")];
        let mut office = Office {
            world: World::new(),
            chance: Chance::new(Seed::from(seed)),
            phones,
            talks: Vec::new(),
            texts: Vec::new(),
            asked: Vec::new(),
            legs: Vec::new(),
            ended: BTreeMap::new(),
            last_leg: 0,
            connection: 1,
        };
        for phone in &mut office.phones {
            phone.register(&mut office.world);
        }
        office
    }

    fn step(&mut self) {
        match self.chance.below(20) {
            0 => self.phone_calls(),
            1 => self.box_rings(),
            2..7 => self.order(),
            7..11 => self.reply(),
            11..15 => self.inside(),
            15 => self.said_again(),
            16 => self.mangled(),
            17 => self.moves(),
            _ => {
                let ms = [1, 100, 600, 5_000, 33_000][self.chance.below(5) as usize];
                self.world.pass_ms(ms);
            }
        }
        self.look();
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.chance.below(from.len() as u32) as usize]
    }

    /// Mostly one of the last three, so that something comes of it.
    fn recent(&mut self, length: usize) -> usize {
        let from = if self.chance.below(4) == 0 { length } else { length.min(3) };
        length - 1 - self.chance.below(from as u32) as usize
    }

    fn say(&mut self, peer: Peer, text: String) {
        self.world.hear(peer, &text);
        self.texts.push((peer, text));
    }

    fn phone_calls(&mut self) {
        let who = self.chance.below(3) as usize;
        let extra = self.pick(&[
            "",
            "Supported: 100rel, timer\r\nSession-Expires: 90\r\n",
            "Require: 100rel\r\nAllow: UPDATE\r\n",
            "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n",
        ]);
        let body = if self.chance.below(5) == 0 { String::new() } else { sdp(4000) };
        let phone = &mut self.phones[who];
        let uri = format!("sip:802@{REALM}");
        let contact = format!("Contact: <{}>\r\n{extra}", phone.contact());
        let text = phone.proven(&mut self.world, "INVITE", &uri, &contact, &body);
        let message = Message::parse(text.clone().into_bytes().into()).unwrap();
        let talk = Talk {
            local: message.value(Name::From).unwrap().into(),
            remote: message.value(Name::To).unwrap().into(),
            call_id: message.call_id().into(),
            target: uri,
            invite: text.clone(),
        };
        let peer = phone.peer;
        self.talks.push((who, talk));
        self.say(peer, text);
    }

    fn box_rings(&mut self) {
        let user = self.pick(&["801", "802", "803"]);
        let Some(binding) = self.world.sip.bindings(user).next().map(|binding| binding.id) else { return };
        self.last_leg += 2;
        let leg = LegId(self.last_leg);
        self.legs.push(leg);
        self.world.order(Order::Ring {
            leg,
            binding,
            from: Default::default(),
            alert: Alert::Internal,
            offer: session(6000),
        });
    }

    fn order(&mut self) {
        if self.legs.is_empty() {
            return;
        }
        let at = self.recent(self.legs.len());
        let leg = self.legs[at];
        let port = 6000 + self.chance.below(4) as u16;
        let order = match self.chance.below(14) {
            0 => Order::Progress { leg, code: 180, early: None },
            1 => Order::Progress { leg, code: 183, early: Some(session(port)) },
            2..5 => Order::Answer { leg, session: session(port) },
            5 => Order::Refuse { leg, code: 486, retry_after: Some(5) },
            6 if self.chance.below(3) == 0 => Order::End { leg },
            6..9 => Order::Reoffer { leg, session: session(port) },
            9 | 10 => Order::AcceptChange { leg, session: session(port) },
            11 => Order::RefuseChange { leg, code: 488 },
            12 => Order::ReferResult { refer: ReferId(u64::from(self.chance.below(4))), code: 200 },
            _ => Order::Lamp { lamp: LampId(u64::from(self.chance.below(4))), state: Lamp::Idle },
        };
        self.world.order(order);
    }

    fn reply(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let at = self.chance.below(self.asked.len() as u32) as usize;
        let (peer, request) = self.asked[at].clone();
        let code = self.pick(&[100, 180, 183, 200, 200, 200, 200, 302, 408, 422, 481, 486, 491, 500, 603]);
        let extra = self.pick(&[
            "",
            "Require: 100rel\r\nRSeq: 1\r\n",
            "Session-Expires: 90;refresher=uas\r\n",
            "Min-SE: 900\r\n",
        ]);
        let tag = self.pick(&["p", "p", "q"]);
        let body = if self.chance.below(3) == 0 { String::new() } else { sdp(4000) };
        let text = self.phones[0].reply(&request, code, tag, extra, &body);
        if request.method() == crate::sip::method::Method::Invite && code == 200 {
            let who = self.phones.iter().position(|phone| phone.peer == peer);
            self.talks.extend(who.map(|who| (who, Talk::of_invite(&request, tag))));
        }
        self.say(peer, text);
    }

    fn inside(&mut self) {
        if self.talks.is_empty() {
            return;
        }
        let at = self.recent(self.talks.len());
        let method = self.pick(&[
            "ACK",
            "ACK",
            "BYE",
            "INVITE",
            "UPDATE",
            "INFO",
            "REFER",
            "PRACK",
            "SUBSCRIBE",
            "CANCEL",
            "NOTIFY",
        ]);
        let extra = self.pick(&["", "Refer-To: <sip:803@box>\r\n", "RAck: 1 1 INVITE\r\n", "Event: dialog\r\n"]);
        let body = if self.chance.below(2) == 0 { String::new() } else { sdp(4000 + self.chance.below(3) as u16) };
        let (who, talk) = &self.talks[at];
        let phone = &mut self.phones[*who];
        let cseq = talk.invite.lines().find_map(|line| line.strip_prefix("CSeq: ")?.split(' ').next()?.parse().ok());
        let text = match (method, cseq) {
            ("CANCEL", Some(_)) => {
                let head = talk.invite.split("Authorization").next().unwrap().replace("INVITE", "CANCEL");
                format!("{head}Content-Length: 0\r\n\r\n")
            }
            ("ACK", Some(cseq)) => phone.inside_numbered(talk, "ACK", cseq, "", &body),
            _ => phone.inside(talk, method, extra, &body),
        };
        let peer = phone.peer;
        self.say(peer, text);
    }

    /// The network says it twice, or late.
    fn said_again(&mut self) {
        if !self.texts.is_empty() {
            let at = self.chance.below(self.texts.len() as u32) as usize;
            let (peer, text) = self.texts[at].clone();
            self.world.hear(peer, &text);
        }
    }

    fn mangled(&mut self) {
        let Some((peer, text)) = self.texts.last().cloned() else { return };
        let mut bytes = text.into_bytes();
        for _ in 0..1 + self.chance.below(4) {
            let at = self.chance.below(bytes.len() as u32) as usize;
            bytes[at] = self.chance.u32() as u8;
        }
        self.world.receive(wire::Report::Message { peer, bytes: bytes.into() });
    }

    /// A phone loses its connection or its way, and registers anew.
    fn moves(&mut self) {
        if self.chance.below(2) == 0 {
            let connection = ConnectionId(self.connection);
            self.world.receive(wire::Report::Closed { connection });
            self.connection += 1;
            self.phones[1].peer = Phone::tcp("802", self.connection).peer;
            let contact = format!("Contact: <{}>\r\n", self.phones[1].contact());
            self.phones[1].register_with(&mut self.world, &contact);
        } else {
            self.world.receive(wire::Report::Unreached { peer: self.phones[0].peer });
        }
    }

    /// Takes in what came out.
    fn look(&mut self) {
        for (_, peer, message) in std::mem::take(&mut self.world.sent) {
            match message.code() {
                None => self.asked.push((peer, message)),
                Some(_) => {
                    for (_, talk) in &mut self.talks {
                        if talk.call_id == message.call_id() && message.to().tag().is_some() {
                            talk.heard(&message);
                        }
                    }
                }
            }
        }
        let keep = self.asked.len().saturating_sub(20);
        self.asked.drain(..keep);
        for report in self.world.reports() {
            match report {
                Report::Invited { leg, .. } => self.legs.push(leg),
                Report::Ended { leg, .. } => *self.ended.entry(leg).or_default() += 1,
                other => {
                    let over = other.leg().is_some_and(|leg| self.ended.contains_key(&leg));
                    assert!(!over, "nothing follows an end");
                }
            }
        }
    }

    fn close(&mut self) {
        for leg in self.legs.clone() {
            self.world.order(Order::End { leg });
        }
        self.look();
        self.world.pass(Duration::from_secs(7_300));
        self.look();
    }
}

#[test]
fn whatever_phones_do_every_leg_ends_once_and_nothing_is_left() {
    for seed in 0..SEEDS {
        let mut office = Office::new(seed);
        for _ in 0..STEPS {
            office.step();
        }
        let bytes = postcard::to_stdvec(&office.world.sip).unwrap();
        assert!(postcard::from_bytes::<Sip>(&bytes).is_ok(), "seed {seed}");
        office.close();
        let once: Vec<LegId> = office.ended.iter().filter(|(_, times)| **times == 1).map(|(leg, _)| *leg).collect();
        let mut legs = office.legs.clone();
        legs.sort();
        assert_eq!(once, legs, "seed {seed}");
        let sip = &office.world.sip;
        assert!(sip.legs.is_empty() && sip.tags.is_empty() && sip.came.is_empty(), "seed {seed}: {:?}", sip.legs);
        assert!(sip.referrals.is_empty() && sip.subscriptions.is_empty(), "seed {seed}");
        let open = (sip.transactions.clients.len(), sip.transactions.servers.len(), sip.timers.len());
        assert_eq!(open, (0, 0, 0), "seed {seed}: {:?}", sip.transactions);
    }
}
