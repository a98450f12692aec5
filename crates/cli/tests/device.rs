//! `stuntkey device`, and our own client on it by each way: what is done, what is said, and how it ends.
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::{creation_options, json, request_options, run, stderr, stdout, stuntkey};
use serde_json::{Value, json as value};

/// A last guard, not a measure of anything.
const WITHIN: Duration = Duration::from_secs(20);

/// A key in a process of its own, which ends with this.
struct Key {
    process: Child,
    address: String,
}

impl Drop for Key {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Key {
    /// Starts one with these options, and waits until it says where it is.
    fn start(options: &[&str]) -> Self {
        let mut command = stuntkey(Path::new("memory"));
        command.arg("device").args(options).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned() }
    }

    /// Ends it as a person would. What it said on standard error.
    fn stop(mut self) -> String {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

fn required(options: &str, key: &str) -> String {
    let mut options: Value = serde_json::from_str(options).unwrap();
    match key {
        "registration" => options["authenticatorSelection"]["userVerification"] = value!("required"),
        _ => options["userVerification"] = value!("required"),
    }
    options.to_string()
}

fn registration() -> String {
    required(&creation_options("example.com", "dQ"), "registration")
}

fn login() -> String {
    required(&request_options("example.com"), "login")
}

/// Our client on a key, without a terminal on which it could ask.
fn client(command: &str, address: &str, options: &[&str], input: &str) -> Output {
    let mut client = Command::new("setsid");
    client.arg("--wait").arg(env!("CARGO_BIN_EXE_stuntkey")).args([command, "--device", address]);
    run(client.args(options).env_remove("STUNTKEY_STORE"), input.as_bytes())
}

/// What a command says that ends with this status, without an answer.
#[track_caller]
fn said(output: &Output, status: i32) -> String {
    assert_eq!((output.status.code(), stdout(output)), (Some(status), String::new()), "{}", stderr(output));
    stderr(output)
}

/// What `stuntkey device` says that does not begin.
fn device(options: &[&str]) -> Output {
    run(stuntkey(Path::new("memory")).arg("device").args(options), b"")
}

/// A registration and logins with a PIN, right, wrong and missing.
fn registers_and_logs_in_by_pin(address: &str) {
    let directory = tempfile::tempdir().unwrap();
    let (right, wrong) = (directory.path().join("right"), directory.path().join("wrong"));
    std::fs::write(&right, "4711\n").unwrap();
    std::fs::write(&wrong, "1174\n").unwrap();
    let right = ["--pin-file", right.to_str().unwrap()];
    let wrong = ["--pin-file", wrong.to_str().unwrap()];

    assert_eq!(
        said(&client("register", address, &right, &registration()), 1),
        "stuntkey: error: NotAllowedError: this key has no PIN yet\n\
         stuntkey: hint: --set-pin gives it the one of --pin\n"
    );
    let set = [&right[..], &["--set-pin"]].concat();
    let made = json(&client("register", address, &set, &registration()));
    let found = json(&client("authenticate", address, &right, &login()));
    assert_eq!(found["id"], made["id"]);
    assert_eq!(found["response"]["userHandle"], "dQ");
    assert_eq!(
        said(&client("authenticate", address, &wrong, &login()), 1),
        "stuntkey: error: NotAllowedError: the PIN is wrong\n"
    );
    assert_eq!(
        said(&client("authenticate", address, &[], &login()), 1),
        "stuntkey: error: NotAllowedError: this key asks for its PIN, which the client does not know\n\
         stuntkey: hint: --pin PIN, --pin-file FILE or STUNTKEY_PIN\n"
    );
    // One that is there stays as it is.
    let found = json(&client("authenticate", address, &set, &login()));
    assert_eq!(found["id"], made["id"]);
    assert_eq!(
        said(&client("authenticate", address, &right, &request_options("example.org")), 1),
        "stuntkey: error: NotAllowedError: no discoverable credential for \"example.org\"\n\
         stuntkey: hint: register the key there first\n"
    );
}

#[test]
fn our_client_registers_and_logs_in_by_udp_and_by_tcp() {
    for wire in ["--udp", "--tcp"] {
        let key = Key::start(&[wire, "127.0.0.1:0"]);
        assert!(key.address.starts_with(&format!("{}://127.0.0.1:", &wire[2..])), "{}", key.address);
        registers_and_logs_in_by_pin(&key.address);
        let said = key.stop();
        for line in
            ["MakeCredential example.com: Ok, ", "GetAssertion example.org: NoCredentials, 1 bytes in "]
        {
            assert!(said.contains(line), "{said}");
        }
    }
}

/// Options of stuntkey's own key are no way out.
#[test]
fn what_another_key_cannot_do_has_a_hint_of_its_own() {
    let key = Key::start(&["--tcp", "127.0.0.1:0"]);
    let mut options: Value = serde_json::from_str(&creation_options("example.com", "dQ")).unwrap();
    options["authenticatorSelection"]["authenticatorAttachment"] = value!("platform");
    assert_eq!(
        said(&client("register", &key.address, &[], &options.to_string()), 1),
        "stuntkey: error: NotAllowedError: authenticatorAttachment \"platform\" is asked for, this key is \
         \"cross-platform\"\n\
         stuntkey: hint: leave authenticatorAttachment out of the options, or use another key\n"
    );
    json(&client("register", &key.address, &[], &creation_options("example.com", "dQ")));
    let account = ["--account", "nobody"];
    let said = said(&client("authenticate", &key.address, &account, &request_options("example.com")), 1);
    assert!(said.ends_with("\nstuntkey: hint: leave out --account, or register it there first\n"), "{said}");
    drop(key.stop());
}

#[test]
fn our_client_registers_and_logs_in_at_a_program_that_it_starts() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let program = env!("CARGO_BIN_EXE_stuntkey");
    // Each command has a process of its own, so that a file keeps what they share.
    let address = format!("exec:{program} device --stdio --quiet --store {}", store.display());
    registers_and_logs_in_by_pin(&address);
}

#[test]
fn a_key_that_cannot_be_reached_exits_with_3_and_says_where_one_is() {
    let port = |address: std::net::SocketAddr| address.port();
    let udp = port(UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let tcp = port(TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    for (address, expected) in [
        (
            format!("udp://127.0.0.1:{udp}"),
            format!(
                "udp://127.0.0.1:{udp}: nothing listens at this UDP address: Connection refused (os error 111)\n\
                 stuntkey: hint: `stuntkey device --udp` is a key at udp://127.0.0.1:8111\n"
            ),
        ),
        (
            format!("tcp://127.0.0.1:{tcp}"),
            format!(
                "tcp://127.0.0.1:{tcp} cannot be reached: Connection refused (os error 111)\n\
                 stuntkey: hint: `stuntkey device --tcp` is a key at tcp://127.0.0.1:8112\n"
            ),
        ),
        (
            "hid:/nonexistent".to_owned(),
            "hid:/nonexistent: /nonexistent cannot be opened: No such file or directory (os error 2)\n\
             stuntkey: hint: `stuntkey device --uhid` is such a key, where the kernel has uhid\n"
                .to_owned(),
        ),
        (
            "exec:/nonexistent".to_owned(),
            "exec:/nonexistent: /nonexistent cannot be started: No such file or directory (os error 2)\n\
             stuntkey: hint: `exec:stuntkey device --stdio` starts a key\n"
                .to_owned(),
        ),
        (
            "exec:true".to_owned(),
            "exec:true: the device went away\n\
             stuntkey: hint: `exec:stuntkey device --stdio` starts a key\n"
                .to_owned(),
        ),
    ] {
        let output = client("register", &address, &[], &registration());
        // Linux's numbers stand in them.
        #[cfg(target_os = "linux")]
        assert_eq!(said(&output, 3), format!("stuntkey: error: {expected}"));
        #[cfg(not(target_os = "linux"))]
        assert!(!said(&output, 3).is_empty(), "{expected}");
    }
}

#[test]
fn a_key_that_says_nothing_is_given_up() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = format!("udp://{}", silent.local_addr().unwrap());
    assert_eq!(
        said(&client("register", &address, &[], &registration()), 3),
        format!(
            "stuntkey: error: {address}: the device said nothing for 5 s\n\
             stuntkey: hint: `stuntkey device --udp` is a key at udp://127.0.0.1:8111\n"
        )
    );
}

#[test]
fn an_address_that_is_none_exits_with_2_and_says_what_is() {
    const FORMS: &str = "udp://HOST:PORT, tcp://HOST:PORT, hid:PATH, hid:, reader:NAME, reader:, or exec:PROGRAM and its \
                         arguments";
    for (address, expected) in [
        ("usb:1", FORMS),
        ("127.0.0.1:8111", FORMS),
        ("nonsense", FORMS),
        ("udp://127.0.0.1", "a host and a port, as in udp://127.0.0.1:8111"),
        ("exec:", "a program after exec:"),
    ] {
        let said = said(&client("register", address, &[], &registration()), 2);
        let expected = format!(
            "error: invalid value '{address}' for '--device <URL>': found \"{address}\", expected {expected}\n"
        );
        assert!(said.starts_with(&expected), "{said}");
    }
}

#[test]
fn options_of_our_own_key_do_not_go_with_another() {
    for (options, name) in [
        (&["--model", "full"][..], "model"),
        (&["--user", "ask"], "user"),
        (&["--seed", "x"], "seed"),
        (&["--store", "memory"], "store"),
    ] {
        assert_eq!(
            said(&client("register", "udp://127.0.0.1:8111", options, &registration()), 2),
            format!("stuntkey: error: --device: found --{name}, which is about stuntkey's own key\n")
        );
    }
    let alone = run(stuntkey(Path::new("memory")).args(["register", "--set-pin"]), b"");
    assert!(said(&alone, 2).contains("  --device <URL>\n"), "{}", stderr(&alone));
}

#[test]
fn where_a_key_cannot_be_it_says_why_and_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let there = directory.path().join("there");
    std::fs::write(&there, "").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (datagrams, listener) = (UdpSocket::bind(udp).unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let tcp = listener.local_addr().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (options, expected) in [
        (
            vec!["--udp".to_owned(), udp.to_string()],
            format!(
                "cannot listen at udp://{udp}: Address already in use (os error 98)\n\
                 stuntkey: hint: --udp 127.0.0.1:0 listens at a free port, and says which\n"
            ),
        ),
        (
            vec!["--tcp".to_owned(), tcp.to_string()],
            format!(
                "cannot listen at tcp://{tcp}: Address already in use (os error 98)\n\
                 stuntkey: hint: --tcp 127.0.0.1:0 listens at a free port, and says which\n"
            ),
        ),
        (
            vec!["--reader".to_owned(), free.to_string()],
            format!(
                "no virtual reader at {free}: Connection refused (os error 111)\n\
                 stuntkey: hint: Debian's vsmartcard-vpcd is one, which pcscd loads\n"
            ),
        ),
        (
            vec!["--uhid".to_owned(), "/nonexistent/uhid".to_owned()],
            "/nonexistent/uhid: No such file or directory (os error 2)\n\
             stuntkey: hint: it takes Linux, the kernel module uhid and the right to open the file\n"
                .to_owned(),
        ),
        (
            vec!["--stdio".to_owned(), "--control".to_owned(), there.display().to_string()],
            format!(
                "--control {}: Address already in use (os error 98)\n\
                 stuntkey: hint: remove it if no other key listens there\n",
                there.display()
            ),
        ),
    ] {
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let output = device(&options);
        #[cfg(target_os = "linux")]
        assert_eq!(said(&output, 3), format!("stuntkey: error: {expected}"));
        #[cfg(not(target_os = "linux"))]
        assert!(!said(&output, 3).is_empty(), "{expected}");
    }
    drop((datagrams, listener));
    // What was there before stays.
    assert!(there.exists());
}

#[test]
fn options_of_a_key_that_make_no_sense_exit_with_2() {
    for (options, expected) in [
        (
            &["--udp", "--tcp"][..],
            "the argument '--udp [<ADDRESS>]' cannot be used with '--tcp [<ADDRESS>]'\n",
        ),
        (
            &["--udp", "localhost"],
            "invalid value 'localhost' for '--udp [<ADDRESS>]': expected an IP address and a port, as in 127.0.0.1:8111\n",
        ),
        (
            &["--stdio", "--fault", "nonsense"],
            "invalid value 'nonsense' for '--fault <ID>': expected one that `stuntkey faults --answers` lists\n",
        ),
    ] {
        let said = said(&device(options), 2);
        assert!(said.starts_with(&format!("error: {expected}")), "{said}");
    }
    assert_eq!(
        said(&device(&[]), 2),
        "stuntkey: error: found no way to the key\n\
         stuntkey: hint: expected one of --udp, --tcp, --uhid, --reader and --stdio\n"
    );
}

/// The answer to a line at a control socket.
fn tell(control: &Path, command: &str) -> String {
    let mut connection = UnixStream::connect(control).unwrap();
    connection.set_read_timeout(Some(WITHIN)).unwrap();
    writeln!(connection, "{command}").unwrap();
    let mut answer = String::new();
    BufReader::new(connection).read_line(&mut answer).unwrap();
    answer.trim().to_owned()
}

fn wait_until_it_waits(control: &Path) {
    let end = Instant::now() + WITHIN;
    while tell(control, "status") != "waiting" {
        assert!(Instant::now() < end, "the key does not wait");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn our_client_waits_for_who_holds_the_key() {
    let directory = tempfile::tempdir().unwrap();
    let control = directory.path().join("control");
    let key = Key::start(&["--udp", "127.0.0.1:0", "--user", "none", "--control", control.to_str().unwrap()]);
    let register = |answer: &'static str| {
        let (control, address) = (control.clone(), key.address.clone());
        let person = std::thread::spawn(move || {
            wait_until_it_waits(&control);
            assert_eq!(tell(&control, answer), "ok");
        });
        let output = client("register", &address, &[], &creation_options("example.com", "dQ"));
        person.join().unwrap();
        output
    };
    json(&register("touch"));
    assert_eq!(said(&register("deny"), 1), "stuntkey: error: NotAllowedError: the user said no\n");
    assert_eq!(tell(&control, "stop"), "ok");
    let said = key.stop_by_itself();
    assert!(said.contains("MakeCredential example.com: waits for the user\n"), "{said}");
    assert!(said.contains("MakeCredential example.com: OperationDenied, 1 bytes in "), "{said}");
    assert!(!control.exists(), "it leaves its socket behind");
}

impl Key {
    /// Waits until it has gone. What it said on standard error.
    fn stop_by_itself(mut self) -> String {
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

#[test]
fn a_key_speaks_json_where_that_is_asked_for_and_says_nothing_where_it_is_to_be_quiet() {
    let key = Key::start(&["--json", "--tcp", "127.0.0.1:0"]);
    let address: Value = serde_json::from_str(&key.address).unwrap();
    let address = address["device"].as_str().unwrap();
    json(&client("register", address, &[], &creation_options("example.com", "dQ")));
    let said = key.stop();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let made = lines.iter().find(|line| line["request"] == "MakeCredential example.com").unwrap();
    assert_eq!((&made["event"], &made["status"]), (&value!("served"), &value!("Ok")));

    let key = Key::start(&["--quiet", "--tcp", "127.0.0.1:0"]);
    json(&client("register", &key.address, &[], &creation_options("example.com", "dQ")));
    assert_eq!(key.stop(), "");
}

/// A message of vpcd's: a length of two bytes, and so much.
fn receive(reader: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 2];
    reader.read_exact(&mut length)?;
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    reader.read_exact(&mut message)?;
    Ok(message)
}

fn send(reader: &mut TcpStream, message: &[u8]) {
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    reader.write_all(&[&length[..], message].concat()).unwrap();
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (reader, _) = listener.accept().unwrap();
    reader.set_read_timeout(Some(WITHIN)).unwrap();
    reader
}

#[test]
fn a_card_has_a_flaw_and_a_flaw_of_cards_wants_a_reader() {
    const SELECT: &[u8] = &[0, 0xa4, 4, 0, 8, 0xa0, 0, 0, 6, 0x47, 0x2f, 0, 1, 0];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let key = Key::start(&["--reader", &at, "--flaw", "nfc/select/version"]);
    let mut reader = accept(&listener);
    send(&mut reader, &[1]);
    send(&mut reader, SELECT);
    assert_eq!(receive(&mut reader).unwrap(), b"FIDO_9_9\x90\x00");
    drop(reader);
    let said = key.stop_by_itself();
    assert!(said.contains("it says that it speaks a version that there is not"), "{said}");

    let mut command = stuntkey(Path::new("memory"));
    let output = run(command.args(["device", "--udp", "--flaw", "nfc/select/version"]), b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("this one is of cards, and expected --reader"), "{}", stderr(&output));
}

/// The reader of the test waits for an answer as vpcd does, without a limit.
#[test]
fn a_card_without_power_leaves_its_reader_and_comes_back() {
    const SELECT: &[u8] = &[0, 0xa4, 4, 0, 8, 0xa0, 0, 0, 6, 0x47, 0x2f, 0, 1, 0];
    const SELECTION: &[u8] = &[0x80, 0x10, 0, 0, 1, 0x0b, 0];
    let directory = tempfile::tempdir().unwrap();
    let control = directory.path().join("control");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let key = Key::start(&["--reader", &at, "--user", "none", "--control", control.to_str().unwrap()]);
    assert_eq!(key.address, "reader:");

    let mut reader = accept(&listener);
    send(&mut reader, &[1]);
    send(&mut reader, SELECT);
    assert_eq!(receive(&mut reader).unwrap(), b"U2F_V2\x90\x00");
    send(&mut reader, SELECTION);
    wait_until_it_waits(&control);
    assert_eq!(tell(&control, "power-cycle"), "ok");
    let end = receive(&mut reader).unwrap_err();
    assert!(matches!(end.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset), "{end}");

    let mut reader = accept(&listener);
    send(&mut reader, &[4]);
    assert_eq!(receive(&mut reader).unwrap(), [0x3b, 0x80, 0x80, 1, 1]);
    send(&mut reader, &[1]);
    send(&mut reader, SELECTION);
    assert_eq!(receive(&mut reader).unwrap(), [0x69, 0x85], "it is still selected");
    send(&mut reader, SELECT);
    assert_eq!(receive(&mut reader).unwrap(), b"U2F_V2\x90\x00");
    // The end of the reader is its own.
    drop(reader);
    drop(key.stop_by_itself());
}
