import type { Kind } from '../encoding/field.js';
import { MalformedError } from '../encoding/format-error.js';
import { everyVersion, list, oneOf, required, text } from '../encoding/kinds.js';
import { readText, writeText } from '../encoding/wire.js';
import type { HoldMode } from './hold-rules.js';
import { isLockName, type LockSpace } from './lock-path.js';
import { isCleanPath, pathProblem } from './path.js';

/** Text that is checked when it is written and when it is read. */
function checkedText(check: (value: string) => void): Kind<string> {
  return required({
    ...everyVersion,
    write: (sink, value) => {
      check(value);
      writeText(sink, value);
    },
    read: (reader) => {
      const value = readText(reader);
      check(value);
      return value;
    },
  });
}

/** Absolute and clean: "/" or "/a/b". */
export const path: Kind<string> = checkedText((value) => {
  if (!isCleanPath(value)) throw new MalformedError(`not a clean path: ${value}`);
  const problem = pathProblem(value);
  if (problem !== undefined) throw new MalformedError(problem);
});

/** Clean, without slashes at its ends; slashes inside are allowed. */
export const lockName: Kind<string> = checkedText((value) => {
  if (!isLockName(value)) throw new MalformedError(`not a name of a lock: ${value}`);
});

/** Of a user or a role: one segment of a path. A colon would end it in a client's credentials. */
export const authName: Kind<string> = checkedText((value) => {
  const problem = authNameProblem(value);
  if (problem !== undefined) throw new MalformedError(problem);
});

const authNameUnitsMax = 256;

/** Why no user and no role has that name; undefined when it is well formed. */
export function authNameProblem(name: string): string | undefined {
  if (name === '' || name.length > authNameUnitsMax) {
    return `a name has 1 to ${authNameUnitsMax} characters`;
  }
  return /[/:\p{Cc}]/u.test(name) ? 'a name has no slash, colon or control character' : undefined;
}

export const lockSpace: Kind<LockSpace> = oneOf(['lock', 'leader']);

export const holdMode: Kind<HoldMode> = oneOf(['exclusive', 'shared']);

export const texts = list(text, Object.freeze([]));
