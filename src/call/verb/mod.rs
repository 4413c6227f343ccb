//! What a person does to a call.

pub mod click_to_call;
pub mod digit;
pub mod hang_up;
pub mod hold;
pub mod park;
pub mod pickup;
pub mod record;
mod record_prompt;
pub mod replace;
pub mod supervise;
mod test_call;
pub mod transfer;
pub mod work;
