// What a run plays, and before whom.

import { StuntkeyError } from '../errors.js';
import type { ModelName, ModelSettings, PresetName } from '../generated/model.js';
import type { ReportFormat } from './run.js';

/** The document that a relying party is held to: WebAuthn Level 3, Level 2, or Level 3 with what FIDO adds. */
export type ProfileName = 'l3' | 'l2' | 'fido';

/** Only the origin has no default. */
export interface ConformOptions {
  /** The origin of the relying party's pages. */
  origin: string;
  /**
   * How the application is spoken to: the name of a description that is ready, or a description in TOML. Default: `fido`,
   * the requests of the FIDO conformance REST binding.
   */
  description?: string;
  /** What the URLs of requests begin with. Default: the origin. */
  url?: string;
  /** Values for names in the description. */
  variables?: Record<string, string>;
  /** Headers for every request. */
  headers?: Record<string, string>;
  /** What keys, ids, user names and challenges follow from. Default: it is drawn, and the report names it. */
  seed?: string;
  /** The cases to play: ids, beginnings of ids at a slash, globs. Default: all of the profile. */
  only?: string | readonly string[];
  /** Default: `l3`. */
  profile?: ProfileName;
  /** What speaks against it: failures of critical severity, failed MUSTs, or failed SHOULDs, too. Default: `must`. */
  failOn?: 'critical' | 'must' | 'should';
  /** What its policy allows, though the standard's default is to refuse it. */
  allow?: readonly ('subdomain-origins' | 'other-ports' | 'embedding')[];
  /** What is known of it already: expectations in TOML. */
  expectations?: string;
  /** The authenticators that people have. Default: `every_algorithm`. */
  model?: ModelName | ModelSettings;
  /** PEM of a certificate and its private key: the authority at the end of attestation chains. */
  attestationAuthority?: string;
  /** The form of user names. Default: `{}@example.org`. */
  userNames?: string;
  /** The shape of replies. Default: what the description says, or the one that goes with the options. */
  reply?: PresetName;
  /**
   * How long a case may wait for a challenge to expire, in milliseconds. The wait is a real one. Default: 0, which skips
   * the cases that wait.
   */
  longestWait?: number;
  /** What the report calls the relying party. */
  name?: string;
  /** The library that it stands on, for hints in code. */
  library?: string;
  /** How long the application may take for one request, in milliseconds. Default: 10,000. */
  timeout?: number;
  /** The files that the report is written to: `.json`, `.xml` (JUnit), `.md`, `.html`, `.sarif` or `.txt`. */
  report?: string | readonly string[];
}

/** A file for the report. */
export interface ReportFile {
  path: string;
  format: ReportFormat;
}

const FORMATS: readonly ReportFormat[] = ['json', 'xml', 'md', 'html', 'sarif', 'txt'];

/** The files, each in the format of its name. */
export function reportFiles(paths: ConformOptions['report']): ReportFile[] {
  const all = paths === undefined ? [] : typeof paths === 'string' ? [paths] : paths;
  return all.map((path) => {
    const format = FORMATS.find((format) => path.endsWith(`.${format}`));
    if (format) return { path, format };
    throw new StuntkeyError({
      name: 'RequestError',
      message: `$.report: found ${JSON.stringify(path)}, expected a file whose name ends with one of .${FORMATS.join(', .')}`,
      path: '$.report',
    });
  });
}
