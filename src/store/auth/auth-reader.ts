import { authVersion } from '../../command/auth.js';
import type { Identity } from '../../command/identity.js';
import type { Right } from '../../command/right.js';
import type { AuthView, RoleView, UserView } from '../../view/auth-view.js';
import type { Accounts } from './accounts.js';
import type { AuthListeners } from './auth-listeners.js';

/** What readers see of users and roles. */
export class AuthReader implements AuthView {
  readonly #accounts: () => Accounts;
  readonly #clusterVersion: () => number;
  readonly #listeners: AuthListeners;

  /** @param accounts the current ones: a snapshot replaces them. */
  constructor(accounts: () => Accounts, clusterVersion: () => number, listeners: AuthListeners) {
    this.#accounts = accounts;
    this.#clusterVersion = clusterVersion;
    this.#listeners = listeners;
  }

  get enabled(): boolean {
    return this.#accounts().enabled;
  }

  get isSupported(): boolean {
    return this.#clusterVersion() >= authVersion;
  }

  allows(identity: Identity | undefined, right: Right): boolean {
    return this.#accounts().allows(identity, right);
  }

  user(name: string): UserView | undefined {
    return this.#accounts().users.get(name);
  }

  users(): readonly UserView[] {
    return this.#accounts().allUsers();
  }

  role(name: string): RoleView | undefined {
    return this.#accounts().role(name);
  }

  roles(): readonly RoleView[] {
    return this.#accounts().allRoles();
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.onChange(listener);
  }
}
