import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIndex, memberId, term } from '../../src/ids.js';
import type { ForwardResponse } from '../../src/transport/transport.js';
import { set } from '../store/commands.js';
import { settle } from '../support/settle.js';
import { peer, self } from './members.js';
import { PartsRig } from './parts-rig.js';

const stranger = memberId('9'.repeat(16));
const write = set('/k', 'v');
const done = { type: 'done', etcdIndex: 3 } as const;

/** A member that follows its peer in term 6, and what it has forwarded of one write. */
function follower() {
  const rig = PartsRig.follower(6);
  const { submissions } = rig.parts;
  submissions.propose(write, Number.POSITIVE_INFINITY).catch(() => {});
  submissions.submit();
  const [request] = rig.forwarded.splice(0);
  assert.ok(request?.type === 'propose');
  const { id, boot } = request;
  /** So much later: what is forwarded again. */
  const askedAgainAfter = (ms: number) => {
    rig.clock.advance(ms);
    submissions.tick();
    submissions.submit();
    return rig.forwarded.splice(0).length;
  };
  return { rig, submissions, tag: { id, boot, term: term(6) }, askedAgainAfter };
}

test('a follower hands all that waits to the leader at once, in the term in which that leads', () => {
  const rig = PartsRig.follower(6);
  const { submissions } = rig.parts;
  for (let i = 0; i < 2; i += 1) submissions.propose(write, 1000).catch(() => {});
  for (let i = 0; i < 2; i += 1) submissions.readBarrier(1000).catch(() => {});
  submissions.submit();
  assert.deepEqual(
    rig.forwarded.map(({ type, id, term: inTerm }) => [type, id, inTerm]),
    [
      ['propose', 1, 6],
      ['propose', 2, 6],
      ['readIndex', 1, 6],
    ],
  );
  submissions.close();
});

test('a leader appends its own commands, and asks its core for its own reads', () => {
  const rig = PartsRig.elected();
  const { submissions, raft } = rig.parts;
  rig.persist();
  const before = rig.lastIndex;
  submissions.propose(write, 1000).catch(() => {});
  submissions.readBarrier(1000).catch(() => {});
  submissions.submit();
  assert.equal(rig.lastIndex, before + 1);
  assert.deepEqual(raft.ready().readStates, [{ context: 1, readIndex: before }]);
  submissions.close();
});

test('where nobody leads what waits goes on waiting', () => {
  const rig = new PartsRig();
  const { submissions } = rig.parts;
  submissions.propose(write, 1000).catch(() => {});
  submissions.readBarrier(1000).catch(() => {});
  submissions.submit();
  assert.equal(rig.forwarded.length, 0);
  rig.observe({ leaderId: peer });
  submissions.submit();
  assert.equal(rig.forwarded.length, 2);
  submissions.close();
});

test('a new leader is handed what an earlier one has accepted', () => {
  const { rig, submissions, tag } = follower();
  submissions.onResponses(peer, [{ type: 'accepted', ...tag }]);
  rig.observe({ leaderId: peer, currentTerm: term(7) });
  submissions.submit();
  assert.deepEqual(
    rig.forwarded.map((request) => [request.id, request.term]),
    [[tag.id, 7]],
  );
  submissions.close();
});

const lateAnswers: readonly (readonly [string, Partial<ForwardResponse>, typeof peer])[] = [
  ['of an earlier term', { term: term(5) }, peer],
  ['of another member', {}, stranger],
  ['to an earlier boot', { boot: 0 }, peer],
];
for (const [which, changes, from] of lateAnswers) {
  test(`an answer ${which} does not keep a command from the present leader`, () => {
    const { submissions, tag, askedAgainAfter } = follower();
    submissions.onResponses(from, [{ ...tag, type: 'accepted', ...changes } as ForwardResponse]);
    assert.equal(askedAgainAfter(500), 1);
    submissions.close();
  });

  test(`a read index ${which} serves no read`, async () => {
    const { rig, submissions, tag } = follower();
    let served = false;
    submissions.readBarrier(1000).then(
      () => {
        served = true;
      },
      () => {},
    );
    submissions.submit();
    const [read] = rig.forwarded.splice(0);
    assert.ok(read?.type === 'readIndex');
    const answer = { ...tag, type: 'readIndex', id: read.id, readIndex: logIndex(0) } as const;
    submissions.onResponses(from, [{ ...answer, ...changes } as ForwardResponse]);
    submissions.serveReads(logIndex(0));
    await settle();
    assert.equal(served, false);
    submissions.onResponses(peer, [answer]);
    submissions.serveReads(logIndex(0));
    await settle();
    assert.equal(served, true);
    submissions.close();
  });
}

test('what the present leader has accepted it is asked for again, slowly, until its result is seen', () => {
  const { submissions, tag, askedAgainAfter } = follower();
  submissions.onResponses(peer, [{ type: 'accepted', ...tag }]);
  assert.equal(askedAgainAfter(1999), 0);
  assert.equal(askedAgainAfter(1), 1);
  submissions.onResponses(peer, [{ type: 'accepted', ...tag }]);
  assert.equal(askedAgainAfter(1999), 0);
  assert.equal(askedAgainAfter(1), 1);
  submissions.onApplied({ memberId: self, boot: 1, sequence: tag.id, settledBelow: 1 }, done);
  assert.equal(askedAgainAfter(10_000), 0);
});

test('a leader does not put its own command into its log again, however long that is not committed', () => {
  const rig = PartsRig.elected();
  const { submissions } = rig.parts;
  submissions.propose(write, Number.POSITIVE_INFINITY).catch(() => {});
  submissions.submit();
  const before = rig.lastIndex;
  rig.clock.advance(60_000);
  submissions.tick();
  submissions.submit();
  assert.equal(rig.lastIndex, before);
  submissions.close();
});

test('a command is settled by its own result only, not by that of another member or boot', async () => {
  const { submissions, tag } = follower();
  const applied = submissions.propose(write, 1000);
  const own = { memberId: self, boot: tag.boot, sequence: 2, settledBelow: 1 };
  const wrong = { type: 'error', error: { errorCode: 100, cause: '/k', index: 1 } } as const;
  submissions.onApplied({ ...own, memberId: peer }, wrong);
  submissions.onApplied({ ...own, boot: tag.boot + 1 }, wrong);
  submissions.onApplied(own, done);
  assert.deepEqual(await applied, { result: done, sequence: 2 });
  submissions.close();
});

test('a command whose result came with a snapshot is settled', async () => {
  const rig = PartsRig.follower(6);
  const { submissions } = rig.parts;
  const applied = submissions.propose(write, 1000);
  const origin = { memberId: self, boot: rig.storage.start.boot, sequence: 1, settledBelow: 1 };
  const { result } = rig.apply(origin, write);
  submissions.settleFromSnapshot();
  assert.deepEqual(await applied, { result, sequence: 1 });
});
