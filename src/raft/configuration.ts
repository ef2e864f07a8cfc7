import { assert } from '../assert.js';
import { type LogIndex, type MemberId, memberId } from '../ids.js';
import type { Configuration } from './entry.js';

const formatVersion = 1;
const memberBytes = 8;
const countBytes = 4;
const noAddresses = new Uint8Array(0);
/** Of either kind; a byte counts them. */
export const membersMax = 255;

/**
 * Layout: version, number of voters, number of learners (one byte each), then their ids, eight
 * bytes each. If there is more to tell, the number of those who were removed follows (four bytes),
 * their ids, and the addresses.
 */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const { voters, learners, removed = [], addresses = noAddresses } = configuration;
  assert(voters.length <= membersMax && learners.length <= membersMax, 'too many members');
  const head = Uint8Array.of(formatVersion, voters.length, learners.length);
  const members = [...voters, ...learners].map(idToBytes);
  if (removed.length === 0 && addresses.length === 0) return joined([head, ...members]);
  const gone = removed.map(idToBytes);
  return joined([head, ...members, countToBytes(removed.length), ...gone, addresses]);
}

/** Reads what this program wrote itself; anything else is a fault, not an input. */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const [version, voterCount = 0, learnerCount = 0] = bytes;
  assert(version === formatVersion, `unknown version of a configuration: ${version}`);
  const votersEnd = 3 + voterCount * memberBytes;
  const membersEnd = votersEnd + learnerCount * memberBytes;
  const members = {
    voters: idsFrom(bytes.subarray(3, votersEnd), voterCount),
    learners: idsFrom(bytes.subarray(votersEnd, membersEnd), learnerCount),
  };
  const rest = bytes.subarray(membersEnd);
  if (rest.length === 0) return members;
  const removedCount = countFromBytes(rest);
  const removedEnd = countBytes + removedCount * memberBytes;
  const removed = idsFrom(rest.subarray(countBytes, removedEnd), removedCount);
  const addresses = rest.subarray(removedEnd);
  return {
    ...members,
    ...(removed.length > 0 ? { removed } : {}),
    ...(addresses.length > 0 ? { addresses } : {}),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function countToBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(countBytes);
  new DataView(bytes.buffer).setUint32(0, count);
  return bytes;
}

function countFromBytes(bytes: Uint8Array): number {
  assert(bytes.length >= countBytes, 'a configuration of the wrong length');
  return new DataView(bytes.buffer, bytes.byteOffset, countBytes).getUint32(0);
}

function idsFrom(bytes: Uint8Array, count: number): readonly MemberId[] {
  assert(bytes.length === count * memberBytes, 'a configuration of the wrong length');
  return Array.from({ length: count }, (_, position) =>
    idFromBytes(bytes.subarray(position * memberBytes, (position + 1) * memberBytes)),
  );
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
