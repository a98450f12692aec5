//! fido-authenticator on Trussed, behind CTAPHID of the crate `usbd-ctaphid`, as Solo 2 and Nitrokey 3 have it.
//!
//! What these want from their board is here: random numbers, a store in memory, a user, and the part of USB that carries
//! reports. The files of an attestation are those that the README of fido-authenticator asks for. A panic starts it anew
//! with what is stored, as that of a firmware does.

mod board;
mod usb;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use board::{Board, Toucher, Trussed};
use ctaphid_dispatch::{Channel, DEFAULT_MESSAGE_SIZE, Dispatch, Responder};
use fido_authenticator::{Authenticator, Config, Conforming};
use littlefs2_core::path;
use ref_swap::OptionRefSwap;
use stuntkey_interop_authenticators::{
    ATTESTATION_CERTIFICATE, ATTESTATION_KEY, Clients, Happenings, begin, listen, obey_touches,
};
use stuntkey_transport::host::{Event, Presence, Wire};
use trussed::store::Store as _;
use trussed::virt::{Store, StoreConfig};
use trussed_core::InterruptFlag;
use usb_device::UsbDirection;
use usb_device::bus::UsbBusAllocator;
use usb_device::class::UsbClass;
use usb_device::device::{UsbDeviceBuilder, UsbVidPid};
use usbd_ctaphid::CtapHid;
use usbd_ctaphid::types::Status;

/// A key of Trussed's in a file: that it is secret, that it is one of P-256, and its scalar.
const KEY_FILE_BEGINS: [u8; 4] = [0, 2, 0, 5];

/// How long nobody looks for a message or its answer.
const GLANCE: Duration = Duration::from_millis(1);

/// What ends the wait for a user, and who is to be interrupted now.
static INTERRUPT: InterruptFlag = InterruptFlag::new();
static INTERRUPTED: OptionRefSwap<'static, InterruptFlag> = OptionRefSwap::new(None);

fn main() {
    let (to_host, events) = begin("fido-authenticator 0.4.0-rc.4");
    let presence = Presence::new();
    obey_touches(&presence);
    let mut happenings = Happenings::new(events);
    let mut wire = Clients::new(listen(&to_host));
    let mut stores = StoreConfig::ram();
    stores.with_store(provision);
    (stores.internal.format, stores.external.format) = (false, false);
    while stores.with_store(|store| power_up(store, &presence, &mut happenings, &mut wire)) {}
}

/// What is done to a new key.
fn provision(store: Store<'_>) {
    let files = store.ifs();
    for (directory, name, content) in [
        (path!("fido/x5c"), path!("fido/x5c/00"), ATTESTATION_CERTIFICATE.to_vec()),
        (path!("fido/sec"), path!("fido/sec/00"), [&KEY_FILE_BEGINS[..], ATTESTATION_KEY].concat()),
    ] {
        let written = files.create_dir_all(directory).and_then(|()| files.write(name, &content));
        written.expect("the store is empty");
    }
}

/// Runs it until the power goes, or it breaks down; `false` at the end of all.
fn power_up<W: Wire>(
    store: Store<'_>,
    presence: &Presence,
    happenings: &mut Happenings,
    wire: &mut Clients<W>,
) -> bool {
    let channel = Channel::<DEFAULT_MESSAGE_SIZE>::new();
    let (requester, responder) = channel.split().expect("it was not split before");
    let (bus, reports) = usb::bus();
    let allocator = UsbBusAllocator::new(bus);
    let hid = CtapHid::with_interrupt(&allocator, requester, Some(&INTERRUPTED), 0);
    let hid = hid.implements_ctap1().implements_ctap2();
    // Nobody enumerates it, but without it the endpoints have no bus.
    let _device = UsbDeviceBuilder::new(&allocator, UsbVidPid(0, 0)).build();
    let (off, waits) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let user = Toucher::new(presence.clone(), &waits);
        let board = Board::new(store, user);
        let application = scope.spawn(|| answer(board, responder, &off));
        let carried = || carry(hid, &reports, happenings, wire, &waits, || application.is_finished());
        let goes_on = catch_unwind(AssertUnwindSafe(carried)).unwrap_or(true);
        off.store(true, Ordering::SeqCst);
        INTERRUPT.interrupt();
        // How it ended says nothing: nothing of it is used any more but the files.
        drop(application.join());
        goes_on
    })
}

/// Answers messages until the power is off.
fn answer(board: Board<'_>, responder: Responder<'_, DEFAULT_MESSAGE_SIZE>, off: &AtomicBool) {
    Trussed::serve(board, &INTERRUPT, |client| {
        let config = Config::new(DEFAULT_MESSAGE_SIZE);
        let mut authenticator = Authenticator::new(client, Conforming {}, config);
        let mut dispatch = Dispatch::with_interrupt(responder, Some(&INTERRUPTED));
        while !off.load(Ordering::SeqCst) {
            dispatch.poll(&mut [&mut authenticator]);
            thread::sleep(GLANCE);
        }
    });
}

/// Carries reports until the power goes, or there is nobody any more who answers; `false` at the end of all.
fn carry<W: Wire>(
    mut hid: CtapHid<'_, '_, '_, usb::Bus, DEFAULT_MESSAGE_SIZE>,
    reports: &usb::Reports,
    happenings: &mut Happenings,
    wire: &mut Clients<W>,
    waits: &AtomicBool,
    is_broken: impl Fn() -> bool,
) -> bool {
    let begun = Instant::now();
    let mut next_sign: Option<Instant> = None;
    loop {
        match happenings.next(GLANCE) {
            Ok(Event::Report { peer, report }) => {
                wire.heard(peer);
                reports.receive(report);
                hid.endpoint_out(usb::endpoint(UsbDirection::Out));
            }
            Ok(Event::PowerCycle) => return true,
            Ok(Event::Stop | Event::Closed) | Err(RecvTimeoutError::Disconnected) => return false,
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
        }
        if is_broken() {
            return true;
        }
        hid.check_for_app_response();
        hid.check_timeout(begun.elapsed().as_millis().try_into().unwrap_or(u32::MAX));
        // The board's timer, which the firmware sets to the time that it is told.
        let mut told = hid.did_start_processing();
        if next_sign.is_some_and(|at| at <= Instant::now()) {
            told = hid.send_keepalive(waits.load(Ordering::SeqCst));
            next_sign = None;
        }
        if let Status::ReceivedData(pause) = told {
            next_sign = Some(Instant::now() + Duration::from_millis(u64::from(pause.0)));
        }
        while let Some(report) = reports.sent() {
            wire.tell(&report);
            hid.endpoint_in_complete(usb::endpoint(UsbDirection::In));
        }
    }
}
