//! Every reader and every picture on mutated inputs: no panic, nothing lost, no line too wide.

use super::terminal::Canvas;
use super::{hex_view, json, terminal};
use stuntkey_inspect::recognise::{Kind, recognise};

/// xorshift: the same inputs in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(5) {
            let position = self.below(bytes.len());
            match self.below(4) {
                0 => bytes.truncate(position),
                1 => bytes.insert(position, self.byte()),
                2 => drop(bytes.drain(position..(position + 4).min(bytes.len()))),
                _ => bytes.iter_mut().skip(position).take(1).for_each(|byte| *byte = self.byte()),
            }
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    stuntkey_inspect::text::from_hex(text).unwrap()
}

/// The attestation objects of WebAuthn Level 3, and texts of ours.
fn seeds() -> Vec<Vec<u8>> {
    let vectors = include_str!("../../../../tests/vectors/webauthn-l3-vectors.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let blocks = vectors.as_array().unwrap().iter().flat_map(|section| section["blocks"].as_array().unwrap());
    let mut seeds = Vec::new();
    for name in ["attestationObject", "authenticatorData", "clientDataJSON", "attestation_ca_cert"] {
        seeds.extend(blocks.clone().filter_map(|block| block[name].as_str()).map(hex));
    }
    seeds.push(include_bytes!("../../../../examples/nevis-enroll-response.json").to_vec());
    seeds
}

#[test]
fn mutated_inputs_are_drawn_whole_whatever_they_are_taken_for() {
    let mut random = Random(0x5eed_5eed);
    let rounds = std::env::var("INSPECT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
    for seed in seeds() {
        for round in 0..rounds {
            let mut input = seed.clone();
            random.mutate(&mut input);
            let kinds = Kind::ALL;
            let told = (round % 2 == 0).then(|| kinds[random.below(kinds.len())]);
            let found = recognise(&input, told, &|_| None);
            let canvas = Canvas { width: [40, 80][random.below(2)], color: false };
            for line in terminal::draw(&found.tree, canvas).lines() {
                assert!(line.chars().count() <= canvas.width, "{line}");
            }
            if let Some(bytes) = &found.tree.bytes {
                let view = hex_view::draw(&found.tree, Canvas { width: 80, color: false });
                let view = view.split("\nbytes of ").next().unwrap();
                let shown: usize = view
                    .lines()
                    .skip(1)
                    .map(|line| line[6..54.min(line.len())].split_whitespace().count())
                    .sum();
                assert_eq!(shown, bytes.len(), "{view}");
            }
            let document = json::document(&found, None).unwrap();
            assert!(serde_json::from_str::<serde_json::Value>(&document).is_ok());
        }
    }
}
