import type { LockSpace } from './lock-path.js';
import type { AdminKind } from './permissions.js';

/** What a request needs in order to be served while users are asked for. */
export type Right = KeyRight | LockRight | AdminRight | ClientRight | RootRight;

export interface KeyRight {
  readonly type: 'key';
  readonly action: 'read' | 'write';
  readonly path: string;
  /** Of every key whose path begins with `path`. */
  readonly recursive: boolean;
}

export interface LockRight {
  readonly type: 'lock';
  readonly space: LockSpace;
  readonly action: 'acquire' | 'release' | 'read';
  readonly name: string;
  /** Of every name that begins with `name`. */
  readonly recursive: boolean;
}

export interface AdminRight {
  readonly type: 'admin';
  readonly kind: AdminKind;
}

/** To be root: no other role permits it. */
export interface RootRight {
  readonly type: 'root';
}

/** To be known: a user, or a guest where the guest role permits anything at all. */
export interface ClientRight {
  readonly type: 'client';
}
