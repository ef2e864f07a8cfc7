export {
  type ClientOptions,
  ConclaveClient,
  type ElectOptions,
  type LockOptions,
  type WaitOptions,
} from './client.js';
export { type Clock, SystemClock } from './clock.js';
export {
  ConclaveError,
  type ErrorAnswer,
  LockLostError,
  LockNotAcquiredError,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from './errors.js';
export type { Fetch } from './exchange.js';
export type { KeyEvent, KeyNode, KeyState, ReadOptions } from './key-node.js';
export type { Condition, FencingToken, Keys, WriteOptions } from './keys.js';
export { type Lock, leaseMargins } from './lock.js';
export type { LockSummary, LockView, Place } from './lock-view.js';
export type { MemberSummary, MemberToAdd, Transfer } from './members.js';
export type { Leadership } from './observe.js';
export type { Change, Resync, WatchOptions } from './watch.js';
