import { encodedBytes } from '../encoding/byte-writer.js';
import { field } from '../encoding/field.js';
import { releaseFormats } from '../encoding/format-range.js';
import { memberId } from '../encoding/id-kinds.js';
import { flag, list, text } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import { decodeVersioned, writeVersioned } from '../encoding/versioned.js';
import type { MemberId } from '../ids.js';

/** What the configuration tells of one member, beside whether it votes. */
export interface ConfiguredAddress {
  readonly memberId: MemberId;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly staysLearner: boolean;
}

export const addressFormat = formatFor<ConfiguredAddress>('the address of a member', {
  memberId: field(1, memberId),
  name: field(2, text),
  peerUrls: field(3, list(text, Object.freeze([]))),
  staysLearner: field(4, flag),
});

interface Addresses {
  readonly members: readonly ConfiguredAddress[];
}

const addressesFormat = formatFor<Addresses>('the addresses of the members', {
  members: field(1, list(addressFormat, Object.freeze([]))),
});

/** `Configuration.addresses`, which the core carries without reading it. */
export function encodeAddresses(members: readonly ConfiguredAddress[]): Uint8Array {
  return encodedBytes((writer) => writeVersioned(writer, addressesFormat, { members }));
}

/** None where they were never told. */
export function decodeAddresses(bytes: Uint8Array | undefined): readonly ConfiguredAddress[] {
  if (bytes === undefined) return [];
  const what = 'the addresses of the members';
  return decodeVersioned(addressesFormat, bytes, what, releaseFormats.highest).members;
}
