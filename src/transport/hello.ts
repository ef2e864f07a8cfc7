import { type MemberId, memberId } from '../ids.js';
import type { Hello } from './transport.js';
import { malformed } from './wire.js';

/** Grows with every change of proto/peer.proto that an older member would misread. */
export const protocolVersion = 2;

/** A reason to refuse the peer, or undefined. Asked only when cluster and version agree. */
export type AcceptPeer = (hello: Hello) => string | undefined;

/** The first frame of every stream. */
export interface Opening {
  readonly hello: Hello;
  readonly to: MemberId;
}

export interface WireHello {
  readonly protocolVersion: number;
  readonly clusterId: string;
  readonly memberId: string;
  readonly incarnation: string;
}

export interface WireOpening {
  readonly hello?: WireHello | null;
  readonly toMemberId: string;
}

/** Identities are short; a longer text is neither kept nor logged. */
const identityCharactersMax = 256;

export function decodeHello(wire: WireHello | null | undefined): Hello {
  if (!wire) malformed('it has no hello');
  return {
    protocolVersion: wire.protocolVersion,
    clusterId: identity(wire.clusterId),
    memberId: decodeMemberId(wire.memberId),
    incarnation: identity(wire.incarnation),
  };
}

export function encodeOpening(opening: Opening): WireOpening {
  return { hello: opening.hello, toMemberId: opening.to };
}

export function decodeOpening(wire: WireOpening | null | undefined): Opening {
  if (!wire) malformed('it has no opening');
  return { hello: decodeHello(wire.hello), to: decodeMemberId(wire.toMemberId) };
}

export function decodeMemberId(text: string): MemberId {
  if (!/^[0-9a-f]{16}$/.test(text)) malformed('it has no member id where one is due');
  return memberId(text);
}

/** Why the receiver refuses an opening; undefined when it accepts it. */
export function refuseOpening(
  local: Hello,
  opening: Opening,
  acceptPeer: AcceptPeer,
): string | undefined {
  const misdirected =
    opening.to === local.memberId ? undefined : `it was meant for member ${opening.to}`;
  return refusal(local, opening.hello, misdirected, acceptPeer);
}

/** Why the dialler refuses the member that it reached; undefined when it accepts it. */
export function refuseAnswer(
  local: Hello,
  expected: MemberId,
  answer: Hello,
  acceptPeer: AcceptPeer,
): string | undefined {
  const stranger =
    answer.memberId === expected ? undefined : `member ${expected} was expected there`;
  return refusal(local, answer, stranger, acceptPeer);
}

function refusal(
  local: Hello,
  remote: Hello,
  mistake: string | undefined,
  acceptPeer: AcceptPeer,
): string | undefined {
  const reason =
    difference(local, remote) ??
    (remote.memberId === local.memberId ? 'both have the same member id' : mistake) ??
    acceptPeer(remote);
  if (reason === undefined) return undefined;
  return `${describe(local)} refuses ${describe(remote)}: ${reason}`;
}

function difference(local: Hello, remote: Hello): string | undefined {
  if (local.protocolVersion !== remote.protocolVersion) return 'the protocol versions differ';
  if (local.clusterId !== remote.clusterId) return 'the clusters differ';
  return undefined;
}

function describe(hello: Hello): string {
  return (
    `member ${hello.memberId} of cluster ${hello.clusterId} ` +
    `(incarnation ${hello.incarnation}, protocol ${hello.protocolVersion})`
  );
}

function identity(text: string): string {
  if (text.length === 0 || text.length > identityCharactersMax) {
    malformed(`an identity of ${text.length} characters`);
  }
  return text;
}
