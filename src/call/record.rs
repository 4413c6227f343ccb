//! The record of a call, from its beginning to its end (CDR rows).

use super::{
    cause::{Cause, FAULT},
    leg::Leg,
    office::Office,
};
use crate::{
    audio::order::Figures,
    history::call_record::{
        CallOutcome, CallRecord, CallType, HangupBy, HangupReason, SideSound, TransferType, calendar,
    },
    model::{Campaign, Package, Trunk},
    schema::{Id, Tenant},
    sdp::Codec,
    sip::order::Shown,
    time::Timestamp,
};

/// CDR-55.
const KEYS_MAX: usize = 128;

/// What a record is opened with.
pub struct Opening<'a> {
    pub caller: &'a str,
    pub dialed: &'a str,
    /// The call that was transferred, how, and by whom (CDR-41, CDR-44).
    pub after: Option<(&'a CallRecord, TransferType, &'a str)>,
}

/// What a record of a call from outside is opened with.
pub struct Inbound {
    /// As the trunk delivered it.
    pub caller: Shown,
    pub access_number: String,
    pub original_access_number: String,
    pub did_name: String,
    pub trunk: Id,
    pub package: Option<Id>,
}

pub fn open_inbound(inbound: Inbound, office: &mut Office) -> CallRecord {
    let record = open(Opening { caller: "", dialed: "", after: None }, office);
    CallRecord {
        call_type: CallType::Inbound,
        original_caller_number: inbound.caller.number.clone(),
        original_caller_name: inbound.caller.name.clone(),
        actual_caller_number: inbound.caller.number,
        actual_caller_name: inbound.caller.name,
        access_number: inbound.access_number,
        original_access_number: inbound.original_access_number,
        did_name: inbound.did_name,
        trunk: Some(inbound.trunk),
        trunk_name: Trunk::name_of(&office.tenant, inbound.trunk),
        package: inbound.package,
        ..record
    }
}

/// As it would be closed by a power cut now (CDR-1 reading).
pub fn open(opening: Opening, office: &mut Office) -> CallRecord {
    let (weekday, call_hour, is_holiday) = calendar(office.wall(), &office.tenant);
    let (parent, transfer_type, transferred_from) = match opening.after {
        Some((parent, how, by)) => (Some(parent.call_id.clone()), how, by.to_string()),
        None => (None, TransferType::None, String::new()),
    };
    let transferred = opening.after.filter(|(_, how, _)| *how != TransferType::None);
    let of_parent =
        |field: fn(&CallRecord) -> &String| transferred.map(|(parent, ..)| field(parent).clone()).unwrap_or_default();
    CallRecord {
        call_id: office.call_id(),
        parent_call_id: parent,
        call_type: opening.after.map_or(CallType::Internal, |(parent, ..)| parent.call_type),
        call_outcome: CallOutcome::Failed,
        transfer_type,
        transferred_from,
        // A customer who was transferred has no agent until one answers.
        agent_number: if office.is_agent(opening.caller) { opening.caller.to_string() } else { String::new() },
        agent_name: office.name(opening.caller),
        department_name: office.department_name(opening.caller),
        department: office.department_of(opening.caller).map(|row| row.id()),
        group_number: of_parent(|parent| &parent.group_number),
        campaign_name: of_parent(|parent| &parent.campaign_name),
        campaign: transferred.and_then(|(parent, ..)| parent.campaign),
        package: transferred
            .map_or_else(|| Package::usual(&office.tenant).map(|package| package.id()), |(parent, ..)| parent.package),
        weekday,
        is_holiday,
        call_hour,
        original_caller_number: opening.caller.to_string(),
        original_caller_name: office.name(opening.caller),
        actual_caller_number: opening.caller.to_string(),
        actual_caller_name: office.name(opening.caller),
        original_called_number: opening.dialed.to_string(),
        actual_called_number: String::new(),
        access_number: of_parent(|parent| &parent.access_number),
        original_access_number: of_parent(|parent| &parent.original_access_number),
        did_name: of_parent(|parent| &parent.did_name),
        trunk: transferred.and_then(|(parent, ..)| parent.trunk),
        trunk_name: of_parent(|parent| &parent.trunk_name),
        customer_keys: String::new(),
        custom_content: of_parent(|parent| &parent.custom_content),
        caller_region: String::new(),
        called_region: String::new(),
        started_at: office.wall(),
        answered_at: None,
        ended_at: None,
        talk_seconds: 0,
        billed_seconds: 0,
        did_billed_seconds: 0,
        total_seconds: 0,
        hangup_reason: HangupReason::CallFailed,
        hangup_by: HangupBy::System,
        ended_by: None,
        sip_code: "L500".into(),
        hold_count: 0,
        hold_seconds: 0,
        server_name: office.settings().name.to_string(),
        remark: String::new(),
        recording: None,
        sound: Vec::new(),
        attempts: Vec::new(),
        places: Vec::new(),
    }
}

