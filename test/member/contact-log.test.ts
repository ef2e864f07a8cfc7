import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MemberId } from '../../src/ids.js';
import { ContactLog } from '../../src/member/contact-log.js';
import type { Configuration } from '../../src/raft/entry.js';
import type { PeerContact, PeerRefusal } from '../../src/view/peer-contact.js';
import { LogRecorder } from '../support/log-recorder.js';
import { ManualClock } from '../support/manual-clock.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { openStorage, unusedTransport } from './member-options.js';
import { otherPeer, peer, self } from './members.js';

const reachable: PeerContact = {
  reachable: true,
  silentMs: 1,
  roundTripMs: 1,
  status: undefined,
  fault: undefined,
  refusal: undefined,
};
const gone: PeerContact = { ...reachable, reachable: false, fault: 'ECONNREFUSED' };
const disk = 'its data directory is another';

function refusedBy(by: PeerRefusal['by']): PeerContact {
  return { ...gone, fault: disk, refusal: { by, reason: disk } };
}

/** One member of three, whose contacts a test makes, and its log. */
class Rig {
  readonly clock = new ManualClock(0);
  readonly logger = new LogRecorder();
  readonly contacts = new Map<MemberId, PeerContact>([
    [peer, reachable],
    [otherPeer, reachable],
  ]);
  readonly raft: { configuration: Configuration } = {
    configuration: { voters: [self, peer, otherPeer], learners: [] },
  };
  readonly log = new ContactLog(
    {
      clock: this.clock,
      logger: this.logger,
      transport: { ...unusedTransport, contacts: () => this.contacts },
      storage: openStorage(new MemoryDisk(() => 0.9)),
    },
    this.raft,
  );

  /** Tick by tick, so much time. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100);
      this.log.tick();
    }
  }
}

describe('the log about the peers', () => {
  test('tells at the start who is found, once', () => {
    const rig = new Rig();
    rig.pass(10 * 60_000);
    assert.deepEqual(rig.logger.take(), ['info peer found', 'info peer found']);
  });

  test('has one line when a peer is lost, one a minute while it is, and one when it is found', () => {
    const rig = new Rig();
    rig.log.look();
    rig.logger.take();
    rig.contacts.set(peer, gone);
    rig.log.look();
    const [lost, ...others] = rig.logger.takeLines();
    assert.deepEqual(others, []);
    assert.deepEqual(lost, {
      level: 'warn',
      message: 'peer lost',
      fields: { peer, reason: 'ECONNREFUSED' },
    });
    rig.pass(59_000);
    assert.deepEqual(rig.logger.take(), []);
    rig.pass(2_000);
    const [still, ...more] = rig.logger.takeLines();
    assert.deepEqual(more, []);
    assert.equal(still?.message, 'peer still lost');
    assert.equal(still.fields['forMs'], 60_000);
    rig.pass(240_000);
    assert.equal(rig.logger.take().length, 4, 'four more minutes');
    rig.contacts.set(peer, reachable);
    rig.pass(10_000);
    const [found, ...rest] = rig.logger.takeLines();
    assert.deepEqual([found?.level, found?.message, rest], ['info', 'peer found again', []]);
    assert.ok(Number(found?.fields['afterMs']) >= 301_000);
  });

  test('leaves members that are started together some seconds to find each other', () => {
    const rig = new Rig();
    rig.contacts.set(peer, gone);
    rig.pass(4_900);
    assert.deepEqual(rig.logger.take(), ['info peer found']);
    rig.pass(1_000);
    assert.deepEqual(rig.logger.take(), ['warn peer not found yet']);
    rig.contacts.set(peer, reachable);
    rig.pass(1_000);
    assert.deepEqual(rig.logger.take(), ['info peer found again']);
  });

  test('tells at both ends who is refused and why, at once and once a minute', () => {
    for (const [by, message] of [
      ['self', 'peer is refused'],
      ['peer', 'refused by a peer'],
    ] as const) {
      const rig = new Rig();
      rig.log.look();
      rig.logger.take();
      rig.contacts.set(peer, refusedBy(by));
      rig.log.look();
      assert.deepEqual(rig.logger.takeLines(), [
        { level: 'error', message, fields: { peer, reason: disk } },
      ]);
      rig.pass(61_000);
      const [again, ...others] = rig.logger.takeLines();
      assert.deepEqual([again?.message, again?.fields['forMs'], others], [message, 60_000, []]);
      rig.contacts.set(peer, gone);
      rig.log.look();
      assert.deepEqual(rig.logger.take(), ['warn peer lost']);
    }
  });

  test('is silent about a removed peer, whose address another member may have', () => {
    for (const contact of [refusedBy('peer'), gone]) {
      const rig = new Rig();
      rig.log.look();
      rig.logger.take();
      rig.raft.configuration = { voters: [self, otherPeer], learners: [], removed: [peer] };
      rig.contacts.set(peer, contact);
      rig.pass(61_000);
      assert.deepEqual(rig.logger.take(), []);
    }
  });

  test('tells of a refused connection in the name of a peer with which all is well', () => {
    const rig = new Rig();
    rig.log.look();
    rig.logger.take();
    rig.log.refused(peer, { by: 'self', reason: disk });
    assert.deepEqual(rig.logger.takeLines(), [
      { level: 'warn', message: 'refused a connection of a peer', fields: { peer, reason: disk } },
    ]);
    rig.pass(120_000);
    assert.deepEqual(rig.logger.take(), []);
  });
});

describe('the log about the majority', () => {
  test('says that it is lost, who is missing, and when it is there again', () => {
    const rig = new Rig();
    rig.log.look();
    rig.logger.take();
    rig.contacts.set(peer, gone);
    rig.log.look();
    assert.deepEqual(rig.logger.take(), ['warn peer lost'], 'two of three are a majority');
    rig.contacts.set(otherPeer, gone);
    rig.log.look();
    const [, lost] = rig.logger.takeLines();
    assert.deepEqual(lost, {
      level: 'error',
      message: 'no majority answers: nothing can be written',
      fields: { answering: 1, voters: 3, missing: [peer, otherPeer] },
    });
    rig.pass(61_000);
    const again = rig.logger.take().filter((line) => /majority/.test(line));
    assert.deepEqual(again, ['error no majority answers: nothing can be written']);
    rig.contacts.set(peer, reachable);
    rig.pass(1_000);
    assert.deepEqual(rig.logger.take(), ['info peer found again', 'info a majority answers again']);
  });

  test('is silent at a member that is refused: the others may well be a majority', () => {
    const rig = new Rig();
    rig.contacts.set(peer, refusedBy('peer'));
    rig.contacts.set(otherPeer, refusedBy('peer'));
    rig.pass(30_000);
    assert.deepEqual(rig.logger.take(), ['error refused by a peer', 'error refused by a peer']);
  });

  test('is no error at a member that stops, and neither is the loss of a peer', () => {
    const rig = new Rig();
    rig.log.look();
    rig.logger.take();
    rig.log.stopping();
    rig.contacts.set(peer, gone);
    rig.contacts.set(otherPeer, gone);
    rig.log.look();
    assert.deepEqual(rig.logger.take(), [
      ...['info peer lost', 'info peer lost'],
      'info no majority answers: nothing can be written',
    ]);
  });
});
