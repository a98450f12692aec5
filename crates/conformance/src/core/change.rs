//! What a case changed: the request that decided it beside a sound one of the same kind, member by member.

use serde::{Deserialize, Serialize};

use super::exchange::{Exchange, Role};
use super::report::text::{clip, count};

/// How many changes are kept.
const MOST_CHANGES: usize = 40;
/// How many characters are shown before and after those that differ.
const AROUND: usize = 24;
/// How many characters that differ are shown.
const MOST_DIFFERENT: usize = 200;

/// A request that decided a case beside a sound one of the same kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contrast {
    /// The place among the case's exchanges of the sound request; `None` if it is that of the ceremonies at the beginning of
    /// the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<usize>,
    /// The place of the request that decided the case.
    pub sent: usize,
    /// The members that differ: first those that tell the two requests apart, then those that differ in any two.
    pub changes: Vec<Change>,
}

/// A member that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// Where it stands, with what is encoded taken apart: `response.clientDataJSON.origin`.
    pub member: String,
    /// Its value in the sound request; `None` if it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
    /// Its value in the other one; `None` if it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    /// Whether it differs in any two requests, as keys and signatures do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub varies: bool,
}

/// A member of a request's body, with what is encoded taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The names on the way to it.
    pub(crate) path: Vec<String>,
    pub(crate) value: String,
    pub(crate) varies: Varies,
}

/// Whether a member differs in any two requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Varies {
    /// It is the same in all of them.
    Not,
    /// It is drawn anew, or made of what is, and has the same length.
    InItsBytes,
    /// It is a signature, whose length is not always the same.
    InItsLength,
    /// It says as a whole what others say part by part.
    AsTheyDo,
}

/// Takes a body apart. The second text is the answer that the body replies to, with the options.
pub(crate) type Reader<'r> = &'r dyn Fn(&str, &str) -> Vec<Member>;

/// Compares the request at the place `sent`, which decided a case, with a sound one of the same kind: of the case, or else
/// of the ceremonies at the beginning of the run. `about` says of a member that varies whether the case is about it.
pub(crate) fn contrast(
    exchanges: &[Exchange],
    sent: usize,
    sound_run: &[Exchange],
    read: Reader<'_>,
    about: &dyn Fn(&[String]) -> bool,
) -> Option<Contrast> {
    let action = &exchanges.get(sent)?.action;
    let sound = sound_beside(exchanges, sent, action);
    let members = |exchanges: &[Exchange], place: usize| {
        Some(read(&exchanges.get(place)?.sent, answer_before(exchanges, place)))
    };
    let old = match sound {
        Some(place) => members(exchanges, place)?,
        None => members(sound_run, sound_run.iter().position(|exchange| exchange.action == *action)?)?,
    };
    let new = members(exchanges, sent)?;
    let mut changes = differences(&old, &new);
    // A case can be about what varies, such as a signature.
    if !changes.iter().any(|(_, change)| !change.varies) {
        changes.iter_mut().filter(|(path, _)| about(path)).for_each(|(_, change)| change.varies = false);
    }
    let (mut telling, varying): (Vec<_>, Vec<_>) =
        changes.into_iter().map(|(_, change)| change).partition(|change| !change.varies);
    telling.extend(varying);
    telling.truncate(MOST_CHANGES);
    Some(Contrast { sound, sent, changes: telling })
}

/// The place of the nearest sound request for the same: before this place if there is one.
fn sound_beside(exchanges: &[Exchange], place: usize, action: &str) -> Option<usize> {
    let is_sound = |(other, exchange): &(usize, &Exchange)| {
        let sound = matches!(exchange.role, Some(Role::Control | Role::Sound));
        sound && *other != place && exchange.action == action
    };
    let numbered = || exchanges.iter().enumerate();
    let before = numbered().take(place).rev().find(is_sound);
    before.or_else(|| numbered().skip(place).find(is_sound)).map(|(place, _)| place)
}

/// The answer to the nearest request for options before this request.
fn answer_before(exchanges: &[Exchange], place: usize) -> &str {
    let mut before = exchanges.iter().take(place).rev();
    before.find(|exchange| exchange.action.ends_with("options")).map_or("", |exchange| &exchange.received)
}

