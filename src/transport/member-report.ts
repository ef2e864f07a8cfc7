import type { LogIndex, MemberId, Term } from '../ids.js';
import { logIndex, term } from '../ids.js';
import type { Role } from '../raft/ready.js';
import { decodeMemberId } from './hello.js';
import { malformed, safeInteger, type WireInteger } from './wire.js';

/** What a member says of itself to those who ask whether it is there. Nothing is decided by it. */
export interface MemberReport {
  readonly role: Role;
  readonly term: Term;
  readonly leaderId: MemberId | undefined;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly upMs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  /** Undefined while it is not known. */
  readonly diskBytes: number | undefined;
  readonly watchers: number;
  readonly version: string;
}

export interface WireMemberReport {
  readonly role: number;
  readonly term: WireInteger;
  readonly leaderId: string;
  readonly commitIndex: WireInteger;
  readonly appliedIndex: WireInteger;
  readonly upMs: WireInteger;
  readonly rssBytes: WireInteger;
  readonly heapUsedBytes: WireInteger;
  readonly diskBytes: WireInteger;
  readonly watchers: WireInteger;
  readonly version: string;
}

const roleNumbers: Readonly<Record<Role, number>> = {
  follower: 1,
  preCandidate: 2,
  candidate: 3,
  leader: 4,
};

const roles = new Map<number, Role>([
  [1, 'follower'],
  [2, 'preCandidate'],
  [3, 'candidate'],
  [4, 'leader'],
]);

const numbersBytesMax = 192;
const versionCharactersMax = 256;

/** An upper bound of the encoded size. */
export function reportBytes({ version }: MemberReport): number {
  return numbersBytesMax + Buffer.byteLength(version);
}

export function encodeReport(report: MemberReport): WireMemberReport {
  return {
    ...report,
    role: roleNumbers[report.role],
    leaderId: report.leaderId ?? '',
    upMs: Math.round(report.upMs),
    diskBytes: report.diskBytes ?? 0,
  };
}

export function decodeReport(wire: WireMemberReport): MemberReport {
  const diskBytes = safeInteger(wire.diskBytes);
  const { version } = wire;
  if (version.length > versionCharactersMax) malformed(`a version of ${version.length} characters`);
  return {
    role: roles.get(wire.role) ?? malformed(`an unknown role ${wire.role}`),
    term: term(safeInteger(wire.term)),
    leaderId: wire.leaderId === '' ? undefined : decodeMemberId(wire.leaderId),
    commitIndex: logIndex(safeInteger(wire.commitIndex)),
    appliedIndex: logIndex(safeInteger(wire.appliedIndex)),
    upMs: safeInteger(wire.upMs),
    rssBytes: safeInteger(wire.rssBytes),
    heapUsedBytes: safeInteger(wire.heapUsedBytes),
    diskBytes: diskBytes === 0 ? undefined : diskBytes,
    watchers: safeInteger(wire.watchers),
    version,
  };
}
