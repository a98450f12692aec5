//! `stuntkey conform`, `relying-party`, `enroll` and `load`, against each other.

mod common;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use common::{json, stderr, stdout};

fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Output {
    common::run(Command::new(env!("CARGO_BIN_EXE_stuntkey")).args(arguments), b"")
}

/// A reference relying party in a process of its own, which ends with the test.
struct RelyingParty {
    child: Child,
    url: String,
    /// What it prints after its first line.
    said: BufReader<ChildStdout>,
}

impl RelyingParty {
    fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, Stdio::null())
    }

    fn start_with(arguments: &[&str], standard_error: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stuntkey"))
            .args(["relying-party", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(standard_error)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let url = line.split_whitespace().next().unwrap().to_owned();
        Self { child, url, said }
    }
}

impl Drop for RelyingParty {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_relying_party_that_conforms_passes() {
    let server = RelyingParty::start(&[]);
    let output = run(["conform", &server.url, "--only", "registration/client-data", "--only", "*/options"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.lines().last().unwrap().starts_with("conforms: "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn another_relying_party_of_the_same_server_can_be_named() {
    let only =
        ["--only", "*other-relying-party", "--only", "*elsewhere", "--only", "*of-another-relying-party"];
    for (flaw, status) in [("challenge/of-a-login", 0), ("user/credential/id-taken-over-elsewhere", 1)] {
        let mut server = RelyingParty::start(&["--second-port", "0", "--flaw", flaw]);
        let mut line = String::new();
        server.said.read_line(&mut line).unwrap();
        assert!(line.trim_end().ends_with("RP ID second.localhost"), "{line}");
        let second = line.split_whitespace().next().unwrap();
        let arguments = ["conform", &server.url, "--second-url", second, "--json"];
        let output = run(arguments.into_iter().chain(only));
        assert_eq!(output.status.code(), Some(status), "{flaw}: {}", stderr(&output));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let cases = report["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 4);
        for case in cases {
            let is_caught = case["id"].as_str().unwrap().ends_with(flaw);
            assert_eq!(case["verdict"], if is_caught { "fail" } else { "pass" }, "{flaw}: {case}");
        }
    }
}

#[test]
fn another_relying_party_is_at_another_origin() {
    let server = RelyingParty::start(&[]);
    let refused = run(["conform", &server.url, "--second-url", &server.url]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("--second-url: found a relying party whose pages are at http://localhost")
    );
    assert!(stderr(&refused).contains("--second-origin https://"), "{}", stderr(&refused));
    let refused = run(["conform", &server.url, "--second-origin", "https://b.example"]);
    assert!(refused.status.code() == Some(2) && stderr(&refused).contains("--second-url <URL>"));
    let refused = run(["conform", "--command", "true", "--second-url", "http://localhost:1"]);
    assert!(refused.status.code() == Some(2) && stderr(&refused).contains("--second-url"));
    let away = run(["conform", &server.url, "--second-url", "http://127.0.0.1:1", "--only", "*/options"]);
    assert_eq!(away.status.code(), Some(3), "{}", stderr(&away));
}

#[test]
fn one_with_a_flaw_is_found_out_in_every_form() {
    let server = RelyingParty::start(&["--flaw", "client-data/origin"]);
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (json_file, html) = (file("r.json"), file("r.html"));
    let arguments =
        ["conform", &server.url, "--only", "*/client-data", "--report", &json_file, "--report", &html];
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("registration/client-data/origin/subdomain"));
    assert!(stdout(&output).contains("§7.1 step 9"));
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(&json_file).unwrap()).unwrap();
    let failed = |case: &&serde_json::Value| case["verdict"] == "fail";
    let cases = report["cases"].as_array().unwrap();
    assert!(cases.iter().filter(failed).all(|case| case["id"].as_str().unwrap().contains("/origin/")));
    // At http://localhost, https is no attack: the two cases about the scheme are skipped.
    assert_eq!(cases.iter().filter(failed).count(), 32);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["defect"], "client-data/origin");
    assert!(std::fs::read_to_string(&html).unwrap().contains("registration/client-data/origin/subdomain"));

    // What is known is no alarm; what is no longer so is one.
    let known = file("known.toml");
    let entry = |cases: &str, verdict: &str| {
        format!(
            "[[expect]]\ncases = \"*/client-data/origin{cases}\"\nverdict = \"{verdict}\"\nreason = \"a flaw\"\n"
        )
    };
    std::fs::write(&known, entry("", "fail") + &entry("/scheme", "skip") + &entry("/default-port", "skip"))
        .unwrap();
    let arguments = ["conform", &server.url, "--only", "*/client-data", "--expect", &known];
    assert_eq!(run(arguments).status.code(), Some(0));
    let sound = RelyingParty::start(&[]);
    let newer = file("newer.json");
    let arguments =
        ["conform", &sound.url, "--only", "*/client-data", "--expect", &known, "--report", &newer];
    assert_eq!(run(arguments).status.code(), Some(1));

    let output = run(["conform", "compare", &json_file, &newer]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("client-data/origin"), "{}", stdout(&output));
    assert_eq!(run(["conform", "compare", &newer, &json_file]).status.code(), Some(1));
}

#[test]
fn a_known_library_gets_a_hint_in_code_and_the_change_is_shown() {
    let server = RelyingParty::start(&["--flaw", "client-data/origin"]);
    let only = ["--only", "registration/client-data/origin/missing"];
    let output = run(["conform", &server.url, "--library", "simplewebauthn"].into_iter().chain(only));
    assert_eq!(output.status.code(), Some(1));
    let words = stdout(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("library SimpleWebAuthn"), "{words}");
    assert!(words.contains("code In SimpleWebAuthn: pass expectedOrigin"), "{words}");
    assert!(words.contains("changed response.clientDataJSON.origin: \"http://localhost:"), "{words}");
    assert!(words.contains("\" → nothing found it accepted it"), "{words}");
    let output = run(["conform", &server.url, "--library", "another"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("webauthn-rs"), "{}", stderr(&output));
}

#[test]
fn the_recipes_for_ci_name_options_that_there_are() {
    let help = stdout(&run(["conform", "--help"]));
    for name in ["github.yml", "gitlab.yml"] {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ci/").to_owned() + name;
        let recipe = std::fs::read_to_string(file).unwrap();
        let (_, command) = recipe.split_once("stuntkey conform ").unwrap();
        let (command, _) = command.split_once("badge.json").unwrap();
        let options: Vec<&str> = command.split_whitespace().filter(|word| word.starts_with("--")).collect();
        assert!(options.len() > 5 && options.iter().all(|option| help.contains(option)), "{options:?}");
    }
}

#[test]
fn misuse_is_told_before_anything_is_sent() {
    let code = |arguments: &[&str]| run(arguments.iter().copied()).status.code();
    assert_eq!(code(&["conform"]), Some(2));
    assert_eq!(code(&["conform", "ftp://x"]), Some(2));
    assert_eq!(code(&["conform", "http://127.0.0.1:1", "--only", "nonsense"]), Some(4));
    assert_eq!(code(&["conform", "http://127.0.0.1:1", "--report", "x.foo"]), Some(2));
    assert_eq!(code(&["conform", "http://127.0.0.1:1", "--target", "nonsense"]), Some(2));
    assert_eq!(code(&["conform", "http://127.0.0.1:1"]), Some(3));
    assert_eq!(code(&["conform", "--command", "/no/such/program"]), Some(3));
    assert_eq!(code(&["relying-party", "--flaw", "nonsense"]), Some(2));
    assert_eq!(code(&["load", "http://127.0.0.1:1", "--bad", "200%"]), Some(2));
    assert_eq!(code(&["load", "http://127.0.0.1:1"]), Some(3));
    let output = run(["enroll", "http://127.0.0.1:1", "--username", "u"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--bearer"), "{}", stderr(&output));
}

#[test]
fn what_fails_a_run_is_chosen() {
    let server = RelyingParty::start(&["--flaw", "client-data/origin"]);
    let directory = tempfile::tempdir().unwrap();
    let badge = directory.path().join("badge.json");
    let only = ["conform", &server.url, "--only", "registration/client-data/origin"];
    let code = |more: &[&str]| run(only.iter().copied().chain(more.iter().copied())).status.code();
    assert_eq!(code(&["--fail-on", "critical"]), Some(0));
    assert_eq!(code(&["--fail-on", "must", "--twice", "--badge", badge.to_str().unwrap()]), Some(1));
    assert!(std::fs::read_to_string(badge).unwrap().contains("1 defect"));
    // What policy allows is no defect.
    let subdomain =
        ["conform", &server.url, "--strict", "--only", "registration/client-data/origin/subdomain"];
    assert_eq!(run(subdomain).status.code(), Some(1));
    assert_eq!(
        run(subdomain.iter().copied().chain(["--allows", "subdomain-origins"])).status.code(),
        Some(0)
    );
    assert_eq!(code(&["--allows", "nonsense"]), Some(2));
}

#[test]
fn lists_say_what_there_is() {
    let cases = json(&run(["conform", "--list", "--json"]));
    assert!(cases["cases"].as_array().unwrap().len() >= 250);
    let fido = json(&run(["conform", "--list", "--json", "--profile", "fido"]));
    let l2 = json(&run(["conform", "--list", "--json", "--profile", "l2"]));
    let count = |list: &serde_json::Value| list["cases"].as_array().unwrap().len();
    assert!(count(&l2) < count(&cases) && count(&cases) < count(&fido));
    let flaws = json(&run(["relying-party", "--list-flaws", "--json"]));
    assert!(flaws["flaws"].as_array().unwrap().len() > 100);
    let text = run(["conform", "--list", "--only", "registration/client-data/origin/subdomain"]);
    assert!(stdout(&text).contains("WebAuthn L3 §7.1 step 9"));
}

#[test]
fn the_nevis_flow_goes_from_enrolment_to_login() {
    let server = RelyingParty::start(&["--access-key", "secret"]);
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store").to_str().unwrap().to_owned();
    let arguments =
        ["enroll", &server.url, "--username", "u_1654", "--bearer", "secret", "--store", &store, "--log-in"];
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("registered: u_1654") && text.contains("logged in: u_1654"), "{text}");
    assert_eq!(text.matches("\"status\":\"succeeded\"").count(), 2);
    let wrong = ["enroll", &server.url, "--username", "u", "--bearer", "wrong", "--store", &store];
    assert_eq!(run(wrong).status.code(), Some(1));
    // The whole harness speaks this shape, too.
    let arguments =
        ["conform", &server.url, "--target", "nevis", "--bearer", "secret", "--only", "*/challenge"];
    assert_eq!(run(arguments).status.code(), Some(0));
}

#[test]
fn load_is_told_as_json() {
    let server = RelyingParty::start(&[]);
    let output = run(["load", &server.url, "--each-once", "10", "--users", "2", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = json(&output);
    assert_eq!((report["registered"].as_u64(), report["logged_in"].as_u64()), (Some(10), Some(10)));
    assert_eq!(report["steps"].as_array().unwrap().len(), 4);
}

#[test]
fn load_is_reported_in_files_and_two_runs_are_compared() {
    let server = RelyingParty::start(&[]);
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let load = |report: &str, others: &[&str]| {
        let arguments = ["load", &server.url, "--users", "2", "--each-once", "10", "--report", report];
        run(arguments.into_iter().chain(others.iter().copied()))
    };
    let (before, now, page) = (file("before.json"), file("now.json"), file("load.html"));
    assert_eq!(load(&before, &["--report", &page]).status.code(), Some(0));
    assert_eq!(load(&now, &[]).status.code(), Some(0));
    assert!(std::fs::read_to_string(&page).unwrap().contains("10 registrations and 10 logins, none failed"));

    let both = file("both.md");
    let output = run(["load", "compare", &before, &now, "--report", &both]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("ceremonies a second"), "{}", stdout(&output));
    assert!(std::fs::read_to_string(&both).unwrap().contains("| registration result | now | 10 |"));
    let output = json(&run(["load", "compare", &before, &now, "--json"]));
    assert_eq!(
        (output["before"]["registered"].as_u64(), output["now"]["registered"].as_u64()),
        (Some(10), Some(10))
    );

    // Told before anything is sent.
    let output = load(&file("load.pdf"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("expected a name that ends in .json, .md, .html"),
        "{}",
        stderr(&output)
    );
    let output = run(["load", "compare", &before, &both]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("not a report of load"), "{}", stderr(&output));
    let output = run(["load", "compare", &before, &file("missing.json")]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let output = load(&file("missing/load.html"), &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("cannot write"), "{}", stderr(&output));
    // What came of it is not lost.
    assert!(stdout(&output).contains("ceremonies a second"), "{}", stdout(&output));
}

/// An interruption ends a run, with a report of what was done.
#[cfg(unix)]
#[test]
fn an_interruption_leaves_a_report() {
    let mut server = RelyingParty::start_with(&["--log"], Stdio::piped());
    let mut child = Command::new(env!("CARGO_BIN_EXE_stuntkey"))
        .args(["conform", &server.url, "--jobs", "1", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The server logs a line for each request. So many are more than a run asks before its first case, and far fewer
    // than every case takes.
    let mut requests = BufReader::new(server.child.stderr.take().unwrap()).lines();
    assert_eq!(requests.by_ref().take(40).count(), 40);
    // Nobody would read the rest, and the server would wait for that.
    std::thread::spawn(move || requests.for_each(drop));
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5), "an interruption accuses nobody");
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["complete"], false);
    assert!(!report["cases"].as_array().unwrap().is_empty());
}

/// Nothing was played, so nothing is said against the target; and the message says what to look at.
#[test]
fn what_never_began_has_no_verdict() {
    let server = RelyingParty::start(&[]);
    let output = run(["conform", &server.url, "--origin", "https://localhost:1"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert!(stderr(&output).contains("--origin https://"), "{}", stderr(&output));
    assert!(stdout(&output).ends_with("no verdict: no case could be played\n"), "{}", stdout(&output));
    assert_eq!(stdout(&output).matches("TROUBLE").count(), 2, "{}", stdout(&output));
    for program in ["cat", "true"] {
        let output = run(["conform", "--command", program]);
        assert_eq!(output.status.code(), Some(5), "{program}: {}", stderr(&output));
        assert!(stderr(&output).contains("one JSON request a line"), "{}", stderr(&output));
    }
}

#[test]
fn messages_of_several_lines_stay_so() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("bad.toml");
    std::fs::write(&file, "[[expect]]\n cases").unwrap();
    let file = file.to_str().unwrap();
    for option in ["--expect", "--target"] {
        let output = run(["conform", "http://127.0.0.1:1", option, file]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(!text.contains('\u{fffd}') && text.lines().count() > 2, "{text}");
    }
}

/// The page of a server that is spoken to the wrong way, with where it came from.
#[test]
fn an_error_page_is_named_and_its_cure() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 4096];
            drop(stream.read(&mut buffer));
            let page = "<!DOCTYPE html>\n<html><head><title>Not Found</title></head>\n<body>no</body></html>";
            let head =
                format!("HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\nconnection: close", page.len());
            drop(std::io::Write::write_all(&mut stream, format!("{head}\r\n\r\n{page}").as_bytes()));
        }
    });
    let output = run(["conform", &url]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(
        text.contains(&format!("404 from {url}/attestation/options: an HTML page, \"Not Found\"")),
        "{text}"
    );
    assert!(text.contains("--target") && !text.contains("<html>"), "{text}");
}

#[test]
fn a_case_is_explained() {
    let id = "registration/client-data/origin/suffix";
    let output = run(["conform", "explain", id]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(text.contains("A relying party must refuse a registration in which"), "{text}");
    assert!(text.contains("registration result: refused, §7.1 step 9: client-data/origin"), "{text}");
    assert!(text.contains(&format!("stuntkey conform URL --only {id}")), "{text}");
    assert_eq!(run(["conform", "explain", "nonsense"]).status.code(), Some(4));
}

/// Where the files of a process run out, connections wait; the server lives.
#[cfg(unix)]
#[test]
fn a_crowd_of_idle_connections_does_not_end_the_server() {
    let program = env!("CARGO_BIN_EXE_stuntkey");
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -n 40; exec '{program}' relying-party --port 0")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    said.read_line(&mut line).unwrap();
    let url = line.split_whitespace().next().unwrap().to_owned();
    let server = RelyingParty { child, url, said };
    assert!(server.url.starts_with("http://localhost:"), "{line}");
    let address = server.url.replace("http://localhost", "127.0.0.1");
    let idle: Vec<_> = (0..80).map(|_| std::net::TcpStream::connect(&address).unwrap()).collect();
    drop(idle);
    let output = run(["conform", &server.url, "--only", "registration/options"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}
