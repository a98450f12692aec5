//! `stuntkey device`.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use clap::Args;
use stuntkey::authenticator::{Answer, ConsentRequest, User};
use stuntkey::encoding::json::Json;
use stuntkey::fault::{AnswerFault, LyingAuthenticator};
use stuntkey_conformance::{AuthenticatorFlaw, FlawedKey};
use stuntkey_inspect::text::harmless;
use stuntkey_transport::Key;
use stuntkey_transport::host::{
    Event, Notice, Presence, Served, serve, serve_reader, standard_streams, tcp, udp, uhid, virtual_reader,
};

use crate::arguments::{Authenticator, Store, duration};
use crate::failure::Failure;
use crate::output::Output;
use crate::{authenticator, server, signal, store, user};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    wire: Wire,

    /// Tell clients this lie; `stuntkey faults --answers` lists them
    #[arg(long, value_name = "ID", value_parser = lie)]
    fault: Option<&'static AnswerFault>,

    /// Do this one thing wrong, as a case of `stuntkey conform` finds out; --list-flaws prints them
    #[arg(long, value_name = "ID", value_parser = flaw, conflicts_with = "fault")]
    flaw: Option<&'static AuthenticatorFlaw>,

    /// Print the flaws
    #[arg(long)]
    list_flaws: bool,

    /// How long the user takes for an answer
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    touch_after: Duration,

    /// How long a user who does not answer is waited for
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    touch_timeout: Duration,

    /// Take commands by a socket at this path, a line each: touch, present, deny, power-cycle, status, stop
    #[arg(long, value_name = "PATH")]
    control: Option<PathBuf>,

    /// Write no line for each request
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    store: Store,

    #[command(flatten)]
    authenticator: Authenticator,
}

/// How the key is reached.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Wire {
    /// Take reports in datagrams, one each, at this address; with port 0 at a free one
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:8111", value_parser = socket_address)]
    udp: Option<SocketAddr>,

    /// Take connections at this address, in which reports follow one another
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:8112", value_parser = socket_address)]
    tcp: Option<SocketAddr>,

    /// Be a device of the system's (Linux)
    #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = "/dev/uhid")]
    uhid: Option<PathBuf>,

    /// Be a card in the virtual reader (vpcd) that listens at this address
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:35963", value_parser = socket_address)]
    reader: Option<SocketAddr>,

    /// Take reports on standard input, and answer on standard output
    #[arg(long)]
    stdio: bool,
}

fn socket_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "expected an IP address and a port, as in 127.0.0.1:8111")
}

fn lie(text: &str) -> Result<&'static AnswerFault, String> {
    AnswerFault::from_id(text).ok_or_else(|| "expected one that `stuntkey faults --answers` lists".to_owned())
}

fn flaw(text: &str) -> Result<&'static AuthenticatorFlaw, String> {
    AuthenticatorFlaw::from_id(text).ok_or_else(|| "expected one that --list-flaws prints".to_owned())
}

/// Prints the flaws, with what each does wrong.
fn list_flaws(output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        let flaws = AuthenticatorFlaw::all().map(|flaw| {
            let members = [("id", flaw.id()), ("sentence", flaw.sentence())];
            Json::object(members.map(|(name, text)| (name, Json::from(text))))
        });
        return output.json_data(&Json::object([("flaws", Json::Array(flaws.collect()))]));
    }
    let mut text = String::new();
    for flaw in AuthenticatorFlaw::all() {
        text.push_str(&format!("{}\n{}", flaw.id(), output.paragraph(4, &format!("It {}", flaw.sentence()))));
    }
    output.data(&text)
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    if arguments.list_flaws {
        return list_flaws(output);
    }
    let Wire { udp, tcp, uhid, reader, stdio } = &arguments.wire;
    if udp.is_none() && tcp.is_none() && uhid.is_none() && reader.is_none() && !stdio {
        return Err(Failure::Usage("found no way to the key".into())
            .hint("expected one of --udp, --tcp, --uhid, --reader and --stdio"));
    }
    if reader.is_some() && arguments.flaw.is_some_and(AuthenticatorFlaw::is_of_reports) {
        return Err(Failure::Usage(
            "--flaw: this one is of CTAPHID, and --reader speaks another protocol".into(),
        ));
    }
    if reader.is_none() && arguments.flaw.is_some_and(AuthenticatorFlaw::is_of_cards) {
        return Err(Failure::Usage("--flaw: this one is of cards, and expected --reader".into()));
    }
    let presence = Presence::new();
    let key = key(arguments, &presence, output)?;
    let events = mpsc::channel();
    #[cfg(unix)]
    let _socket = arguments.control.as_deref().map(|at| control(at, &presence, &events.0)).transpose()?;
    #[cfg(not(unix))]
    if arguments.control.is_some() {
        return Err(Failure::Usage("--control: there are such sockets on Unix alone".into()));
    }
    listen_for_signals(&presence, &events.0)?;
    let watch = watch(arguments, output);
    hold(arguments, output, key, &presence, events, watch)
}

