import type { Space } from '../api/lock-requests.js';

/** The words in which the two pages differ. */
export interface Words {
  readonly one: string;
  readonly many: string;
  readonly holder: string;
  readonly holders: string;
  readonly waiters: string;
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
    waiters: 'Waiting',
    release: 'Release',
    empty: 'Nobody holds a lock, or waits for one.',
    example: "curl -X POST 'MEMBER/mod/v2/lock/NAME?ttl=60' -d value=WHO",
  },
  leader: {
    one: 'election',
    many: 'elections',
    holder: 'Leader',
    holders: 'Leaders',
    waiters: 'Candidates',
    release: 'Depose',
    empty: 'Nobody leads, or stands for an election.',
    example: "curl -X PUT 'MEMBER/mod/v2/leader/NAME?ttl=60' -d name=WHO",
  },
};

/** A queue entry without a value is known by its token only. */
export function whoText(value: string): string {
  return value === '' ? '(no value)' : value;
}
