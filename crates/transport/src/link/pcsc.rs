//! A card in a reader of the system's, by PC/SC: what `pcscd` speaks on its socket (PC/SC lite, protocol 4.4). The system's
//! library speaks the same; without it nothing has to be linked.

#[cfg(unix)]
pub(super) use unix::connect;

#[cfg(not(unix))]
pub(super) use elsewhere::connect;

#[cfg(unix)]
mod unix {
    use std::io::{self, Read, Write};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::super::card::Reader;
    use crate::error::TransportError;

    const SOCKET: &str = "/run/pcscd/pcscd.comm";
    const SOCKET_VARIABLE: &str = "PCSCLITE_CSOCK_NAME";

    /// How long the service may take for one command: a card that asks its user answers late.
    const PATIENCE: Duration = Duration::from_secs(120);

    /// The version of the protocol.
    const VERSION: [u32; 2] = [4, 4];

    /// The numbers of commands.
    mod command {
        pub(super) const ESTABLISH_CONTEXT: u32 = 0x01;
        pub(super) const CONNECT: u32 = 0x04;
        pub(super) const TRANSMIT: u32 = 0x09;
        pub(super) const VERSION: u32 = 0x11;
        pub(super) const GET_READERS_STATE: u32 = 0x12;
    }

    const SCOPE_SYSTEM: u32 = 2;
    const SHARE_SHARED: u32 = 2;
    const PROTOCOL_ANY: u32 = 3;
    const CARD_PRESENT: u32 = 4;

    /// The readers that the service knows at most, and the bytes of what it says of each.
    const READERS: usize = 16;
    const READER_LENGTH: usize = 184;
    const NAME_LENGTH: usize = 128;
    /// Where the state of a reader stands.
    const STATE: usize = NAME_LENGTH + 4;

    /// The longest answer of a card, in the extended form.
    const LONGEST_ANSWER: u32 = 65_538;

    #[derive(Debug)]
    struct Pcsc {
        service: UnixStream,
        card: u32,
        protocol: u32,
    }

    /// Connects to the card in the reader whose name has this in it, or to the only card that there is.
    pub(in super::super) fn connect(name: Option<&str>) -> Result<impl Reader + use<>, TransportError> {
        let path = std::env::var(SOCKET_VARIABLE).unwrap_or_else(|_| SOCKET.to_owned());
        let mut service = UnixStream::connect(&path).map_err(|source| TransportError::Unreachable {
            what: format!("the PC/SC service cannot be reached at {path}; is pcscd running?"),
            source,
        })?;
        service.set_read_timeout(Some(PATIENCE))?;
        let [major, minor] = VERSION;
        let told = call::<3>(&mut service, command::VERSION, &words(&[major, minor, 0]))?;
        if told[2] != 0 {
            return Err(TransportError::Malformed(format!(
                "a PC/SC service of protocol {}.{}, expected {major}.{minor}",
                told[0], told[1]
            )));
        }
        let [_, context, result] =
            call(&mut service, command::ESTABLISH_CONTEXT, &words(&[SCOPE_SYSTEM, 0, 0]))?;
        check(result)?;
        let reader = choose(&mut service, name)?;
        let mut request = words(&[context]);
        request.extend_from_slice(&reader);
        request.extend_from_slice(&words(&[SHARE_SHARED, PROTOCOL_ANY, 0, 0, 0]));
        send(&mut service, command::CONNECT, &request)?;
        let mut answer = [0; 4 + NAME_LENGTH + 5 * 4];
        service.read_exact(&mut answer)?;
        let numbers = answer.split_last_chunk::<20>().map(|(_, numbers)| *numbers).unwrap_or([0; 20]);
        let [_, _, card, protocol, result] = read_words(&numbers);
        check(result)?;
        Ok(Pcsc { service, card, protocol })
    }