/// The key, with a user who can be reached.
fn key(arguments: &Arguments, presence: &Presence, output: &Output) -> Result<Box<dyn Key>, Failure> {
    let given = &arguments.authenticator;
    let model = given.settings.of_a_key();
    let (patience, delay) = (arguments.touch_timeout, arguments.touch_after);
    let user = match given.settings.asks {
        true => presence.before(asked_at_the_terminal(presence)?, patience),
        false => presence.before(model.user.clone(), patience),
    };
    let mut builder = authenticator::of_model(model, given)?.store(store::open(&arguments.store, output)?);
    builder = builder.user(user.delay(delay));
    let authenticator = builder.build().map_err(stuntkey::Error::from)?;
    if let Some(flaw) = arguments.flaw {
        output.warning(&format!("it {}", flaw.sentence()));
        return Ok(Box::new(FlawedKey::new(authenticator, Some(flaw))));
    }
    Ok(match arguments.fault {
        Some(fault) => {
            output.warning(&format!("it lies: {}", fault.sentence()));
            Box::new(LyingAuthenticator::new(authenticator, fault))
        }
        None => Box::new(authenticator),
    })
}

/// Shows each question on the terminal, and hands over what is typed there.
fn asked_at_the_terminal(presence: &Presence) -> Result<impl User + use<>, Failure> {
    user::can_be_asked()?;
    let presence = presence.clone();
    std::thread::spawn(move || user::answers(|answer| presence.give(answer)));
    Ok(|request: &ConsentRequest<'_>| {
        user::show(request);
        Answer::NoAnswer
    })
}

/// Holds the key out until the end.
fn hold(
    arguments: &Arguments,
    output: &Output,
    key: Box<dyn Key>,
    presence: &Presence,
    events: (Sender<Event>, Receiver<Event>),
    watch: impl FnMut(Notice),
) -> Result<(), Failure> {
    let ended = |error: io::Error| Failure::Tool(format!("the key cannot go on: {error}"));
    if let Some(at) = arguments.wire.reader {
        let flawed = arguments.flaw.and_then(|flaw| flaw.before_reader(at)).transpose();
        let reader = flawed.and_then(|flawed| virtual_reader(flawed.unwrap_or(at), events.0.clone()));
        let reader = reader.map_err(|error| {
            Failure::Tool(format!("no virtual reader at {at}: {error}"))
                .hint("Debian's vsmartcard-vpcd is one, which pcscd loads")
        })?;
        tell(output, "reader:".to_owned())?;
        return serve_reader(key, presence, reader, events, watch).map_err(ended);
    }
    let flaw = arguments.flaw.filter(|flaw| flaw.is_of_reports());
    let Some(flaw) = flaw else {
        let wire = wire(&arguments.wire, output, events.0.clone())?;
        return serve(key, presence, wire, events, watch).map_err(ended);
    };
    let (from_wire, heard) = mpsc::channel();
    let wire = wire(&arguments.wire, output, from_wire)?;
    match flaw.between(wire, heard, events.0.clone()) {
        Some(wire) => serve(key, presence, wire, events, watch).map_err(ended),
        None => Ok(()),
    }
}

