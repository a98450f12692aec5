//! Every command of an authenticator that has everything, as the bytes say: who has what for it gets in, and nobody else.
//!
//! `world` has what holds for every command, `platform` the other side of PINs and tokens, `ceremonies` and `management` the
//! commands.

mod ceremonies;
mod management;
mod platform;
mod world;

use stuntkey::authenticator::Answer;
use stuntkey::ctap2::{Command, Status};

use world::World;

/// What the user does; mostly what is asked.
const ANSWERS: [Answer; 8] = [
    Answer::Verified,
    Answer::Verified,
    Answer::Verified,
    Answer::Verified,
    Answer::Verified,
    Answer::Present,
    Answer::Denied,
    Answer::NoAnswer,
];
/// How time passes, in milliseconds: a token waits 30 seconds for its first use, and lives 10 minutes.
const STEPS: [u64; 8] = [1, 1_000, 9_000, 20_000, 29_999, 30_001, 570_000, 600_001];

/// Choices, each a byte; zero where there are no more.
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    fn next(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    fn index(&mut self, length: usize) -> usize {
        usize::from(self.next()) % length
    }

    fn bytes(&mut self) -> &'a [u8] {
        let length = usize::from(self.next()).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }
}

/// Commands, each a byte that says which, a byte that says on which channel and what the user does, and its choices.
pub fn ctap_commands(data: &[u8]) {
    let mut world = World::new();
    let mut choices = Choices(data);
    while !choices.0.is_empty() {
        let (operation, how) = (choices.next(), choices.next());
        world.channel = 1 + u32::from(how & 1);
        world.user_does(ANSWERS[usize::from(how >> 1) % ANSWERS.len()]);
        match operation % 18 {
            0 => world.set_pin(&mut choices),
            1 => world.change_pin(&mut choices),
            2 | 3 => world.token_by_pin(&mut choices),
            4 => world.token_by_uv(&mut choices),
            5 => world.make_credential(&mut choices),
            6 | 7 => world.get_assertion(&mut choices),
            8 => world.get_next_assertion(),
            9 | 10 => world.manage_credentials(&mut choices),
            11 => world.manage_fingers(&mut choices),
            12 => world.large_blobs(&mut choices),
            13 => world.configure(&mut choices),
            14 => world.u2f(&mut choices),
            15 => world.pass(STEPS[choices.index(STEPS.len())]),
            16 => match choices.next() % 8 {
                0 => world.power_cycle(),
                1 => world.reset(),
                2 => drop(world.exchange(&[Command::Selection.number()])),
                3 => drop(world.exchange(&[Command::GetInfo.number()])),
                _ => world.enrol(),
            },
            _ => {
                let raw = choices.bytes();
                let reset = raw == [Command::Reset.number()];
                let outcome = world.exchange(raw);
                // What it began was begun without a token.
                if outcome.is_ok() {
                    world.begun.insert(world.channel, None);
                }
                if reset && outcome.is_ok() {
                    world.was_reset();
                }
            }
        }
        assert_eq!(world.look().pin_is_set, world.pin.is_some());
    }
}

/// The status of an outcome.
fn status<T>(outcome: &Result<T, Status>) -> Status {
    outcome.as_ref().err().copied().unwrap_or(Status::Ok)
}
