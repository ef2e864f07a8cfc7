import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logIndex, memberId } from '../../src/ids.js';
import {
  ConfigurationHistory,
  decodeConfiguration,
  encodeConfiguration,
} from '../../src/raft/configuration.js';
import { configurationOf, id } from './peer.js';

const member = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((bytes) => memberId(Buffer.from(bytes).toString('hex')));
const members = fc.uniqueArray(member, { maxLength: 9 });

test('a configuration is read back as it was written', () => {
  fc.assert(
    fc.property(members, members, members, fc.uint8Array(), (voters, learners, gone, told) => {
      const removed = gone.length > 0 ? { removed: gone } : {};
      const addresses = told.length > 0 ? { addresses: told } : {};
      const configuration = { voters, learners, ...removed, ...addresses };
      assert.deepEqual(decodeConfiguration(encodeConfiguration(configuration)), configuration);
    }),
  );
});

test('bytes that are no configuration of this version stop the member', () => {
  const bytes = encodeConfiguration(configurationOf(['a'], ['b']));
  const newer = Uint8Array.from(bytes);
  newer[0] = 2;
  const removed = encodeConfiguration({ ...configurationOf(['a'], []), removed: [id('b')] });
  const wrong = [
    new Uint8Array(0),
    newer,
    bytes.slice(0, -1),
    Uint8Array.from([...bytes, 0]),
    removed.slice(0, -1),
    removed.slice(0, -9),
  ];
  for (const data of wrong) assert.throws(() => decodeConfiguration(data));
});

const first = configurationOf(['a'], []);
const second = configurationOf(['a', 'b'], []);
const third = configurationOf(['a', 'b', 'c'], []);

function history(): ConfigurationHistory {
  const known = new ConfigurationHistory(logIndex(2), first);
  known.append(logIndex(5), second);
  known.append(logIndex(7), third);
  return known;
}

test('the latest configuration in the log is in use, committed or not', () => {
  assert.equal(history().latest, third);
});

// Reference: thesis, section 4.1.
test('a truncation brings back the configuration before it', () => {
  const cases = [
    { from: 8, latest: third },
    { from: 7, latest: second },
    { from: 6, latest: second },
    { from: 5, latest: first },
    { from: 3, latest: first },
  ];
  for (const { from, latest } of cases) {
    const known = history();
    known.truncate(logIndex(from));
    assert.equal(known.latest, latest, `truncated from ${from}`);
  }
});

test('a snapshot gets the configuration of its last entry, though a later one is in use', () => {
  const known = history();
  const at = [2, 4, 5, 6, 7, 9].map((index) => known.at(logIndex(index)));
  assert.deepEqual(at, [first, first, second, second, third, third]);
});

test('a compaction forgets no configuration that is still needed', () => {
  const known = history();
  known.compact(logIndex(6));
  assert.equal(known.at(logIndex(6)), second);
  known.truncate(logIndex(7));
  assert.equal(known.latest, second);
  assert.throws(() => known.at(logIndex(4)));
});
