import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NodeView } from '../../../src/command/event.js';
import { Listing } from '../../../src/store/keys/listing.js';
import { stepwiseSort } from '../../../src/store/keys/stepwise-sort.js';
import { Tree } from '../../../src/store/keys/tree.js';
import { compareText } from '../../../src/store/part/text-order.js';
import type { GetOptions } from '../../../src/view/listing.js';
import { remove, set } from '../commands.js';
import { Actor, anyStep } from '../history.js';
import { Log } from '../log.js';

/** What the steps show, put together as `get` shows it; `between` is called before each. */
function whole(listing: Listing, between: () => void): NodeView | undefined {
  const open: { view: NodeView; nodes: NodeView[] }[] = [];
  let last: NodeView | undefined;
  const add = (view: NodeView) => {
    open.at(-1)?.nodes.push(view);
    last = view;
  };
  for (;;) {
    between();
    const { done, step } = listing.next();
    if (done) return last;
    if (step?.type === 'open') open.push({ view: step.view, nodes: [] });
    if (step?.type === 'node') add(step.view);
    if (step?.type === 'close') {
      const { view, nodes } = open.pop() ?? { view: step.view, nodes: [] };
      add(nodes.length === 0 ? view : { ...view, nodes });
    }
  }
}

/** Where no order was asked for, the order does not matter. */
function inOrder(view: NodeView | undefined): NodeView | undefined {
  if (view?.nodes === undefined) return view;
  const nodes = view.nodes.map((child) => inOrder(child) ?? child);
  return { ...view, nodes: nodes.sort((a, b) => compareText(a.key, b.key)) };
}

function shown(log: Log, path: string, options: GetOptions): NodeView | undefined {
  const found = log.machine.keys.get(path, options);
  return found.ok ? found.value.node : undefined;
}

test('a listing shows the directory as it was, whatever happens while it is read', () => {
  const steps = fc.array(anyStep, { minLength: 20, maxLength: 60, size: 'max' });
  const choices = fc.record({
    path: fc.constantFrom('/', '/d', '/d/e'),
    options: fc.record({
      recursive: fc.boolean(),
      sorted: fc.boolean(),
      hidden: fc.boolean(),
    }),
    perStep: fc.integer({ min: 0, max: 6 }),
  });
  fc.assert(
    fc.property(steps, steps, choices, (before, during, { path, options, perStep }) => {
      const actor = new Actor(Log.empty());
      const { log } = actor;
      for (const key of ['/a', '/d/a', '/d/b', '/d/e/a', '/d/e/b', '/d/_h'])
        log.apply(set(key, 'first'));
      for (const step of before) actor.act(step);
      const expected = shown(log, path, options);
      fc.pre(expected?.dir === true);
      const listing = log.machine.keys.list(path, options);
      const changes = during[Symbol.iterator]();
      const view = whole(listing, () => {
        for (let i = 0; i < perStep; i += 1) {
          const { done, value } = changes.next();
          if (done !== true) actor.act(value);
        }
      });
      assert.deepEqual(
        options.sorted ? view : inOrder(view),
        options.sorted ? expected : inOrder(expected),
      );
    }),
    { numRuns: 500 },
  );
});

test('what is removed from a directory that is being read is shown, once', () => {
  const log = Log.empty();
  for (let i = 0; i < 100; i += 1) log.apply(set(`/d/k${i}`, `${i}`));
  const expected = shown(log, '/d', { recursive: false, sorted: false, hidden: false });
  let next = 0;
  const view = whole(
    log.machine.keys.list('/d', { recursive: false, sorted: false, hidden: false }),
    () => {
      log.apply(remove(`/d/k${next % 100}`));
      log.apply(remove(`/d/k${99 - (next % 100)}`));
      log.apply(set(`/d/new${next}`, ''));
      next += 1;
    },
  );
  assert.deepEqual(inOrder(view), inOrder(expected));
});

test('a listing that was left, or read to its end, costs the writers nothing any more', () => {
  const tree = Tree.empty(0);
  tree.addFile(tree.root, 'a', '', 1);
  const options = { recursive: false, sorted: false, hidden: false };
  const left = new Listing(tree, tree.root, '/', 1, options);
  const read = new Listing(tree, tree.root, '/', 1, options);
  assert.equal(tree.readers.size, 2);
  whole(read, () => {});
  left.close();
  left.close();
  assert.equal(tree.readers.size, 0);
});

test('sorting step by step sorts, keeps equals in their order, and stops often', () => {
  const items = fc.array(fc.record({ key: fc.nat(50), at: fc.nat() }), {
    maxLength: 1000,
    size: 'max',
  });
  fc.assert(
    fc.property(items, (unsorted) => {
      const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
      const steps = stepwiseSort(unsorted, compare);
      let stops = 0;
      for (;;) {
        const { done, value } = steps.next();
        if (done === true) {
          assert.deepEqual(value, [...unsorted].sort(compare));
          break;
        }
        stops += 1;
      }
      assert.ok(stops >= unsorted.length / 64);
    }),
  );
});
