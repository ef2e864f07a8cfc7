import type { PasswordHash } from '../command/auth.js';
import type { Identity } from '../command/identity.js';
import type { Permissions } from '../command/permissions.js';
import type { Right } from '../command/right.js';

/** Users, roles, and what they permit. */
export interface AuthView {
  /** Whether users are asked for. While they are not, everybody may do everything. */
  readonly enabled: boolean;
  /** Whether all members understand users, so that they may be changed. */
  readonly isSupported: boolean;
  /** Of one who proved nothing: undefined, which is a guest. */
  allows(identity: Identity | undefined, right: Right): boolean;
  user(name: string): UserView | undefined;
  /** In the order of their names. */
  users(): readonly UserView[];
  role(name: string): RoleView | undefined;
  /** In the order of their names. */
  roles(): readonly RoleView[];
  /** Tells after each apply that changed any of it. Returns how to stop. */
  onChange(listener: () => void): () => void;
}

export interface UserView {
  readonly name: string;
  readonly password: PasswordHash;
  /** The log index at which the user was made, or the password last changed. */
  readonly revision: number;
  readonly roles: readonly string[];
}

export interface RoleView {
  readonly name: string;
  readonly permissions: Permissions;
}
