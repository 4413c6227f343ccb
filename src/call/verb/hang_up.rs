//! Ending a call from outside: at the panel, or because the process stops.

use crate::{
    call::{cause::Cause, office::Office, one::Call},
    history::call_record::{EndedBy, Ender},
    model::Person,
    schema::{Actor, Id},
};

pub fn hang_up(call: &mut Call, office: &mut Office) {
    call.end(&Cause::hung_up(), office);
}

/// As somebody wants; its record says who.
pub fn hang_up_for(by: &Actor, call: &mut Call, office: &mut Office) {
    let ended_by = ended_by(by, office);
    call.end(&Cause::hung_up_by(Some(ended_by)), office);
}

fn ended_by(by: &Actor, office: &Office) -> EndedBy {
    let name = |person: Person| {
        let names = person.names(&office.tenant).map(|(first, last)| crate::model::agent::full_name(&first, &last));
        let username = person.username(&office.tenant).filter(|_| matches!(person, Person::Agent(_)));
        [username, names].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    match by {
        Actor::Account(id) => EndedBy { who: Ender::Account, name: name(Person::Account(Id(*id))) },
        Actor::Agent(id) => EndedBy { who: Ender::Agent, name: name(Person::Agent(Id(*id))) },
        Actor::Api => EndedBy { who: Ender::Program, name: String::new() },
        Actor::System => EndedBy { who: Ender::Stop, name: String::new() },
    }
}
