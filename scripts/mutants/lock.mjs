export const mutants = [
  {
    name: 'renewal-retry-unbounded',
    rule: 'a renewal that was not taken is tried again within a day, however long the TTL',
    file: 'src/lock/connection-hold.ts',
    find: 'const retryMs = leaseMargins.retry * Math.min(ttlMs, longestTtlMs);',
    replace: 'const retryMs = leaseMargins.retry * ttlMs;',
  },
  {
    name: 'grant-not-confirmed',
    rule: 'a grant that a member sees late is confirmed before it is told',
    file: 'src/lock/acquire.ts',
    find: 'if (clock.now() - earliestLeaseStart < leaseShare * entry.ttlMs) {',
    replace: 'if (leaseShare > 0) {',
  },
  {
    name: 'grant-without-second-look',
    rule: 'a client is told that it holds only if its queue entry does at that moment',
    file: 'src/lock/acquire.ts',
    find: `if (entry?.holds !== true) return { type: 'removed', index };`,
    replace: `if (entry === undefined) return { type: 'held', ...handle, earliestLeaseStart };`,
  },
  {
    name: 'stop-gives-places-up',
    rule: 'a member that stops keeps the places of who waits through it',
    file: 'src/lock/acquire.ts',
    find: 'if (!request.stopping.aborted) return abandon(host, request, handle);',
    replace: 'if (!request.keepsPlace) return abandon(host, request, handle);',
  },
  {
    name: 'stop-takes-away-who-comes-back',
    rule: 'a member that stops keeps the place of who was just coming back to it',
    file: 'src/lock/acquire.ts',
    find: 'keepsPlace || (isNamed && stopping.aborted)',
    replace: 'keepsPlace',
  },
  {
    name: 'timeout-gives-kept-place-up',
    rule: 'a request with keep leaves its place behind when its time is over',
    file: 'src/lock/acquire.ts',
    find: 'cancelOf(handle, request.keepsPlace), keepIfHolder: true',
    replace: 'cancelOf(handle, false), keepIfHolder: true',
  },
];
