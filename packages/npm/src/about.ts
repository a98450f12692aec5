// What there is: models, settings, faults; and anything on the wire, explained.

import { type Bytes, plain } from './bytes.js';
import { call } from './door.js';
import type { FaultId } from './generated/fault.js';
import type { AlgorithmName, ModelName, PresetName } from './generated/model.js';
import type { Policy } from './verify.js';

/** What this build is. */
export interface Version {
  version: string;
  /** The algorithms that authenticators can sign with. */
  algorithms: AlgorithmName[];
  /** The shapes of replies. */
  presets: PresetName[];
  operations: string[];
}

export function version(): Version {
  return call('version');
}

/** The models of authenticators that are ready to use, each with what it is. */
export function models(): { name: ModelName; what: string }[] {
  return call('models');
}

/** A setting of a model. */
export interface Setting {
  /** Those after `attestation.` stand in the object `attestation`. */
  name: string;
  what: string;
  kind: 'flag' | 'number' | 'text' | 'list';
  /** Every value that it, or an item of the list, can have, and what that means; empty where they are too many. */
  values: [value: string, what: string][];
  /** Its text form in the default model, if it is set there. */
  default?: string | null;
}

export function settings(): Setting[] {
  return call('settings');
}

/** One named change to a ceremony, which a server has to refuse. */
export interface Fault {
  id: FaultId;
  /** What is wrong, in a sentence without its full stop. */
  sentence: string;
  ceremonies: CeremonyName[];
  /** The clauses of the standard by which it is to be refused. */
  clauses: string[];
  /** The format of attestation that it needs. */
  format?: string;
  /** The algorithm that it needs. */
  algorithm?: AlgorithmName;
  /** The policy with which the verifier refuses it, where the standard leaves that to the relying party. */
  policy?: Policy;
  /** What else the relying party has to know, so that it can refuse it. */
  given?: string;
  /** Whether the key has to be made with `preparedFor`. */
  needsPreparation: boolean;
}

export type CeremonyName = 'registration' | 'authentication';

/** The faults that a ceremony can have; `id` picks those whose id is this, or begins with it at a slash. */
export function faults(ceremony?: CeremonyName, id?: string): Fault[] {
  return call('faults', { ceremony, id });
}

/** The root certificate that attestation ends in without a seed or an authority, or that of a seed: PEM. */
export function testRoot(options: { seed?: string } = {}): string {
  return call<{ pem: string }>('attestation.root', options).pem;
}

/** A part of something on the wire. */
export interface InspectedPart {
  name: string;
  /** A word of a specification, a number, or something computed. */
  value?: string | number | boolean;
  /** The text that it holds. */
  text?: string;
  /** The bytes that it holds, in hexadecimal. */
  hex?: string;
  /** What the value means. */
  meaning?: string;
  /** Where it stands in the `bytes` of the nearest part around it. */
  offset?: number;
  length?: number;
  /** The bytes in which the parts of it stand, in hexadecimal. */
  bytes?: string;
  remarks?: string[];
  /** What is unusual about it. */
  odd?: string[];
  /** Why reading ended here. */
  stops?: string[];
  children?: InspectedPart[];
}

export interface Inspection {
  /** What it is. */
  kind: string;
  encoding: string | null;
  /** Why reading ended before the end, if it did. */
  stop: string | null;
  tree: InspectedPart;
}

/** Explains a response, options, or any of their parts: text, an object, or bytes. */
export function inspect(
  input: string | object | Bytes,
  options: { kind?: string; showSecrets?: boolean } = {},
): Inspection {
  return call('inspect', { ...options, input: written(input) });
}

function written(input: string | object): unknown {
  const converted = plain(input);
  return typeof converted === 'string' ? converted : JSON.stringify(converted);
}
