import { getHeapStatistics } from 'node:v8';
import type { Logger } from './logger.js';

/** Node's default, on machines of 64 bits: three times the largest semi-space. */
const youngBytesMax = 48 * 2 ** 20;

/** What V8 lets the old generation grow to, which has all that is large or lives for long. */
export function heapBytesMax(): number {
  return Math.max(youngBytesMax / 3, getHeapStatistics().heap_size_limit - youngBytesMax);
}

/** In less, a few large values at a time leave no room for anything else. */
const leastHeapMegabytes = 128;

/** In less than that, a member is started all the same. */
export function tellSmallHeap(logger: Logger): void {
  const bytes = getHeapStatistics().heap_size_limit;
  const megabytes = Math.floor(bytes / 2 ** 20);
  if (megabytes >= leastHeapMegabytes) return;
  logger.warn(
    { heapBytesMax: bytes },
    `the heap is ${megabytes} MB, and the least is ${leastHeapMegabytes} MB: large values make this member late; start it with NODE_OPTIONS=--max-old-space-size=${leastHeapMegabytes} or more`,
  );
}