/// Of a call by which something is done to another (CDR-71, CDR-74 reading).
pub fn open_beside(parent: &CallRecord, what: CallType, by: &str, dialed: &str, office: &mut Office) -> CallRecord {
    let record = open(Opening { caller: by, dialed, after: Some((parent, TransferType::None, "")) }, office);
    CallRecord { call_type: what, ..record }
}

/// The same, answered at once (CDR-71, CDR-74 reading).
pub fn beside(parent: &CallRecord, what: CallType, by: &str, dialed: &str, office: &mut Office) -> CallRecord {
    let mut record = open_beside(parent, what, by, dialed, office);
    let at = office.wall();
    answered(&mut record, dialed, at);
    close(&mut record, &Cause::normal(HangupBy::System), at);
    record
}

/// A call of a campaign is one of its group and package (CDR-3 reading, CDR-12, CDR-16).
pub fn of_campaign(record: &mut CallRecord, campaign: Id, tenant: &Tenant) {
    let Some(campaign) = tenant.table::<Campaign>().row(campaign) else { return };
    record.campaign_name = campaign.value.name.to_string();
    record.campaign = Some(campaign.id());
    record.package = Some(campaign.value.package.id);
    let group = campaign.value.agent_group.row(tenant);
    record.group_number = group.map(|group| group.value.group_number.to_string()).unwrap_or_default();
}

/// The agent of the call, from now on (CDR-13 to CDR-15).
pub fn of_agent(record: &mut CallRecord, number: &str, office: &Office) {
    record.agent_number = number.to_string();
    record.agent_name = office.name(number);
    record.department_name = office.department_name(number);
    record.department = office.department_of(number).map(|row| row.id());
}

/// CDR-42: it rang, so at worst nobody answered.
pub fn rang(record: &mut CallRecord) {
    if record.answered_at.is_none() {
        record.call_outcome = CallOutcome::NotAnswered;
    }
}

/// CDR-33, CDR-76.
pub fn answered(record: &mut CallRecord, called: &str, at: Timestamp) {
    record.actual_called_number = called.to_string();
    record.answered_at = Some(at);
    record.call_outcome = CallOutcome::Answered;
    record.hangup_reason = HangupReason::Normal;
}

/// Keys of one prompt.
pub fn pressed(record: &mut CallRecord, keys: &str) {
    let all = &mut record.customer_keys;
    if !keys.is_empty() && all.len() + 1 + keys.len() <= KEYS_MAX {
        let between = if all.is_empty() { "" } else { " " };
        all.push_str(between);
        all.push_str(keys);
    }
}

pub fn close(record: &mut CallRecord, cause: &Cause, at: Timestamp) {
    let talked = record.answered_at.map_or(0, |answered| at.seconds_since(answered));
    record.ended_at = Some(at);
    record.total_seconds = at.seconds_since(record.started_at);
    record.talk_seconds = talked;
    // CDR-30: nobody is billed for a call that came in or stayed inside.
    if record.call_type.goes_out() {
        record.billed_seconds = talked;
    }
    record.hangup_by = cause.by;
    record.ended_by.clone_from(&cause.ended_by);
    record.sip_code = cause.record_code.clone();
    if record.answered_at.is_none() {
        record.hangup_reason = cause.reason;
    } else if cause.code != 200 && cause.record_code != FAULT {
        // Ended by the box for a reason of its own: the call itself was fine.
        record.sip_code = "200".into();
    }
}

pub fn side(leg: &Leg, tenant: &Tenant) -> SideSound {
    let Figures { codec, packets_received, packets_sent, lost, lost_there, jitter_ms, round_trip_ms, mos, .. } =
        leg.figures.clone();
    let trunk = leg.trunk.map(|trunk| Id(trunk.0));
    SideSound {
        number: leg.number.clone(),
        trunk,
        trunk_name: trunk.map(|trunk| Trunk::name_of(tenant, trunk)).unwrap_or_default(),
        codec: codec.map_or("", Codec::name).to_owned(),
        encrypted: leg.is_encrypted(),
        packets_received,
        packets_sent,
        lost,
        lost_there,
        jitter_ms,
        round_trip_ms,
        mos,
        one_way: (packets_received == 0) != (packets_sent == 0),
        silent: leg.figures.silent,
    }
}

/// The time of day was set.
pub fn date_anew(record: &mut CallRecord, by_ms: i64, office: &Office) {
    record.date_anew(by_ms, &office.tenant);
}
