// CTAPHID (CTAP 2.1 §11.2), lent to an authenticator that answers whole messages at once.
//
// It has as much of it as a client needs that does nothing wrong: no lock, no time limit, and no sign of life.

export const REPORT_LENGTH = 64;

const BROADCAST = 0xffffffff;
const [PING, INIT, CBOR, CANCEL, ERROR] = [0x81, 0x86, 0x90, 0x91, 0xbf];
const [INVALID_CMD, INVALID_LEN, INVALID_SEQ, CHANNEL_BUSY, INVALID_CHANNEL] = [0x01, 0x03, 0x04, 0x06, 0x0b];
const FIRST_OF_MESSAGE = 0x80;
const LONGEST_MESSAGE = 7609;
const PROTOCOL_VERSION = 2;
// CBOR, and no MSG.
const CAPABILITIES = 0x04 | 0x08;

// The channels of an authenticator, which `answerTo` asks for the answer to a request of CTAP2.
export class Channels {
  #answerTo;
  #lastChannel = 0;
  #message = null;

  constructor(answerTo) {
    this.#answerTo = answerTo;
  }

  // The reports that answer a report.
  answers(report) {
    const channel = report.readUInt32BE(0);
    const command = report[4];
    if (channel !== BROADCAST && (channel === 0 || channel > this.#lastChannel)) return error(channel, INVALID_CHANNEL);
    if (command === INIT) {
      this.#message = null;
      return this.#init(channel, new Message(report).data());
    }
    if (channel === BROADCAST) return error(channel, INVALID_CHANNEL);
    if (this.#message && this.#message.channel !== channel) {
      return command & FIRST_OF_MESSAGE ? error(channel, CHANNEL_BUSY) : [];
    }
    if (command === CANCEL) return [];
    if (!this.#message) {
      if (!(command & FIRST_OF_MESSAGE)) return [];
      const message = new Message(report);
      if (message.length > LONGEST_MESSAGE) return error(channel, INVALID_LEN);
      this.#message = message;
    } else if (!this.#message.goesOn(report)) {
      this.#message = null;
      return error(channel, INVALID_SEQ);
    }
    if (!this.#message.isWhole()) return [];
    const message = this.#message;
    this.#message = null;
    return this.#answer(message);
  }

  #init(channel, nonce) {
    if (nonce.length !== 8) return error(channel, INVALID_LEN);
    const given = Buffer.alloc(4);
    given.writeUInt32BE(channel === BROADCAST ? ++this.#lastChannel : channel);
    return reports(channel, INIT, Buffer.from([...nonce, ...given, PROTOCOL_VERSION, 0, 0, 0, CAPABILITIES]));
  }

  #answer(message) {
    if (message.command === PING) return reports(message.channel, PING, message.data());
    if (message.command !== CBOR) return error(message.channel, INVALID_CMD);
    if (message.length === 0) return error(message.channel, INVALID_LEN);
    return reports(message.channel, CBOR, this.#answerTo(message.data()));
  }
}

// A message of which the first report has come.
class Message {
  #received;
  #next = 0;

  constructor(report) {
    this.channel = report.readUInt32BE(0);
    this.command = report[4];
    this.length = report.readUInt16BE(5);
    this.#received = report.subarray(7);
  }

  // Takes the next report; false if it is another.
  goesOn(report) {
    if (report[4] !== this.#next) return false;
    this.#received = Buffer.concat([this.#received, report.subarray(5)]);
    this.#next += 1;
    return true;
  }

  isWhole() {
    return this.#received.length >= this.length;
  }

  data() {
    return this.#received.subarray(0, this.length);
  }
}

function error(channel, code) {
  return reports(channel, ERROR, Buffer.from([code]));
}

// A message in reports.
function reports(channel, command, data) {
  const report = (head, part) => {
    const filled = Buffer.alloc(REPORT_LENGTH);
    filled.writeUInt32BE(channel);
    Buffer.from([...head, ...part]).copy(filled, 4);
    return filled;
  };
  const made = [report([command, data.length >> 8, data.length & 0xff], data.subarray(0, 57))];
  for (let at = 57; at < data.length; at += 59) {
    made.push(report([made.length - 1], data.subarray(at, at + 59)));
  }
  return made;
}
