import { hasStatus } from './failure.js';
import { ask, pathOf, type Question } from './request.js';

/** A member that is to join. */
export interface Joining {
  readonly name: string;
  readonly peerUrls: readonly string[];
  /** It gets the log, and never votes. */
  readonly learner: boolean;
}

type Request = Pick<Question, 'method' | 'path' | 'json'>;

/** The member was removed for good, and its id with it. */
const gone = 410;

/** A change is not given up when its dialog closes: its effect would be unknown. */
const unhurried = new AbortController().signal;

/** @throws {ApiError} */
export async function addMember(joining: Joining): Promise<void> {
  await ask({ ...additionOf(joining), signal: unhurried });
}

/** Done as well if somebody else has removed it. @throws {ApiError} */
export async function removeMember(id: string): Promise<void> {
  try {
    await ask({ ...memberRemovalOf(id), signal: unhurried });
  } catch (error) {
    if (!hasStatus(error, gone)) throw error;
  }
}

/** The request that lets it join. */
export function additionOf({ name, peerUrls, learner }: Joining) {
  const json = { name, peerURLs: peerUrls, learner };
  return { method: 'POST', path: 'v2/members', json } as const satisfies Request;
}

/** The request that removes it. */
export function memberRemovalOf(id: string) {
  return { method: 'DELETE', path: pathOf('v2/members/', id) } as const satisfies Request;
}
