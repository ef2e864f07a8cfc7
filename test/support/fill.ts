import { noFences } from '../../src/command/fence.js';
import type { LocalCoordinator } from './local-coordinator.js';

/** Applies writes of many keys directly, since requests would take long. */
export function fill(coordinator: LocalCoordinator, directory: string, keys: number): void {
  for (let i = 0; i < keys; i += 1) {
    const path = `${directory}/${(i * 7919) % keys}`;
    const value = `value ${i}`;
    const command = { type: 'set', path, value, fences: noFences, dir: false } as const;
    coordinator.applyAs(undefined, { ...command, ttlMs: undefined, refresh: false });
  }
}
