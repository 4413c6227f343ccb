//! A call over one trunk alone that says a sentence, as the proof that the line works (TRK-20).

use crate::{
    call::{
        Calls,
        command::{Answer, NotDone},
        one::Call,
        record::{self, Opening},
        speech::phrase,
        way_out::{How, Made},
    },
    history::call_record::{CallRecord, CallType},
    model::Trunk,
    schema::Id,
    sip::order::{Shown, TrunkId},
};

impl Calls {
    pub(in crate::call) fn test_call(&mut self, trunk: TrunkId, number: &str) -> Result<Answer, NotDone> {
        self.office.tenant.table::<Trunk>().row(Id(trunk.0)).ok_or(NotDone::NoSuchRow)?;
        if self.limit.refuses(self.up(), &self.office) {
            return Err(NotDone::CallLimit);
        }
        let opening = Opening { caller: "", dialed: number, after: None };
        let record = CallRecord { call_type: CallType::VoiceNotice, ..record::open(opening, &mut self.office) };
        let mut call = Call::without_caller(record, number, Shown::default(), &self.office);
        call.made = Some(Made { how: How::VoiceNotice, campaign: None, caller_id: None, trunk: Some(trunk) });
        let says = vec![phrase(self.office.preferences().language, "test_call")];
        call.give_notice(number, says, &mut self.office)?;
        let call_id = call.record.call_id.clone();
        self.add(call);
        Ok(Answer::Called { call_id })
    }
}
