import type { MemberId } from '../ids.js';
import type { TrafficCounts } from './bounded-writer.js';
import type { Address, Handshake } from './channel.js';
import type { Contact } from './contact.js';
import type { AcceptPeer } from './hello.js';
import type { Hello } from './transport.js';
import type { TransportTuning } from './tuning.js';

/** What every stream to one peer needs. */
export interface ConnectionOptions {
  readonly address: Address;
  readonly peer: MemberId;
  readonly hello: Hello;
  readonly acceptPeer: AcceptPeer;
  readonly tuning: TransportTuning;
  readonly counts: TrafficCounts;
  readonly contact: Contact;
  /** Undefined where members do not speak TLS. */
  readonly handshake: Handshake | undefined;
}