/// What reports come and go by.
fn wire(
    wire: &Wire,
    output: &Output,
    events: Sender<Event>,
) -> Result<Box<dyn stuntkey_transport::host::Wire + Send>, Failure> {
    let cannot = |scheme: &str, at: SocketAddr, error: io::Error| {
        Failure::Tool(format!("cannot listen at {scheme}://{at}: {error}"))
            .hint(format!("--{scheme} 127.0.0.1:0 listens at a free port, and says which"))
    };
    if let Some(at) = wire.udp {
        server::warn_if_not_on_loopback(at.ip(), "the key is", output);
        let (wire, at) = udp(at, events).map_err(|error| cannot("udp", at, error))?;
        tell(output, format!("udp://{at}"))?;
        return Ok(Box::new(wire));
    }
    if let Some(at) = wire.tcp {
        server::warn_if_not_on_loopback(at.ip(), "the key is", output);
        let (wire, at) = tcp(at, events).map_err(|error| cannot("tcp", at, error))?;
        tell(output, format!("tcp://{at}"))?;
        return Ok(Box::new(wire));
    }
    if let Some(at) = &wire.uhid {
        let made = uhid(at, "stuntkey", events).map_err(|error| {
            Failure::Tool(format!("{}: {error}", at.display()))
                .hint("it takes Linux, the kernel module uhid and the right to open the file")
        })?;
        tell(output, "hid:".to_owned())?;
        return Ok(Box::new(made));
    }
    Ok(Box::new(standard_streams(events)))
}

/// The address, for scripts.
fn tell(output: &Output, address: String) -> Result<(), Failure> {
    match output.is_json() {
        true => output.json_data(&Json::object([("device", Json::from(address))])),
        false => output.data(&address),
    }
}

/// What prints a line for each request.
fn watch(arguments: &Arguments, output: &Output) -> impl FnMut(Notice) + use<> {
    let (quiet, json) = (arguments.quiet, output.is_json());
    move |notice| {
        if quiet {
            return;
        }
        match json {
            true => eprintln!("{}", as_json(&notice)),
            // What a client sent may stand in it.
            false => eprintln!("{}", notice.to_string().chars().map(harmless).collect::<String>()),
        }
    }
}

fn as_json(notice: &Notice) -> Json<'static> {
    match notice {
        Notice::Waits { request } => {
            Json::object([("event", Json::from("waits")), ("request", request.clone().into())])
        }
        Notice::Served(Served { channel, request, status, length, took, .. }) => Json::object([
            ("event", Json::from("served")),
            ("request", request.clone().into()),
            ("status", status.clone().into()),
            ("bytes", i64::try_from(*length).unwrap_or(i64::MAX).into()),
            ("microseconds", i64::try_from(took.as_micros()).unwrap_or(i64::MAX).into()),
            ("channel", i64::from(*channel).into()),
        ]),
        Notice::Wink => Json::object([("event", Json::from("wink"))]),
        _ => Json::object([("event", Json::from("power-cycle"))]),
    }
}

#[cfg(unix)]
fn control(
    at: &std::path::Path,
    presence: &Presence,
    events: &Sender<Event>,
) -> Result<stuntkey_transport::host::ControlSocket, Failure> {
    stuntkey_transport::host::control_socket(at, presence, events).map_err(|error| {
        let failure = Failure::Tool(format!("--control {}: {error}", at.display()));
        match error.kind() {
            io::ErrorKind::AddrInUse => failure.hint("remove it if no other key listens there"),
            _ => failure,
        }
    })
}

fn listen_for_signals(presence: &Presence, events: &Sender<Event>) -> Result<(), Failure> {
    let (presence, to_host) = (presence.clone(), events.clone());
    signal::listen(move |heard| {
        // A key that has gone hears nothing.
        match heard {
            signal::Heard::Touch => presence.give(Answer::Verified),
            signal::Heard::PowerCycle => drop(to_host.send(Event::PowerCycle)),
            signal::Heard::Stop => drop(to_host.send(Event::Stop)),
        }
    })
}
