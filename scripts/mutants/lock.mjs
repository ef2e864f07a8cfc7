export const mutants = [
  {
    name: 'renewal-retry-unbounded',
    rule: 'a renewal that was not taken is tried again within a day, however long the TTL',
    file: 'src/lock/connection-hold.ts',
    find: 'const retryMs = leaseMargins.retry * Math.min(ttlMs, longestTtlMs);',
    replace: 'const retryMs = leaseMargins.retry * ttlMs;',
  },
];
