import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { ConfigError } from '../config/config-error.js';
import { type ClusterOptions, endpointsOf } from './cluster-options.js';
import { durationMsOf, secondsOf, wholeNumberOf } from './durations.js';
import { type Turn, turnOf } from './turn.js';

/** As they are given. */
export interface LockFlags extends ClusterOptions {
  readonly ttl: string;
  readonly timeout?: string;
  readonly try?: boolean;
  readonly value?: string;
  readonly shared?: boolean;
  readonly limit?: string;
  readonly killAfter?: string;
  readonly onAcquire?: string;
  readonly onLost?: string;
  readonly verbose?: boolean;
}

export interface LockPlan {
  readonly ttl: number;
  /** Undefined: as long as it takes. */
  readonly timeout: number | undefined;
  readonly value: string;
  /** It was made here, so that nobody else has it. */
  readonly isOwnValue: boolean;
  /** Of the value, if there is a command, and another call may have that value. */
  readonly turn: Turn | undefined;
  readonly mode: 'shared' | undefined;
  readonly limit: number | undefined;
  readonly killAfterMs: number;
  /** For a shell, before the command: it has to succeed. */
  readonly onAcquire: string | undefined;
  /** For a shell, when the lock is lost. */
  readonly onLost: string | undefined;
  readonly verbose: boolean;
}

const killAfterMsDefault = 5000;

/** Of the TTL: what is left has to be enough to renew, and to try that again. */
const killAfterMax = 1 / 3;
const killAfterShare = 1 / 6;

export function lockPlanOf(
  flags: LockFlags,
  command: readonly string[],
  kind: 'lock' | 'election',
  name: string,
): LockPlan {
  if (command.length === 0 && (flags.onAcquire ?? flags.onLost) !== undefined) {
    throw new ConfigError('--on-acquire and --on-lost need a command, after --');
  }
  const ttl = secondsOf('--ttl', flags.ttl, 1);
  if (flags.shared === true && flags.limit !== undefined) {
    throw new ConfigError('--shared and --limit exclude each other');
  }
  if (flags.try === true && flags.timeout !== undefined) {
    throw new ConfigError('--try is --timeout 0: give one of them');
  }
  const { value } = flags;
  const isTurn = value !== undefined && command.length > 0;
  const timeout = flags.try === true ? '0' : flags.timeout;
  return {
    ttl,
    timeout: timeout === undefined ? undefined : secondsOf('--timeout', timeout, 0),
    value: value ?? `${hostname()}.${process.pid}.${randomBytes(4).toString('hex')}`,
    isOwnValue: value === undefined,
    turn: isTurn ? turnOf(kind, name, value, endpointsOf(flags)) : undefined,
    mode: flags.shared === true ? 'shared' : undefined,
    limit: flags.limit === undefined ? undefined : wholeNumberOf('--limit', flags.limit, 1),
    killAfterMs: killAfterMsOf(flags.killAfter, ttl * 1000),
    onAcquire: flags.onAcquire,
    onLost: flags.onLost,
    verbose: flags.verbose === true,
  };
}

function killAfterMsOf(text: string | undefined, ttlMs: number): number {
  if (text === undefined) return Math.min(killAfterMsDefault, ttlMs * killAfterShare);
  const ms = durationMsOf('--kill-after', text);
  if (ms > ttlMs * killAfterMax) {
    const most = Math.floor(ttlMs * killAfterMax) / 1000;
    throw new ConfigError(`--kill-after must be at most a third of the TTL, ${most}s here`);
  }
  return ms;
}

/** The last moment for TERM, so that KILL comes while the lock is certainly held. */
export function deadlinesOf(killAt: number, killAfterMs: number) {
  return { termAt: killAt - killAfterMs, killAt };
}
