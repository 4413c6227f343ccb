//! Digits that a leg is sent: they wait their turn, and each goes out as an event or as tones.

use super::{
    dtmf::{Chord, Event, Press, code},
    outgoing::TICKS_PER_MS,
};

/// Digits that may wait for one leg; more are left out.
const WAITING_MAX: usize = 32;
/// One step of the deck.
const STEP_MS: u16 = 20;
/// The shortest and the longest press that is sent.
const PRESS_MS: std::ops::RangeInclusive<u16> = 80..=6000;
/// The last packet of an event goes out so often (RFC 4733 section 2.5.1.4).
const ENDS: u8 = 3;
/// Silence between two presses.
const PAUSE_MS: u16 = 60;

#[derive(Debug, Default)]
pub struct Keypad {
    waiting: heapless::Deque<Press, WAITING_MAX>,
    now: Option<Sending>,
}

#[derive(Debug)]
enum Sending {
    Event {
        code: u8,
        ms: u16,
        sent_ms: u16,
        ends: u8,
    },
    /// `samples`: those of a step, which tell the rate of the chord.
    Tone {
        chord: Chord,
        samples: usize,
        left_ms: u16,
    },
    Pause {
        left_ms: u16,
    },
}

/// What goes out in one step.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A packet of an event; `first` begins one.
    Event {
        event: Event,
        first: bool,
    },
    /// Samples, filled in.
    Sound,
    Nothing,
}

impl Keypad {
    /// False if the digit is none or too many wait.
    pub fn press(&mut self, press: Press) -> bool {
        let ms = press.ms.clamp(*PRESS_MS.start(), *PRESS_MS.end());
        code(press.digit).is_some() && self.waiting.push_back(Press { ms, ..press }).is_ok()
    }

    /// A digit goes out or waits, so that nothing else does.
    pub fn busy(&self) -> bool {
        self.now.is_some() || !self.waiting.is_empty()
    }

    /// Nothing goes out any more, and nothing waits.
    pub fn clear(&mut self) {
        *self = Keypad::default();
    }

    /// The next 20 ms. `events`: the leg takes events; else `samples`, 20 ms at the rate of its codec, are filled.
    /// What began in a way that is no longer agreed ends there, so that the digit is not told twice.
    pub fn step(&mut self, events: bool, samples: &mut [i16]) -> Step {
        if self.now.as_ref().is_some_and(|now| !now.fits(events, samples.len())) {
            self.now = Some(Sending::Pause { left_ms: PAUSE_MS });
        }
        if self.now.is_none() {
            self.now = self.waiting.pop_front().and_then(|press| begin(press, events, samples.len()));
        }
        let Some(now) = &mut self.now else { return Step::Nothing };
        let (step, over) = now.step(samples);
        if over {
            self.now = match now {
                Sending::Pause { .. } => None,
                _ => Some(Sending::Pause { left_ms: PAUSE_MS }),
            };
        }
        step
    }
}

fn begin(press: Press, events: bool, samples: usize) -> Option<Sending> {
    if events {
        return code(press.digit).map(|code| Sending::Event { code, ms: press.ms, sent_ms: 0, ends: 0 });
    }
    let rate = samples / usize::from(STEP_MS);
    Chord::new(press.digit, rate).map(|chord| Sending::Tone { chord, samples, left_ms: press.ms })
}

impl Sending {
    fn fits(&self, events: bool, length: usize) -> bool {
        match self {
            Sending::Event { .. } => events,
            Sending::Tone { samples, .. } => *samples == length,
            Sending::Pause { .. } => true,
        }
    }

    /// What goes out, and whether that was the last of it.
    fn step(&mut self, samples: &mut [i16]) -> (Step, bool) {
        match self {
            Sending::Event { code, ms, sent_ms, ends } => {
                let first = *sent_ms == 0;
                *sent_ms = (*sent_ms + STEP_MS).min(*ms);
                let end = sent_ms == ms;
                *ends += u8::from(end);
                let duration = *sent_ms * TICKS_PER_MS as u16;
                (Step::Event { event: Event { code: *code, end, duration }, first }, *ends == ENDS)
            }
            Sending::Tone { chord, left_ms, .. } => {
                chord.fill(samples);
                *left_ms = left_ms.saturating_sub(STEP_MS);
                (Step::Sound, *left_ms == 0)
            }
            Sending::Pause { left_ms } => {
                samples.fill(0);
                *left_ms = left_ms.saturating_sub(STEP_MS);
                (Step::Nothing, *left_ms == 0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(keypad: &mut Keypad, events: bool) -> Vec<Step> {
        let mut samples = [0; 160];
        let mut steps = Vec::new();
        while keypad.busy() {
            steps.push(keypad.step(events, &mut samples));
        }
        steps
    }

    /// RFC 4733 section 2.5.1: growing durations, the end three times, a pause before the next.
    #[test]
    fn a_digit_goes_out_as_an_event() {
        let mut keypad = Keypad::default();
        assert!(keypad.press(Press { digit: '#', ms: 100 }));
        let event = |ticks, end| Event { code: 11, end, duration: ticks };
        let expected: Vec<Step> =
            [(160, false), (320, false), (480, false), (640, false), (800, true), (800, true), (800, true)]
                .iter()
                .enumerate()
                .map(|(at, &(ticks, end))| Step::Event { event: event(ticks, end), first: at == 0 })
                .chain([Step::Nothing, Step::Nothing, Step::Nothing])
                .collect();
        assert_eq!(steps(&mut keypad, true), expected);
    }

    #[test]
    fn a_digit_goes_out_as_tones_where_no_event_is_taken() {
        let mut keypad = Keypad::default();
        keypad.press(Press { digit: '1', ms: 10 });
        keypad.press(Press { digit: '2', ms: 100 });
        let sounds: Vec<bool> = steps(&mut keypad, false).iter().map(|step| *step == Step::Sound).collect();
        let expected = [vec![true; 4], vec![false; 3], vec![true; 5], vec![false; 3]].concat();
        assert_eq!(sounds, expected);
    }

    /// A new agreement in the middle of a press: neither an event without a payload type nor a tone of another pitch.
    #[test]
    fn a_press_ends_where_its_way_does() {
        let mut keypad = Keypad::default();
        for digit in ['1', '2', '3'] {
            keypad.press(Press { digit, ms: 100 });
        }
        let (mut narrow, mut wide) = ([0; 160], [0; 320]);
        assert!(matches!(keypad.step(true, &mut narrow), Step::Event { first: true, .. }));
        let pause = [(); 3].map(|()| keypad.step(false, &mut narrow));
        assert_eq!(pause, [Step::Nothing, Step::Nothing, Step::Nothing]);
        assert_eq!(keypad.step(false, &mut narrow), Step::Sound);
        assert_eq!(keypad.step(false, &mut wide), Step::Nothing);
        keypad.clear();
        assert!(!keypad.busy());
    }

    #[test]
    fn what_is_no_digit_and_what_is_too_much_is_left_out() {
        let mut keypad = Keypad::default();
        assert!(!keypad.press(Press { digit: 'x', ms: 100 }));
        let taken = (0..40).filter(|_| keypad.press(Press { digit: '1', ms: 100 })).count();
        assert_eq!(taken, WAITING_MAX);
    }
}
