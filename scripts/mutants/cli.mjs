export const mutants = [
  {
    name: 'lock-and-election-take-one-turn',
    rule: 'a lock and an election of one name do not wait for each other',
    file: 'src/cli/turn.ts',
    find: 'digest(kind, cleanName(name), value)',
    replace: 'digest(cleanName(name), value)',
  },
  {
    name: 'turn-of-the-spelling-of-a-name',
    rule: 'calls take turns however they write the name of their lock',
    file: 'src/cli/turn.ts',
    find: 'digest(kind, cleanName(name), value)',
    replace: 'digest(kind, name, value)',
  },
  {
    name: 'turn-of-the-order-of-endpoints',
    rule: 'calls take turns in whichever order they list the endpoints',
    file: 'src/cli/turn.ts',
    find: 'const urls = [...new Set(endpoints.map((url) => new URL(url).href))].toSorted();',
    replace: "const urls = [endpoints.join(' ')];",
  },
  {
    name: 'wait-for-the-own-turn',
    rule: 'a call within the command that it would wait for is refused',
    file: 'src/cli/turn.ts',
    find: 'if (outer.includes(id)) {',
    replace: 'if (outer.length === 0) {',
  },
];
