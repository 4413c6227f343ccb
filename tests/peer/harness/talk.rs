//! Calls that are up: where most tests begin.

use super::{Baresip, Callbox, Client, Lan, Namespace, Phone, Voice, client::Dialog, description, message::Message};
use std::net::SocketAddr;

/// 801 and 802, registered; they speak 440 and 1,000 Hz.
pub fn two_phones(lan: &Lan, office: &Callbox) -> (Baresip, Baresip) {
    (office.phone(lan, "801", Phone::speaking(440.0)), office.phone(lan, "802", Phone::speaking(1000.0)))
}

/// The same after 801 has called 802, which hears it.
#[track_caller]
pub fn two_talk(lan: &Lan, office: &Callbox) -> (Baresip, Baresip) {
    let (mut alice, mut bob) = two_phones(lan, office);
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    (alice, bob)
}

/// The tests' own client as 801, speaking 440 Hz, in a call with 802.
pub struct Caller {
    pub client: Client,
    pub voice: Voice,
    pub dialog: Dialog,
    /// The 200 of the box.
    pub answer: Message,
    /// The box's port for the client's sound.
    pub port: SocketAddr,
    _place: Namespace,
}

impl Caller {
    /// With a phone that speaks 1,000 Hz and hears the client.
    #[track_caller]
    pub fn and_phone(lan: &Lan, office: &Callbox) -> (Caller, Baresip) {
        Caller::offering(lan, office, description::sound_at)
    }

    /// The same with an offer of another kind.
    #[track_caller]
    pub fn offering(lan: &Lan, office: &Callbox, offer: fn(SocketAddr, &str) -> String) -> (Caller, Baresip) {
        let mut bob = office.phone(lan, "802", Phone::speaking(1000.0));
        let place = lan.place();
        let mut client = office.client(&place, 5060, "801");
        let voice = Voice::start(&place, 7000, 440.0);
        let (dialog, answer) = client.call_up("802", &offer(voice.local, "sendrecv"));
        let port = description::sound_of(&answer.body).expect("an address for the sound");
        voice.speak_to(Some(port));
        bob.expect("CALL_ESTABLISHED");
        bob.hears(440.0);
        (Caller { client, voice, dialog, answer, port, _place: place }, bob)
    }

    /// A request of this call; it is not sent yet.
    pub fn inside(&mut self, method: &str, headers: &str, body: &str) -> String {
        self.dialog.cseq += 1;
        self.client.request(method, &self.dialog.target.clone(), &self.dialog, headers, body)
    }

    /// Hangs up; true if the box said 200.
    pub fn bye(mut self) -> bool {
        self.client.bye(&mut self.dialog)
    }
}
