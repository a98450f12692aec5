//! The fuzz target of the door: any sequence of requests.

use serde_json::Value;
use stuntkey_door::Door;

/// A target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target of this file.
pub const TARGETS: [Target; 1] = [("door", door)];

/// A request a line. In it `"$client"` stands for the handle that was given last, `"$reply"` for what the last ceremony gave,
/// and `"$credential"` for what was verified last. Each answer is JSON, an answer or a refusal that says something, and after
/// all of them the door still answers.
pub fn door(data: &[u8]) {
    let mut door = Door::new();
    let mut known: Vec<(&str, &str, Value)> = [
        ("\"$client\"", "/ok/client"),
        ("\"$run\"", "/ok/run"),
        ("\"$reply\"", "/ok/response"),
        ("\"$credential\"", "/ok/credential"),
    ]
    .map(|(name, place)| (name, place, Value::Null))
    .into();
    for line in String::from_utf8_lossy(data).lines() {
        let mut request = line.to_owned();
        for (name, _, value) in &known {
            request = request.replace(name, &value.to_string());
        }
        let answer = door.call(&request);
        let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
        match (answer.get("ok"), answer.get("error")) {
            (Some(_), None) => {}
            (None, Some(error)) => {
                for member in ["name", "message"] {
                    assert!(
                        error[member].as_str().is_some_and(|text| !text.is_empty()),
                        "{request}: {error}"
                    );
                }
            }
            _ => panic!("{request}: {answer}"),
        }
        for (_, place, value) in &mut known {
            if let Some(given) = answer.pointer(place) {
                *value = given.clone();
            }
        }
    }
    assert!(door.call("{\"op\":\"version\"}").starts_with("{\"ok\":"));
}
