import type { Fence } from './command.js';

/** Nearly every write has none. */
export const noFences: readonly Fence[] = Object.freeze([]);
