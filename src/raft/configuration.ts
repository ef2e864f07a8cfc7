import { assert } from '../assert.js';
import { type LogIndex, type MemberId, memberId } from '../ids.js';
import type { Configuration } from './entry.js';

const formatVersion = 1;
const memberBytes = 8;
const membersMax = 255;

/**
 * Layout: version, number of voters, number of learners (one byte each), then the ids, eight bytes
 * each.
 */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const { voters, learners } = configuration;
  assert(voters.length <= membersMax && learners.length <= membersMax, 'too many members');
  const ids = [...voters, ...learners];
  const bytes = new Uint8Array(3 + ids.length * memberBytes);
  bytes.set([formatVersion, voters.length, learners.length]);
  for (const [position, id] of ids.entries()) bytes.set(idToBytes(id), 3 + position * memberBytes);
  return bytes;
}

/** Reads what this program wrote itself; anything else is a fault, not an input. */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const [version, voterCount = 0, learnerCount = 0] = bytes;
  assert(version === formatVersion, `unknown version of a configuration: ${version}`);
  const count = voterCount + learnerCount;
  assert(bytes.length === 3 + count * memberBytes, 'a configuration of the wrong length');
  const ids: MemberId[] = [];
  for (let at = 3; at < bytes.length; at += memberBytes) {
    ids.push(idFromBytes(bytes.subarray(at, at + memberBytes)));
  }
  return { voters: ids.slice(0, voterCount), learners: ids.slice(voterCount) };
}

function idToBytes(id: MemberId): Uint8Array {
  const bytes = new Uint8Array(memberBytes);
  for (let at = 0; at < memberBytes; at += 1) {
    bytes[at] = Number.parseInt(id.slice(at * 2, at * 2 + 2), 16);
  }
  return bytes;
}

function idFromBytes(bytes: Uint8Array): MemberId {
  return memberId(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));
}

interface Dated {
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

/**
 * The configuration in use is the latest one in the log, committed or not, else that of the
 * snapshot (thesis, section 4.1). So a truncation of the log may bring an earlier one back.
 */
export class ConfigurationHistory {
  /** Ascending by index. The first is what holds where the log begins; there always is one. */
  #known: Dated[];

  constructor(index: LogIndex, configuration: Configuration) {
    this.#known = [{ index, configuration }];
  }

  get latest(): Configuration {
    return this.#newest().configuration;
  }

  get newestIndex(): LogIndex {
    return this.#newest().index;
  }

  /** What was in use when the log ended at `index`. */
  at(index: LogIndex): Configuration {
    const found = this.#known.findLast((dated) => dated.index <= index);
    assert(found !== undefined, `the configuration at ${index} is forgotten`);
    return found.configuration;
  }

  append(index: LogIndex, configuration: Configuration): void {
    assert(index > this.#newest().index, 'configurations are appended in order');
    this.#known.push({ index, configuration });
  }

  truncate(from: LogIndex): void {
    while (this.#known.length > 1 && this.#newest().index >= from) this.#known.pop();
  }

  /** The log begins after `index` from now on. */
  compact(index: LogIndex): void {
    const first = this.#known.findLastIndex((dated) => dated.index <= index);
    if (first > 0) this.#known = this.#known.slice(first);
  }

  #newest(): Dated {
    const newest = this.#known.at(-1);
    assert(newest !== undefined, 'there always is a configuration');
    return newest;
  }
}
