import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runLengthMax, SortedNames } from '../../../src/store/locks/sorted-names.js';

const text = fc.string({ maxLength: 2, unit: 'binary' });
const operations = fc.array(fc.record({ adds: fc.boolean(), name: text, from: text }), {
  maxLength: 200,
  size: 'max',
});

test('names that come and go in any order are in order, from anywhere', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const names = new SortedNames();
      const model = new Set<string>();
      for (const { adds, name, from } of steps) {
        if (adds) {
          names.add(name);
          model.add(name);
        } else {
          names.delete(name);
          model.delete(name);
        }
        const expected = [...model].filter((known) => known >= from).sort();
        assert.deepEqual([...names.from(from)], expected);
      }
    }),
  );
});

test('many names, of which most go again, are in order', () => {
  const names = new SortedNames();
  const count = 10 * runLengthMax;
  const all = Array.from({ length: count }, (_, at) => `n${(at * 7919) % count}`);
  for (const name of all) names.add(name);
  assert.deepEqual([...names.from('')], [...all].sort());
  const kept = all.filter((_, at) => at % 100 === 0);
  for (const name of all) if (!kept.includes(name)) names.delete(name);
  assert.deepEqual([...names.from('')], [...kept].sort());
  for (const name of kept) names.delete(name);
  assert.deepEqual([...names.from('')], []);
});
