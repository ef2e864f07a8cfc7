import { assertNever } from '../../assert.js';
import type { Space } from './lock-requests.js';

/** Who asks, as the member sees it, and what roles permit. */
export interface Caller {
  /** The cluster asks who somebody is. */
  readonly isAsked: boolean;
  /** Undefined for a guest, and while users are not asked for. */
  readonly user: string | undefined;
  /** The browser showed a certificate that names the user. */
  readonly isByCertificate: boolean;
  readonly roles: readonly Role[];
}

export interface Role {
  readonly name: string;
  readonly keyWrite: readonly string[];
  readonly lockRelease: readonly string[];
  readonly electionRelease: readonly string[];
  readonly admin: readonly string[];
}

/** What an action of this page needs. */
export type Right =
  | { readonly type: 'admin'; readonly kind: 'members' | 'backup' }
  /** `recursive`: every key below it, too. */
  | { readonly type: 'write'; readonly path: string; readonly recursive: boolean }
  /** To write any key at all. */
  | { readonly type: 'writeSome' }
  | { readonly type: 'release'; readonly space: Space; readonly name: string };

/** Why the caller may not; undefined when it may. The member decides all the same. */
export function refusalOf(caller: Caller, right: Right): string | undefined {
  if (!caller.isAsked || caller.roles.some((role) => permits(role, right))) return undefined;
  const { what, permission } = wordsOf(right);
  return `${caller.user ?? 'A guest'} may not ${what}: no role permits ${permission}.`;
}

function permits(role: Role, right: Right): boolean {
  if (role.name === 'root') return true;
  switch (right.type) {
    case 'admin':
      return role.admin.includes(right.kind);
    case 'write':
      return role.keyWrite.some((pattern) => matches(pattern, right.path, right.recursive));
    case 'writeSome':
      return role.keyWrite.length > 0;
    case 'release': {
      const patterns = right.space === 'lock' ? role.lockRelease : role.electionRelease;
      return patterns.some((pattern) => matches(pattern, right.name, false));
    }
    default:
      return assertNever(right);
  }
}

/** Only a pattern with a star fits all names that begin with a given one. */
function matches(pattern: string, name: string, recursive: boolean): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return !recursive && name === pattern;
}

/** What completes "may not", and the permission as a role has it. */
function wordsOf(right: Right): { readonly what: string; readonly permission: string } {
  switch (right.type) {
    case 'admin':
      return right.kind === 'backup'
        ? { what: 'take a backup', permission: 'admin “backup”' }
        : { what: 'change the members, or who leads', permission: 'admin “members”' };
    case 'write': {
      const all = right.recursive ? ' and all below it' : '';
      return { what: `change ${right.path}${all}`, permission: 'kv.write of it' };
    }
    case 'writeSome':
      return { what: 'change keys', permission: 'kv.write' };
    case 'release':
      return right.space === 'lock'
        ? { what: `release ${right.name}`, permission: 'lock.release of it' }
        : { what: `depose a leader of ${right.name}`, permission: 'election.release of it' };
    default:
      return assertNever(right);
  }
}
