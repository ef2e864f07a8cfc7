import {
  type LogIndex,
  type MemberId,
  type Term,
  logIndex as toLogIndex,
  memberId as toMemberId,
  term as toTerm,
} from '../ids.js';
import type { Kind } from './field.js';
import { MalformedError } from './format-error.js';
import { branded, everyVersion, required } from './kinds.js';
import { readText } from './wire.js';

const memberIdPattern = /^[0-9a-f]{16}$/;

/** Never absent. */
export const memberId: Kind<MemberId> = required({
  ...everyVersion,
  write: (sink, id: MemberId) => sink.string(id),
  read: (reader) => {
    const id = readText(reader);
    if (!memberIdPattern.test(id)) throw new MalformedError('not a member id');
    return toMemberId(id);
  },
});

/** Zero when absent. */
export const term: Kind<Term> = branded(toTerm);

/** Zero when absent. */
export const logIndex: Kind<LogIndex> = branded(toLogIndex);
