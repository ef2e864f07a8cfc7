import type { Space } from '../api/lock-requests.js';
import { countOf, countText } from '../format/quantity.js';

/** The words in which the two pages differ. */
export interface Words {
  readonly one: string;
  readonly many: string;
  readonly holder: string;
  readonly holders: string;
  /** What one of them does, and several. */
  readonly holds: string;
  readonly hold: string;
  readonly waiters: string;
  /** Leaders lead alone, always. */
  readonly hasModes: boolean;
  readonly release: string;
  readonly empty: string;
  readonly example: string;
}

export const wordsOf: Readonly<Record<Space, Words>> = {
  lock: {
    one: 'lock',
    many: 'locks',
    holder: 'Holder',
    holders: 'Holders',
    holds: 'holds it',
    hold: 'hold it',
    waiters: 'Waiting',
    hasModes: true,
    release: 'Release',
    empty: 'Nobody holds a lock, or waits for one.',
    example: "curl -X POST 'MEMBER/mod/v2/lock/NAME?ttl=60' -d value=WHO",
  },
  leader: {
    one: 'election',
    many: 'elections',
    holder: 'Leader',
    holders: 'Leaders',
    holds: 'leads',
    hold: 'lead',
    waiters: 'Candidates',
    hasModes: false,
    release: 'Depose',
    empty: 'Nobody leads, or stands for an election.',
    example: "curl -X PUT 'MEMBER/mod/v2/leader/NAME?ttl=60' -d name=WHO",
  },
};

/** A queue entry without a value is known by its token, and by the address of its client. */
export function whoText({ value, client }: { value: string; client?: string | undefined }): string {
  if (value !== '') return value;
  return client === undefined ? '(no value)' : `(no value) ${client}`;
}

/** How an entry holds: alone, together with readers, or as one of so many. */
export function modeText(mode: string, limit: number): string {
  if (mode === 'exclusive' && limit > 1) return `one of ${countText(limit)}`;
  return mode;
}

/** How many hold and wait. */
export function queueSentence(
  space: Space,
  holding: number,
  waiting: number,
  limit: number,
): string {
  const { holds, hold } = wordsOf[space];
  const together = limit > 1 ? ` of at most ${countText(limit)}` : '';
  const noun = holding === 1 && limit === 1 ? 'client' : 'clients';
  const holders =
    holding === 0
      ? `Nobody ${holds}`
      : `${countText(holding)}${together} ${noun} ${holding === 1 ? holds : hold}`;
  const waiters = waiting === 0 ? 'nobody waits' : countOf(waiting, 'waits', 'wait');
  return `${holders}, ${waiters}.`;
}

/** What happens when an entry that holds is taken away. */
export function forceWarning(waiting: number): string {
  const next =
    waiting === 0
      ? 'while anybody else may get it'
      : 'while the next in the queue holds it already';
  return `It is not told: it goes on as if it held until it asks, ${next}. Only the token protects what both of them write.`;
}

const endings: Readonly<Record<string, string>> = {
  released: 'released',
  forced: 'taken away by force',
  expired: 'expired',
};

/** How a grant ended. */
export function endingText(end: string): string {
  return endings[end] ?? end;
}
