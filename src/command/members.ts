import { field } from '../encoding/field.js';
import { text } from '../encoding/kinds.js';
import { type RecordOf, taggedFormat } from '../encoding/record-format.js';
import type { Alternatives } from '../encoding/union-format.js';
import { texts } from './kinds.js';

/** Sent by a member about itself; `Origin` says which member. */
export type MemberCommand = RegisterCommand | KeepAliveCommand;

/**
 * Sent by a member after each start. It is refused if the member has registered with another
 * incarnation before: its disk was replaced.
 */
export type RegisterCommand = RecordOf<typeof registerFormat>;
export const registerFormat = taggedFormat('register', {
  incarnation: field(1, text),
  name: field(2, text),
  peerUrls: field(3, texts),
  clientUrls: field(4, texts),
  version: field(5, text),
});

/** The member is alive, and so are the connections of the clients that wait through it. */
export type KeepAliveCommand = RecordOf<typeof keepAliveFormat>;
const keepAliveFormat = taggedFormat('keepAlive', {});

/** The numbers from 32 to 47 are those of members. */
export const memberCommands = {
  register: [32, registerFormat],
  keepAlive: [33, keepAliveFormat],
} as const satisfies Alternatives<MemberCommand>;
