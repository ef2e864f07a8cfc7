export const mutants = [
  {
    name: 'cluster-clock-goes-on',
    rule: 'the cluster clock of a new term goes on from what the log shows, and from nothing else',
    file: 'src/member/cluster-clock.ts',
    find: 'this.#base = clusterTimeMs;',
    replace: 'this.#base = Math.max(clusterTimeMs, this.#now());',
  },
];
