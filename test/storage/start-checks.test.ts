import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logIndex, term } from '../../src/ids.js';
import type { Entry, HardState, SnapshotMetadata } from '../../src/raft/entry.js';
import { initialRoot, type Root } from '../../src/storage/root-record.js';
import { type Found, requireConsistent, requireWatermark } from '../../src/storage/start-checks.js';
import { type Watermark, watermarkOf } from '../../src/storage/watermark-record.js';
import { entries, hardState, metadata, owner, somebody, somebodyElse } from './samples.js';

function found(
  log: readonly Entry[],
  state: HardState,
  snapshot?: SnapshotMetadata,
  last = log.at(-1)?.index ?? 0,
): Found {
  const root = initialRoot({ ...owner, incarnation: 'ef'.repeat(16) });
  const extent: Root['log'] = {
    ...root.log,
    firstIndex: log[0]?.index ?? logIndex(last + 1),
    lastIndex: logIndex(last),
  };
  return { root: { ...root, boot: 5, hardState: state, log: extent }, entries: log, snapshot };
}

describe('the parts of a database fit each other', () => {
  for (const [claim, fitting] of [
    ['empty', found([], hardState(0))],
    ['a log alone', found(entries(1, 9, 2), hardState(2, 9))],
    ['a log from the snapshot on', found(entries(6, 9, 2), hardState(2, 9), metadata(5, 1))],
    ['a log from before its end', found(entries(3, 9, 1), hardState(2, 9), metadata(5, 1))],
    ['an emptied log', found([], hardState(2, 5), metadata(5, 1), 5)],
    ['a snapshot to be installed', found(entries(1, 3, 1), hardState(2, 3), metadata(8, 2))],
    ['a snapshot against the log', found(entries(1, 9, 1), hardState(2, 4), metadata(5, 2))],
  ] as const) {
    it(claim, () => requireConsistent(fitting));
  }

  for (const [message, contradiction] of [
    [/entries 6 to 6 are missing/, found(entries(7, 9, 2), hardState(2, 8), metadata(5, 1))],
    [/entries 1 to 6 are missing/, found(entries(7, 9, 2), hardState(2, 8))],
    [/entries 6 to 9 are missing/, found([], hardState(2, 5), metadata(5, 1), 9)],
    [/entry 10 was committed/, found(entries(1, 9, 2), hardState(2, 10))],
    [/ends in term 3/, found(entries(1, 9, 3), hardState(2))],
    [/disagree on committed entry 5/, found(entries(1, 9, 1), hardState(2, 5), metadata(5, 2))],
  ] as const) {
    it(`or not: ${message.source}`, () => {
      assert.throws(() => requireConsistent(contradiction), { code: 'corrupt', message });
    });
  }
});

describe('the watermark', () => {
  const holds = found(entries(5, 9, 2), hardState(3, 6, somebody), metadata(6, 2));
  const all: Watermark = watermarkOf(
    holds.root,
    { index: logIndex(9), term: term(2) },
    logIndex(6),
  );

  for (const [claim, watermark] of [
    ['knows it all', all],
    ['knows an earlier start', { ...all, boot: 3 }],
    ['knows an earlier term', { ...all, vote: { currentTerm: term(2), votedFor: somebodyElse } }],
    ['knows of no vote', { ...all, vote: { currentTerm: term(3), votedFor: undefined } }],
    ['knows a shorter log', { ...all, logEnd: { index: logIndex(7), term: term(2) } }],
    ['knows what is in the snapshot', { ...all, logEnd: { index: logIndex(6), term: term(0) } }],
    ['knows an older snapshot', { ...all, snapshotIndex: logIndex(3) }],
  ] as const) {
    it(`${claim}, and agrees`, () => requireWatermark(holds, watermark));
  }

  for (const [message, watermark] of [
    [
      /come from different/,
      { ...all, identity: { ...all.identity, incarnation: '00'.repeat(16) } },
    ],
    [/of start 5, the watermark of start 6/, { ...all, boot: 6 }],
    [/in term 3, .* term 4/, { ...all, vote: { currentTerm: term(4), votedFor: undefined } }],
    [/the vote for c3/, { ...all, vote: { currentTerm: term(3), votedFor: somebodyElse } }],
    [/covers 6, .* up to 7/, { ...all, snapshotIndex: logIndex(7) }],
    [/ends at index 9, .* reached 10/, { ...all, logEnd: { index: logIndex(10), term: term(2) } }],
    [/entry 9 is of term 2, .* term 3/, { ...all, logEnd: { index: logIndex(9), term: term(3) } }],
  ] as const) {
    it(`knows better: ${message.source}`, () => {
      assert.throws(() => requireWatermark(holds, watermark), { code: 'corrupt', message });
    });
  }
});
