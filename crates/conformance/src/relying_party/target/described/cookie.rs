//! How a header sets a cookie (RFC 6265).

use std::time::Duration;

/// A cookie as a header sets it (RFC 6265 §5.2).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SetCookie<'h> {
    pub(super) name: &'h str,
    pub(super) value: &'h str,
    pub(super) path: Option<&'h str>,
    pub(super) domain: Option<&'h str>,
    /// When its time is over, counted from the beginning of 1970.
    pub(super) expires: Option<Duration>,
}

impl<'h> SetCookie<'h> {
    /// Reads the value of the header, which came at this time.
    pub(super) fn parse(header: &'h str, now: Duration) -> Option<Self> {
        let mut attributes = header.split(';');
        let (name, value) = attributes.next()?.split_once('=')?;
        let mut cookie =
            Self { name: name.trim(), value: value.trim(), path: None, domain: None, expires: None };
        let mut max_age = None;
        for (attribute, value) in attributes.filter_map(|attribute| attribute.split_once('=')) {
            let value = value.trim();
            match attribute.trim().to_ascii_lowercase().as_str() {
                "max-age" => max_age = value.parse::<i64>().ok().or(max_age),
                "expires" => cookie.expires = date(value).or(cookie.expires),
                "path" => cookie.path = value.starts_with('/').then_some(value),
                "domain" => {
                    cookie.domain = Some(value.trim_start_matches('.')).filter(|domain| !domain.is_empty());
                }
                _ => {}
            }
        }
        if let Some(seconds) = max_age {
            let seconds = u64::try_from(seconds).unwrap_or_default();
            cookie.expires = Some(match seconds {
                0 => Duration::ZERO,
                seconds => now.saturating_add(Duration::from_secs(seconds)),
            });
        }
        (!cookie.name.is_empty()).then_some(cookie)
    }

    pub(super) fn is_over(&self, now: Duration) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// A date, as the time since the beginning of 1970 (RFC 6265 §5.1.1); an earlier one is the beginning.
fn date(text: &str) -> Option<Duration> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let is_delimiter = |c: char| !c.is_ascii_alphanumeric() && c != ':';
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        let number = || token.parse::<u64>().ok();
        let named = || {
            let start = token.get(..3)?.to_ascii_lowercase();
            MONTHS.iter().zip(1..).find(|(name, _)| **name == start).map(|(_, number)| number)
        };
        if time.is_none() && token.contains(':') {
            time = Some(seconds_of_day(token)?);
        } else if day.is_none() && token.len() <= 2 && number().is_some() {
            day = number();
        } else if month.is_none() && named().is_some() {
            month = named();
        } else if year.is_none() && matches!(token.len(), 2 | 4) && number().is_some() {
            year = number();
        }
    }
    let (time, day, month): (u64, u64, u64) = (time?, day?, month?);
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    if !(1..=31).contains(&day) || year < 1601 {
        return None;
    }
    // Years that begin in March have the day that is added every four years at their end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let since_1970 = days.saturating_sub(719_468);
    Some(Duration::from_secs(since_1970 * 86_400 + if days < 719_468 { 0 } else { time }))
}

/// `hh:mm:ss`
fn seconds_of_day(token: &str) -> Option<u64> {
    let numbers: Option<Vec<u64>> = token.split(':').map(|part| part.parse().ok()).collect();
    match numbers?.as_slice() {
        [hours @ 0..=23, minutes @ 0..=59, seconds @ 0..=59] => Some(hours * 3600 + minutes * 60 + seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_767_225_600);

    #[test]
    fn a_date_is_read_in_any_of_its_forms() {
        for text in
            ["Thu, 01 Jan 2026 00:00:00 GMT", "Thursday, 01-Jan-26 00:00:00 GMT", "Thu Jan  1 00:00:00 2026"]
        {
            assert_eq!(date(text), Some(NOW), "{text}");
        }
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(date("Fri, 01 Mar 2024 00:00:01 GMT"), Some(Duration::from_secs(1_709_251_201)));
        assert_eq!(date("Mon, 01 Jan 1900 10:00:00 GMT"), Some(Duration::ZERO));
        for wrong in ["", "tomorrow", "01 Jan 2026", "Thu, 32 Jan 2026 00:00:00", "Thu, 01 Jan 2026 24:00:00"]
        {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }
}
