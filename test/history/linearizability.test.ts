import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checkLinearizable, type SequentialModel, type Timed } from './linearizability.js';

interface RegisterOperation extends Timed {
  readonly type: 'read' | 'write';
  readonly value: number;
}

const register: SequentialModel<number, RegisterOperation> = {
  initial: 0,
  step: (state, { type, value }) => {
    if (type === 'write') return [value];
    return state === value ? [state] : [];
  },
  key: String,
};

const read = (client: string, start: number, end: number, value: number): RegisterOperation => {
  return { client, start, end, type: 'read', value };
};
const write = (client: string, start: number, end: number, value: number): RegisterOperation => {
  return { client, start, end, type: 'write', value };
};

const verdictOf = (operations: readonly RegisterOperation[], stepsMax = 100_000) =>
  checkLinearizable(operations, register, stepsMax);

describe('a history of a register', () => {
  test('is right when each read finds what was written last', () => {
    const verdict = verdictOf([write('a', 0, 1, 7), read('b', 2, 3, 7), read('a', 4, 5, 7)]);
    assert.equal(verdict.type, 'linearizable');
  });

  test('is right when a read finds what is being written', () => {
    assert.equal(verdictOf([write('a', 0, 9, 7), read('b', 2, 3, 7)]).type, 'linearizable');
    assert.equal(verdictOf([write('a', 0, 9, 7), read('b', 2, 3, 0)]).type, 'linearizable');
  });

  test('is wrong when a read is stale, and the verdict names what could not be placed', () => {
    const verdict = verdictOf([write('a', 0, 1, 7), read('b', 2, 3, 0)]);
    assert.deepEqual(verdict, { type: 'impossible', stuckAt: [read('b', 2, 3, 0)] });
  });

  test('is wrong when the new value is read before the old one', () => {
    const verdict = verdictOf([write('a', 0, 9, 7), read('b', 1, 2, 7), read('c', 3, 4, 0)]);
    assert.equal(verdict.type, 'impossible');
  });

  test('is undecided when the search takes too long', () => {
    const writes = Array.from({ length: 8 }, (_, at) => write(`c${at}`, 0, 9, at));
    assert.equal(verdictOf([...writes, read('r', 10, 11, 99)], 50).type, 'undecided');
  });

  test('of a client that does two things at once is refused', () => {
    assert.throws(() => verdictOf([write('a', 0, 5, 1), read('a', 4, 6, 1)]), /a did two things/);
  });

  test('gets the verdict that trying every order gives', () => {
    const operation = fc.record({
      start: fc.nat(12),
      length: fc.nat(6),
      type: fc.constantFrom('read' as const, 'write' as const),
      value: fc.nat(2),
    });
    const verdicts = new Set<boolean>();
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (drawn) => {
        const operations = drawn.map(({ start, length, type, value }, at) => {
          return { client: `c${at}`, start, end: start + length, type, value };
        });
        const expected = someOrderFits(operations, [], register.initial);
        verdicts.add(expected);
        assert.equal(verdictOf(operations).type === 'linearizable', expected);
      }),
      { numRuns: 500 },
    );
    assert.deepEqual([...verdicts].sort(), [false, true]);
  });
});

function someOrderFits(
  left: readonly RegisterOperation[],
  done: readonly RegisterOperation[],
  state: number,
): boolean {
  if (left.length === 0) return true;
  return left.some((next) => {
    if (left.some((other) => other.end < next.start)) return false;
    const rest = left.filter((other) => other !== next);
    return register.step(state, next).some((after) => someOrderFits(rest, [...done, next], after));
  });
}
