import type { Sample } from '../live/samples.js';
import { Fields } from './fields.js';
import { ask } from './request.js';

/** What a member measured before the page was opened, and what it has seen happen. */
export interface History {
  /** The oldest first. */
  readonly samples: readonly Sample[];
  /** The oldest first. */
  readonly events: readonly PastEvent[];
}

export interface PastEvent {
  readonly type: string;
  /** Seconds since 1970, by the browser's clock. */
  readonly at: number;
  readonly count: number;
  /** The id of the leader, or of the peer. */
  readonly member: string | undefined;
  readonly term: number | undefined;
  /** Who refuses: `self`, the member that tells it, or `peer`. */
  readonly by: string | undefined;
  readonly reason: string | undefined;
  readonly space: string | undefined;
  readonly name: string | undefined;
  readonly index: number | undefined;
  readonly value: string | undefined;
  readonly client: string | undefined;
}

/** @throws {ApiError} */
export async function readHistory(signal: AbortSignal): Promise<History> {
  const { body } = await ask({ method: 'GET', path: 'v2/stats/history', signal });
  const fields = new Fields(body, 'the history');
  const now = Date.now() / 1000;
  return {
    samples: samplesOf(fields.object('samples'), now),
    events: fields.list('events', (event) => eventOf(event, now)),
  };
}

function samplesOf(fields: Fields, now: number): readonly Sample[] {
  const commitIndexes = fields.numbers('commitIndex');
  const locks = fields.numbers('waitingForLocks');
  const elections = fields.numbers('waitingForElections');
  const latencies = [...fields.numbersByName('latencyMs')];
  return fields.numbers('ageMs').map((ageMs, position) => ({
    at: now - (ageMs ?? 0) / 1000,
    commitIndex: commitIndexes[position] ?? 0,
    waitingForLocks: locks[position] ?? 0,
    waitingForElections: elections[position] ?? 0,
    latencyMs: new Map(latencies.map(([id, values]) => [id, values[position]])),
  }));
}

function eventOf(fields: Fields, now: number): PastEvent {
  return {
    type: fields.text('type'),
    at: now - fields.number('ageMs') / 1000,
    count: fields.number('count'),
    member: fields.optionalText('leaderId') ?? fields.optionalText('peer'),
    term: fields.optionalNumber('term'),
    by: fields.optionalText('by'),
    reason: fields.optionalText('reason'),
    space: fields.optionalText('space'),
    name: fields.optionalText('name'),
    index: fields.optionalNumber('index'),
    value: fields.optionalText('value'),
    client: fields.optionalText('client'),
  };
}
