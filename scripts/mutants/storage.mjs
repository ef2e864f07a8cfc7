export const mutants = [
  {
    name: 'quadratic-deletion',
    rule: 'a deletion goes on behind what it has deleted',
    file: 'src/storage/database.ts',
    find: 'from = { gt: last };',
    replace: 'void last;',
  },
  {
    name: 'compaction-from-the-beginning-of-time',
    rule: 'a compaction does not walk over what an earlier one deleted',
    file: 'src/storage/level-storage.ts',
    find: 'return logBetween(from, this.#log.extent);',
    replace: 'return logBetween({ ...from, firstIndex: 0 }, this.#log.extent);',
  },
];
