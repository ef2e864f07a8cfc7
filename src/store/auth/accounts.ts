import { type Identity, isByCertificate } from '../../command/identity.js';
import { noPermissions, type Permissions } from '../../command/permissions.js';
import type { Right } from '../../command/right.js';
import type { RoleView, UserView } from '../../view/auth-view.js';
import { compareText } from '../part/text-order.js';
import { permits } from './permits.js';

/** The user who may do everything, and the role that permits it. Neither can lose that. */
export const rootName = 'root';
/** The role of those who prove nothing. */
export const guestName = 'guest';

/** What etcd gives its guests when users are first asked for, and its root. No lock is among it. */
export const allKeys: Permissions = { ...noPermissions, keyRead: ['/*'], keyWrite: ['/*'] };
const rootRole: RoleView = { name: rootName, permissions: allKeys };

/** The users and roles, and whether they are asked for. Only `AuthPart` changes them. */
export class Accounts {
  enabled = false;
  readonly users = new Map<string, UserView>();
  /** Without that of root, which is always there. */
  readonly roles = new Map<string, RoleView>();

  role(name: string): RoleView | undefined {
    return name === rootName ? rootRole : this.roles.get(name);
  }

  allUsers(): readonly UserView[] {
    return inOrder(this.users.values());
  }

  allRoles(): readonly RoleView[] {
    return inOrder([rootRole, ...this.roles.values()]);
  }

  allows(identity: Identity | undefined, right: Right): boolean {
    if (!this.enabled) return true;
    if (identity === undefined) return this.#rolePermits(guestName, right);
    const user = this.users.get(identity.name);
    if (user === undefined || !isCurrent(user, identity)) return false;
    if (user.roles.includes(rootName) || right.type === 'client') return true;
    return user.roles.some((role) => this.#rolePermits(role, right));
  }

  #rolePermits(name: string, right: Right): boolean {
    const role = this.roles.get(name);
    return role !== undefined && permits(role.permissions, right);
  }
}

function isCurrent(user: UserView, identity: Identity): boolean {
  return isByCertificate(identity) || user.revision === identity.revision;
}

function inOrder<T extends { readonly name: string }>(all: Iterable<T>): readonly T[] {
  return [...all].sort((one, other) => compareText(one.name, other.name));
}
