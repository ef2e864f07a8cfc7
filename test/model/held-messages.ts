import { assert } from '../../src/assert.js';
import type { Message } from '../../src/raft/messages.js';
import type { Raft } from '../../src/raft/raft.js';
import { id } from '../raft/peer.js';
import { opened } from './normal-form.js';

/** Which write a message waits for: the one in progress, or the next. */
export type Waiting = 1 | 2;

/** What an input does to the messages that have waited since before it. */
export type Fate = Waiting | 'sent' | 'dropped';

/** Of those that waited for the write in progress, and of those that waited for the next. */
export type Fates = readonly [Fate, Fate];

export const untouched: Fates = [1, 2];

export interface Held {
  readonly message: Message;
  readonly needs: number;
}

/**
 * The messages that wait in a core for the end of a write are kept outside of it, as the mail is: a
 * core treats all that wait for one write alike, and does not look at them. So a probe stands for
 * each kind during an input.
 */
const probes = [probe('1'), probe('2')] as const;

function probe(name: string): Message {
  const nobody = id('0');
  return { type: 'TimeoutNowRequest', from: id(name), to: nobody, term: 0 as Message['term'] };
}

export function isProbe(message: Message): boolean {
  return message === probes[0] || message === probes[1];
}

export function putProbes(raft: Raft): void {
  const { $outbox } = opened(raft).$state;
  assert($outbox.$held.length === 0, 'what waits is kept outside');
  $outbox.$held = [
    { message: probes[0], needs: 1 },
    { message: probes[1], needs: 2 },
  ];
}

/** Takes out what has come to wait, and looks what has become of the probes. */
export function takeHeld(
  raft: Raft,
  sent: readonly Message[],
): { readonly held: readonly Held[]; readonly fates: Fates } {
  const { $outbox, $persistedSequence } = opened(raft).$state;
  const waiting = $outbox.$held.map(({ message, needs }) => {
    return { message, needs: needs - $persistedSequence };
  });
  $outbox.$held = [];
  const fateOf = (each: Message): Fate => {
    if (sent.includes(each)) return 'sent';
    const found = waiting.find(({ message }) => message === each);
    return found === undefined ? 'dropped' : waitingFor(found.needs);
  };
  const fates: Fates = [fateOf(probes[0]), fateOf(probes[1])];
  return { held: waiting.filter(({ message }) => !isProbe(message)), fates };
}

export function waitingFor(needs: number): Waiting {
  assert(needs === 1 || needs === 2, 'a message waits for this write or the next');
  return needs;
}