/// The members that differ, in the order of the new ones, and then those that are gone.
fn differences(old: &[Member], new: &[Member]) -> Vec<(Vec<String>, Change)> {
    let mut changes: Vec<(Vec<String>, Change)> = Vec::new();
    for member in new {
        match old.iter().find(|before| before.path == member.path) {
            Some(before) if before.value == member.value => {}
            Some(before) => {
                let varies = match member.varies {
                    Varies::Not => false,
                    Varies::InItsBytes => alike(&before.value, &member.value, 2),
                    Varies::InItsLength => alike(&before.value, &member.value, 16),
                    Varies::AsTheyDo => true,
                };
                let (sound, sent) = excerpts(&before.value, &member.value);
                changes.push((member.path.clone(), change(&member.path, Some(sound), Some(sent), varies)));
            }
            None => {
                let path = missing_in(&member.path, old);
                let sound = summary(old, path).filter(|_| path == member.path);
                add(&mut changes, path, sound, summary(new, path), only_repeats(new, path));
            }
        }
    }
    for member in old {
        let is_there = new.iter().any(|other| member.path.starts_with(&other.path));
        if !is_there {
            let path = missing_in(&member.path, new);
            add(&mut changes, path, summary(old, path), None, only_repeats(old, path));
        }
    }
    changes
}

/// If all that stands around a member is missing, too, that is one change.
fn missing_in<'p>(path: &'p [String], others: &[Member]) -> &'p [String] {
    let mut prefixes = (1..=path.len()).filter_map(|end| path.get(..end));
    let missing = prefixes.find(|prefix| !others.iter().any(|other| other.path.starts_with(prefix)));
    missing.unwrap_or(path)
}

fn add(
    changes: &mut Vec<(Vec<String>, Change)>,
    path: &[String],
    sound: Option<String>,
    sent: Option<String>,
    varies: bool,
) {
    if !changes.iter().any(|(known, _)| known == path) {
        changes.push((path.to_vec(), change(path, sound, sent, varies)));
    }
}

/// Whether all that stands at a path only says what others say.
fn only_repeats(members: &[Member], path: &[String]) -> bool {
    let mut inside = members.iter().filter(|one| one.path.starts_with(path));
    inside.all(|member| member.varies == Varies::AsTheyDo)
}

/// What stands at a path: a value, or so many members.
fn summary(members: &[Member], path: &[String]) -> Option<String> {
    let inside: Vec<&Member> = members.iter().filter(|one| one.path.starts_with(path)).collect();
    match inside.as_slice() {
        [] => None,
        [one] => Some(clipped(&one.value)),
        inside => Some(count(inside.len(), "member", "members")),
    }
}

fn change(path: &[String], sound: Option<String>, sent: Option<String>, varies: bool) -> Change {
    Change { member: path.join("."), sound, sent, varies }
}

/// Whether two values could be drawn in the same way: their lengths in characters differ by so much at most. Integers in DER
/// lose their leading zeros.
fn alike(one: &str, other: &str, most: usize) -> bool {
    one.len().abs_diff(other.len()) <= most
}

/// Two values, each cut around what differs.
fn excerpts(one: &str, other: &str) -> (String, String) {
    let (start, end) = common(one, other);
    (excerpt(one, start, end), excerpt(other, start, end))
}

/// How many characters two texts have in common at their beginning, and how many at their end.
pub(crate) fn common(one: &str, other: &str) -> (usize, usize) {
    let start = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let left = one.chars().count().min(other.chars().count()) - start;
    let end = one.chars().rev().zip(other.chars().rev()).take(left).take_while(|(a, b)| a == b).count();
    (start, end)
}

fn excerpt(text: &str, start: usize, end: usize) -> String {
    let text: Vec<char> = text.chars().collect();
    let stop = text.len() - end;
    let slice =
        |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().iter().collect::<String>();
    let before = match start > 2 * AROUND {
        true => format!("…{}", slice(start - AROUND..start)),
        false => slice(0..start),
    };
    let after = match end > 2 * AROUND {
        true => format!("{}…", slice(stop..stop + AROUND)),
        false => slice(stop..text.len()),
    };
    format!("{before}{}{after}", clipped(&slice(start..stop)))
}

fn clipped(text: &str) -> String {
    clip(text, MOST_DIFFERENT)
}

impl Contrast {
    /// The members that tell the two requests apart.
    pub(crate) fn telling(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| !change.varies)
    }

    /// What was changed, in short, if anything tells the two requests apart.
    pub(crate) fn told(&self) -> Option<String> {
        (self.changes.is_empty() || self.telling().next().is_some()).then(|| self.sentence())
    }

    /// What was changed, in short: a sentence without its full stop.
    pub(crate) fn sentence(&self) -> String {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".into());
        let mut telling = self.telling();
        match telling.next() {
            Some(first) => {
                let more = match telling.count() {
                    0 => String::new(),
                    more => format!("; and {more} more"),
                };
                format!("{}: {} → {}{more}", first.member, shown(&first.sound), shown(&first.sent))
            }
            None if self.changes.is_empty() => "nothing: it is the sound request, sent again".into(),
            None => "only members that differ in any two requests".into(),
        }
    }
}

#[cfg(test)]
mod tests;
