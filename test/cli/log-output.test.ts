import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogConfig } from '../../src/cli/log-output.js';
import { createLogger } from '../../src/cli/log-output.js';
import { logText } from '../../src/cli/log-text.js';
import { withNames } from '../../src/cli/named-ids.js';
import { memberId } from '../../src/ids.js';

const id = memberId('00000000000000aa');
const peerUrl = {
  url: 'http://127.0.0.1:7001',
  isSecure: false,
  hostname: '127.0.0.1',
  host: '127.0.0.1',
  port: 7001,
};

function logged(changes: Partial<LogConfig>, fields: object, isTerminal = false): string {
  let text = '';
  const config: LogConfig = {
    name: 'n1',
    initialCluster: [{ memberId: id, name: 'n2', peerUrl }],
    logLevel: 'info',
    logFormat: undefined,
    ...changes,
  };
  const write = (line: string) => {
    text += line;
  };
  const logger = createLogger(config, isTerminal, { write });
  logger.debug(fields, 'never');
  logger.warn(fields, 'peer lost');
  return text;
}

test('the log is text on a terminal and JSON elsewhere, unless it is said', () => {
  const isJson = (text: string) => text.startsWith('{');
  assert.deepEqual([isJson(logged({}, {}, true)), isJson(logged({}, {}, false))], [false, true]);
  assert.equal(isJson(logged({ logFormat: 'json' }, {}, true)), true);
  assert.equal(isJson(logged({ logFormat: 'text' }, {}, false)), false);
});

describe('the log as JSON', () => {
  test('is one object per line, with a readable time and level, and names beside ids', () => {
    const text = logged({}, { peer: id, term: 3 });
    assert.match(text, /^\{.*\}\n$/);
    const { time, ...line } = JSON.parse(text);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
    assert.deepEqual(line, {
      level: 'warn',
      member: 'n1',
      peer: 'n2',
      peerId: id,
      term: 3,
      msg: 'peer lost',
    });
  });

  test('has an error with its stack', () => {
    const { err } = JSON.parse(logged({}, { err: new TypeError('broken') }));
    assert.deepEqual([err.type, err.message], ['TypeError', 'broken']);
    assert.match(err.stack, /log-output\.test/);
  });
});

describe('the log as text', () => {
  test('is time, level, message and fields', () => {
    const text = logged({ logFormat: 'text' }, { peer: id, reason: 'it is "gone"', forMs: 12 });
    assert.match(
      text,
      /^\d{4}-\S+Z WARN {2}peer lost peer=n2 peerId=00000000000000aa reason="it is \\"gone\\"" forMs=12\n$/,
    );
  });

  test('has the stack of an error below its line', () => {
    const [first, second, third] = logged({ logFormat: 'text' }, { err: new Error('a\nb') }).split(
      '\n',
    );
    assert.match(first ?? '', / WARN {2}peer lost$/);
    assert.deepEqual([second, third], ['    Error: a', '    b']);
  });

  test('never breaks a line at what a client or a peer sent', () => {
    const text = logged(
      { logFormat: 'text' },
      { reason: 'a\n2026 INFO forged', names: ['a b', 'c'] },
    );
    assert.equal(text.split('\n').length, 2);
    assert.match(text, /reason="a\\n2026 INFO forged" names="a b",c$/m);
  });

  test('gives no orders to the terminal', () => {
    const reason = '\u001b[2J\u009b2J';
    const text = logged({ logFormat: 'text' }, { reason, err: new Error(reason) });
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
    assert.match(text, /reason=\\u001b\[2J\\u009b2J$/m);
  });

  test('leaves alone what is no line of the log', () => {
    assert.equal(logText('{"msg":"x"}\n'), '{"msg":"x"}\n');
  });
});

describe('an id of a member', () => {
  const names = new Map([[id, 'n2']]);

  test('gets its name beside it, wherever it is', () => {
    assert.deepEqual(withNames({ peer: id, of: [id], reason: `member ${id} is gone` }, names), {
      peer: 'n2',
      peerId: id,
      of: [`n2 (${id})`],
      reason: `member n2 (${id}) is gone`,
    });
  });

  test('of nobody known, and every other value, stays as it is', () => {
    const fields = { peer: 'ff00000000000000', count: 1, list: [1], memberId: id, text: 'ab' };
    assert.deepEqual(withNames(fields, names), fields);
  });
});
