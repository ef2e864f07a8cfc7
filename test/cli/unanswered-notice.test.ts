import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SignalError } from '../../src/cli/signal-error.js';
import { withUnansweredNotice } from '../../src/cli/unanswered-notice.js';

/** Requests to two members, each of which a test lets fail or be answered. */
class Rig {
  readonly #told: string[] = [];
  #nowMs = 0;
  #answer: () => Promise<Response> = async () => new Response();
  readonly #fetch = withUnansweredNotice(() => this.#answer(), {
    endpoints: ['http://a', 'http://b'],
    now: () => this.#nowMs,
    tell: (line) => this.#told.push(line),
  });

  async fails(member: string, lastsMs: number, error = new Error('it is silent')): Promise<void> {
    this.#answer = async () => {
      this.#nowMs += lastsMs;
      throw error;
    };
    await assert.rejects(this.#fetch(`http://${member}/v2/keys/k`, {}), error);
  }

  async answers(member: string, status: number, lastsMs = 0): Promise<void> {
    this.#answer = async () => {
      this.#nowMs += lastsMs;
      return new Response('{"message":"no leader is known","cause":"/k"}', { status });
    };
    const response = await this.#fetch(`http://${member}/v2/keys/k`, {});
    assert.match(await response.text(), /no leader/);
  }

  take(): readonly string[] {
    return this.#told.splice(0);
  }
}

describe('the notice that no member answers', () => {
  test('comes once, when all were asked for three seconds, and again after an answer', async () => {
    const rig = new Rig();
    for (let outages = 0; outages < 2; outages += 1) {
      await rig.fails('a', 2000);
      await rig.fails('b', 999);
      assert.deepEqual(rig.take(), []);
      await rig.fails('b', 1);
      assert.deepEqual(rig.take(), ['no member answers; still trying: http://b: it is silent']);
      for (const member of ['a', 'b']) await rig.fails(member, 5000);
      assert.deepEqual(rig.take(), []);
      await rig.answers('a', 404);
    }
  });

  test('comes when members answer that they cannot serve', async () => {
    const rig = new Rig();
    await rig.fails('a', 2000);
    await rig.answers('b', 503, 999);
    assert.deepEqual(rig.take(), []);
    await rig.answers('b', 503, 1);
    assert.deepEqual(rig.take(), ['no member can serve; still trying: no leader is known: /k']);
  });

  test('does not come when one member is silent, and another one answers', async () => {
    const rig = new Rig();
    for (let rounds = 0; rounds < 3; rounds += 1) {
      await rig.fails('a', 5000);
      await rig.answers('b', 200);
    }
    assert.deepEqual(rig.take(), []);
  });

  test('does not come when a signal ends the wait', async () => {
    const rig = new Rig();
    await rig.fails('a', 1000);
    await rig.fails('b', 4000, new SignalError('SIGINT'));
    assert.deepEqual(rig.take(), []);
  });
});
