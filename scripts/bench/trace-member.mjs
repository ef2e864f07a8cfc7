// Loaded into a member before everything else, for the budget of a write: it notes when the
// member's parts are called, and writes that down at the end. A member that is not traced has none
// of it.
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{at: number, what: string, index?: number}} Mark `at` is the system's monotonic clock
 */

/** @type {Mark[]} */
const marks = [];

/**
 * @param {string} what
 * @param {number} [index] of a log entry
 */
function mark(what, index) {
  const at = Number(process.hrtime.bigint()) / 1e6;
  marks.push(index === undefined ? { at, what } : { at, what, index });
}

/**
 * Calls `before` before the method, and `after` when it, or its promise, is done.
 * @param {string} module in dist/
 * @param {string} name of the class
 * @param {string} method
 * @param {{before?: (...args: any[]) => void, after?: (...args: any[]) => void}} calls
 */
async function around(module, name, method, { before, after }) {
  const { [name]: traced } = await import(new URL(`../../dist/${module}`, import.meta.url).href);
  const original = traced.prototype[method];
  traced.prototype[method] = function call(/** @type {any[]} */ ...args) {
    before?.(...args);
    const result = original.apply(this, args);
    if (after !== undefined) {
      // Who called it learns of a failure; the budget has nothing to note then.
      if (result instanceof Promise)
        result.then(
          () => after(...args),
          () => undefined,
        );
      else after(...args);
    }
    return result;
  };
}

/** @param {{type: string, entries?: readonly {index: number}[], matchIndex?: number}} message */
const lastIndexOf = ({ entries, matchIndex }) => entries?.at(-1)?.index ?? matchIndex;

await around('member/member.js', 'Member', 'propose', { before: () => mark('proposed') });
await around('storage/level-storage.js', 'LevelStorage', 'write', {
  before: (write) => mark('write', lastIndexOf(write)),
  after: (write) => mark('written', lastIndexOf(write)),
});
await around('transport/grpc-transport.js', 'GrpcTransport', 'send', {
  before(_to, messages) {
    for (const message of messages) mark(`sent ${message.type}`, lastIndexOf(message));
  },
});
await around('raft/raft.js', 'Raft', 'step', {
  before: (message) => mark(`got ${message.type}`, lastIndexOf(message)),
});
await around('store/state-machine.js', 'StateMachine', 'apply', {
  before: ({ index }) => mark('apply', index),
  after: ({ index }) => mark('applied', index),
});
subscribe('http.server.request.start', () => mark('request'));
subscribe('http.server.response.finish', () => mark('answered'));

process.on('exit', () => {
  const file = join(process.env['BENCH_TRACE_DIR'] ?? '.', `${process.pid}.json`);
  writeFileSync(file, JSON.stringify(marks));
});
