import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstLine } from '../../src/backup/backup-format.js';
import { releaseFormats } from '../../src/encoding/format-range.js';
import { AuthListeners } from '../../src/store/auth/auth-listeners.js';
import { WatcherHub } from '../../src/store/events/watcher-hub.js';
import { Statistics } from '../../src/store/keys/statistics.js';
import { LockCounters } from '../../src/store/locks/lock-counters.js';
import { LockListeners } from '../../src/store/locks/lock-listeners.js';
import { defaultOptions } from '../../src/store/options.js';
import { endKind, headKind, nodeKind } from '../../src/store/snapshot/snapshot-format.js';
import { StateMachine } from '../../src/store/state-machine.js';
import { StateParts } from '../../src/store/state-parts.js';
import { backupOf, readBackup } from '../backup/samples.js';
import { withChecksum } from '../storage/samples.js';
import { rest, restored } from '../store/snapshots.js';
import { type Codec, codecs, requiredTypes } from './codecs.js';
import { asText, goldenFiles } from './golden-file.js';

const files = goldenFiles();
/** They stand for a whole state, and have tests of their own below. */
const whole = ['snapshot', 'backup'];
const newest = releaseFormats.highest;

function codecOf(kind: string): Codec {
  return codecs[kind] ?? assert.fail(`nothing reads ${kind}`);
}

/** The record with another format version in front. */
function ofVersion(version: number, bytes: Buffer, isChecksummed: boolean): Buffer {
  const changed = Buffer.from(bytes);
  changed[0] = version;
  return isChecksummed ? withChecksum(changed) : changed;
}

describe('a golden record', () => {
  for (const { kind, name, bytes, value } of files.filter((file) => !whole.includes(file.kind))) {
    const { encode, decode, isChecksummed } = codecOf(kind);

    test(`${kind}/${name} reads as what it says, and is written as the same bytes`, () => {
      assert.equal(asText(decode(bytes, value)), asText(value));
      assert.equal(Buffer.from(encode(value)).toString('hex'), bytes.toString('hex'));
    });

    test(`${kind}/${name} of a newer version is refused by that name`, () => {
      const newer = ofVersion(newest + 1, bytes, isChecksummed);
      const message = `has format ${newest + 1};|version of a configuration: ${newest + 1}`;
      assert.throws(() => decode(newer, value), { message: new RegExp(message) });
    });
  }
});

describe('the golden snapshot', () => {
  const snapshots = files.filter(({ kind }) => kind === 'snapshot');

  for (const { name, bytes, value } of snapshots) {
    test(`${name} restores the state that it says, and is written as the same bytes`, () => {
      const machine = new StateMachine();
      const restorer = machine.restorer(0);
      restorer.push(bytes);
      restorer.finish();
      restorer.install();
      assert.deepEqual(value, { stateHash: machine.stateHash() });
      assert.equal(Buffer.concat(rest(machine.snapshot())).toString('hex'), bytes.toString('hex'));
    });

    test(`${name} of a newer version is refused by that name`, () => {
      const restorer = new StateMachine().restorer(0);
      assert.throws(() => restorer.push(ofVersion(newest + 1, bytes, false)), {
        message: new RegExp(`the snapshot has format ${newest + 1};`),
      });
    });
  }

  test('has a record of every kind', () => {
    const found = new Set(snapshots.flatMap(({ bytes }) => recordTypes(bytes)));
    const observers = {
      hub: new WatcherHub(),
      listeners: new LockListeners(),
      statistics: new Statistics(),
      lockCounters: new LockCounters(),
      authListeners: new AuthListeners(),
    };
    const readers = new StateParts(defaultOptions, observers).readers(0);
    const known = [headKind, nodeKind, endKind, ...readers].map(({ type }) => type);
    assert.deepEqual([...found].sort(), known.sort());
  });
});

describe('the golden backup', () => {
  for (const { name, bytes, value } of files.filter(({ kind }) => kind === 'backup')) {
    test(`${name} has the state that it says, and is written as the same bytes`, () => {
      const { head, end, chunks } = readBackup(bytes);
      const { memberName, version, takenAt, index, term } = head;
      const { highestIndex } = end;
      const stateHash = restored(chunks, 0).stateHash();
      const said = { memberName, version, takenAt, index, term, highestIndex, stateHash };
      assert.deepEqual(value, said);
      const again = backupOf(chunks, highestIndex, head);
      assert.equal(again.toString('hex'), bytes.toString('hex'));
    });

    test(`${name} of a newer version is refused by that name, with what to do`, () => {
      const headAt = firstLine.length;
      const headEnd = headAt + 4 + bytes.readUInt32LE(headAt);
      const newer = ofVersion(newest + 1, bytes.subarray(headAt + 4, headEnd), true);
      const file = Buffer.concat([bytes.subarray(0, headAt + 4), newer, bytes.subarray(headEnd)]);
      const known = `this release knows formats up to ${newest}`;
      const message = `the backup has format ${newest + 1}; ${known}: use the release that wrote it`;
      assert.throws(() => readBackup(file), { message: new RegExp(message) });
    });
  }
});

/** The type of each record of a snapshot, which stands behind the record's length. */
function recordTypes(snapshot: Buffer): number[] {
  const types: number[] = [];
  for (let at = 1; at < snapshot.length; at += 4 + snapshot.readUInt32LE(at)) {
    types.push(snapshot.readUInt8(at + 4));
  }
  return types;
}

/** The `type` of every object in the values of a kind. */
function typesIn(kind: string): ReadonlySet<string> {
  const text = files.filter((file) => file.kind === kind).map(({ value }) => asText(value));
  return new Set([...text.join('\n').matchAll(/"type": "(\w+)"/g)].map(([, type = '']) => type));
}

describe('there is a golden file', () => {
  test('of every kind of record', () => {
    const kinds = new Set(files.map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), [...Object.keys(codecs), ...whole].sort());
  });

  test('of every type of entry, command, frame and message', () => {
    for (const [kind, types] of Object.entries(requiredTypes)) {
      const found = typesIn(kind);
      assert.deepEqual(
        types.filter((type) => !found.has(type)),
        [],
        kind,
      );
    }
  });
});