    /// The name of the reader, filled up with zeros.
    fn choose(service: &mut UnixStream, wanted: Option<&str>) -> Result<Vec<u8>, TransportError> {
        send(service, command::GET_READERS_STATE, &[])?;
        let mut states = [0; READERS * READER_LENGTH];
        service.read_exact(&mut states)?;
        let mut names = Vec::new();
        let mut found = Vec::new();
        for state in states.chunks_exact(READER_LENGTH) {
            let name = state.get(..NAME_LENGTH).unwrap_or_default();
            let text: String =
                String::from_utf8_lossy(name).chars().take_while(|character| *character != '\0').collect();
            let flags = state.get(STATE..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
            let has_card = u32::from_ne_bytes(flags) & CARD_PRESENT != 0;
            if text.is_empty() || !has_card {
                continue;
            }
            if wanted.is_none_or(|wanted| text.contains(wanted)) {
                found.push(name.to_vec());
            }
            names.push(text);
        }
        let wrong = |what: String, kind: io::ErrorKind| {
            Err(TransportError::Unreachable { what, source: kind.into() })
        };
        match (found.len(), wanted) {
            (1, _) => Ok(found.swap_remove(0)),
            (0, Some(wanted)) => wrong(
                format!("no reader with a card has {wanted:?} in its name, expected one of {names:?}"),
                io::ErrorKind::NotFound,
            ),
            (0, None) => wrong("no reader has a card".to_owned(), io::ErrorKind::NotFound),
            _ => wrong(
                format!("several readers have a card, expected part of one of {names:?}"),
                io::ErrorKind::InvalidInput,
            ),
        }
    }

    impl Reader for Pcsc {
        fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
            let length = u32::try_from(apdu.len()).unwrap_or(u32::MAX);
            let io = [self.protocol, 8];
            let request = words(&[self.card, io[0], io[1], length, io[0], io[1], LONGEST_ANSWER, 0]);
            send(&mut self.service, command::TRANSMIT, &request)?;
            self.service.write_all(apdu)?;
            let [_, _, _, _, _, _, length, result] = receive(&mut self.service)?;
            check(result)?;
            if length > LONGEST_ANSWER {
                return Err(TransportError::TooLong {
                    length: usize::try_from(length).unwrap_or(usize::MAX),
                    most: 65_538,
                });
            }
            let mut answer = vec![0; usize::try_from(length).unwrap_or(0)];
            self.service.read_exact(&mut answer)?;
            Ok(answer)
        }
    }

    /// A command, and the words of its answer.
    fn call<const N: usize>(
        service: &mut UnixStream,
        command: u32,
        request: &[u8],
    ) -> Result<[u32; N], TransportError> {
        send(service, command, request)?;
        receive(service)
    }

    fn send(service: &mut UnixStream, command: u32, request: &[u8]) -> Result<(), TransportError> {
        let length = u32::try_from(request.len()).unwrap_or(u32::MAX);
        let mut message = words(&[length, command]);
        message.extend_from_slice(request);
        Ok(service.write_all(&message)?)
    }

    fn receive<const N: usize>(service: &mut UnixStream) -> Result<[u32; N], TransportError> {
        let mut answer = [0; N];
        for word in &mut answer {
            let mut bytes = [0; 4];
            service.read_exact(&mut bytes)?;
            *word = u32::from_ne_bytes(bytes);
        }
        Ok(answer)
    }

    /// Numbers as the service has them, which runs on the same machine.
    fn words(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
    }

    fn read_words<const N: usize>(bytes: &[u8]) -> [u32; N] {
        let mut words = bytes.chunks_exact(4).map(|word| {
            let mut bytes = [0; 4];
            bytes.copy_from_slice(word);
            u32::from_ne_bytes(bytes)
        });
        std::array::from_fn(|_| words.next().unwrap_or_default())
    }

    /// The service's own errors (PC/SC workgroup, part 5).
    fn check(result: u32) -> Result<(), TransportError> {
        let what = match result {
            0 => return Ok(()),
            0x8010_0069 => "no card any more".to_owned(),
            0x8010_000b => "a card that another program holds".to_owned(),
            0x8010_006a => "that access is denied by the PC/SC service's policy".to_owned(),
            other => format!("the PC/SC error {other:#010x}"),
        };
        Err(TransportError::Malformed(what))
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use super::super::card::Reader;
    use crate::error::TransportError;

    /// A reader that is nowhere.
    #[derive(Debug)]
    pub(in super::super) enum Nothing {}

    impl Reader for Nothing {
        fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransportError> {
            match *self {}
        }
    }

    pub(in super::super) fn connect(_: Option<&str>) -> Result<Nothing, TransportError> {
        let source = std::io::ErrorKind::Unsupported.into();
        Err(TransportError::Unreachable { what: "readers are reached on Unix alone".to_owned(), source })
    }
}
