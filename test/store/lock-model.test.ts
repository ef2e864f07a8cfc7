import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { AcquireCommand, Command, LockSpace } from '../../src/command/command.js';
import type { MemberId } from '../../src/ids.js';
import type { PlaceState } from '../../src/store/lock-view.js';
import { anyLockCommand } from './history.js';
import { Log, memberA, memberB } from './log.js';

interface ModelPlace {
  readonly index: number;
  readonly value: string;
  readonly waiting: Set<string>;
}

/** The queues as anybody would write them down: lists, searched from the front. */
class NaiveQueues {
  readonly #places = new Map<string, ModelPlace[]>();

  list(space: LockSpace, name: string): ModelPlace[] {
    const key = `${space} ${name}`;
    const places = this.#places.get(key) ?? [];
    this.#places.set(key, places);
    return places;
  }

  apply(command: Command, asker: string, nextIndex: number): void {
    switch (command.type) {
      case 'acquire':
        this.#acquire(command, asker, nextIndex);
        return;
      case 'release': {
        const { space, name, index, value } = command;
        if (index === undefined && (value === undefined || value === '')) return;
        this.#remove(space, name, (place) => fits(place, index, value));
        return;
      }
      case 'leave': {
        const { space, name, index, acquireSequence, keepIfHolder } = command;
        const places = this.list(space, name);
        const place = places.find((candidate) => candidate.index === index);
        if (place === undefined || (places[0] === place && keepIfHolder)) return;
        const left = place.waiting.delete(`${asker.split(' ')[0]} ${acquireSequence}`);
        if (left && place.waiting.size === 0) this.#remove(space, name, (p) => p === place);
        return;
      }
      default:
    }
  }

  #acquire({ space, name, value, tryOnly }: AcquireCommand, asker: string, index: number): void {
    const places = this.list(space, name);
    const joined = places.find((place) => value !== '' && place.value === value);
    if (joined !== undefined) {
      if (joined !== places[0] && !tryOnly) joined.waiting.add(asker);
    } else if (!tryOnly || places.length === 0) {
      places.push({ index, value, waiting: new Set([asker]) });
    }
  }

  #remove(space: LockSpace, name: string, which: (place: ModelPlace) => boolean): void {
    const places = this.list(space, name);
    const at = places.findIndex(which);
    if (at >= 0) places.splice(at, 1);
  }
}

function fits(place: ModelPlace, index: number | undefined, value: string | undefined): boolean {
  return (
    (index === undefined || place.index === index) && (value === undefined || place.value === value)
  );
}

function told(places: readonly { readonly index: number; readonly value: string }[]): string {
  return places.map(({ index, value }) => `${index}=${value}`).join(' ');
}

function checkQueue(places: readonly PlaceState[]): void {
  assert.deepEqual(
    places.map(({ holds }) => holds),
    places.map((_, at) => at === 0),
  );
}

test('queues are what a naive model of them is, after every command', () => {
  const said = fc.record({
    command: anyLockCommand,
    member: fc.constantFrom(memberA, memberB),
  });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 60 }), (commands) => {
      const log = Log.empty();
      const model = new NaiveQueues();
      const sequences = new Map<MemberId, number>();
      for (const { command, member } of commands) {
        const sequence = (sequences.get(member) ?? 0) + 1;
        sequences.set(member, sequence);
        model.apply(command, `${member} ${sequence}`, log.machine.etcdIndex + 1);
        log.from(member, command);
        for (const space of ['lock', 'leader'] as const) {
          for (const name of ['job', 'job/sub', 'other']) {
            const places = log.machine.queue(space, name);
            assert.equal(told(places), told(model.list(space, name)), `${space} ${name}`);
            checkQueue(places);
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});
