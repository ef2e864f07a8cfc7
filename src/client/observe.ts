import { pause } from './clock.js';
import { lockPathOf } from './path.js';
import { type Requests, untilAnswer } from './requests.js';

/** Who leads, as of one step of the log. */
export interface Leadership {
  /** The leader's name; undefined while there is none. */
  readonly leader: string | undefined;
  /** Its fencing token; undefined while there is no leader. */
  readonly token: number | undefined;
  /** Of the step. */
  readonly index: number;
}

interface Place {
  readonly index: number;
  readonly value: string;
}

/** A member says a word every 15 seconds at least. */
const silenceMs = 35_000;

const againMs = 200;

/**
 * Who leads now, and then every change, through the loss of members and for as long as it takes.
 * Only where no member remembers the changes any more, some may be missing.
 * @internal
 */
export async function* observe(
  requests: Requests,
  name: string,
  attemptMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Leadership, void, undefined> {
  const path = lockPathOf('/mod/v2/leader', name);
  let toldUpTo: number | undefined;
  for (;;) {
    const known = toldUpTo === undefined ? {} : { 'Last-Event-ID': String(toldUpTo) };
    const headers = { Accept: 'text/event-stream', ...known };
    const stream = await requests.stream(
      {
        ...{ method: 'GET', path, form: {}, headers, repeatable: 'read', attemptMs, signal },
        ...untilAnswer,
      },
      silenceMs,
    );
    for await (const leadership of leadershipsOf(stream.lines)) {
      toldUpTo = leadership.index;
      yield leadership;
    }
    stream.leave();
    await pause(requests.wire.clock, againMs, signal);
  }
}

/** An event is its lines up to an empty one; those of Conclave have one line of data. */
async function* leadershipsOf(
  lines: AsyncIterable<string>,
): AsyncGenerator<Leadership, void, undefined> {
  let event = '';
  for await (const line of lines) {
    if (line.startsWith('event: ')) event = line.slice('event: '.length);
    if (!line.startsWith('data: ')) continue;
    const data: unknown = JSON.parse(line.slice('data: '.length));
    if (event === 'state') yield leadershipOf(data as State);
    if (event === 'change') yield changeOf(data as Changes);
  }
}

interface State {
  readonly index: number;
  readonly holders: readonly Place[];
}

function leadershipOf({ index, holders: [holder] }: State): Leadership {
  return { leader: holder?.value, token: holder?.index, index };
}

interface Changes {
  readonly index: number;
  readonly changes: readonly {
    readonly action: string;
    readonly place: number;
    readonly value: string;
  }[];
}

/** Whoever leads after a step was granted the leadership in it. */
function changeOf({ index, changes }: Changes): Leadership {
  const granted = changes.findLast(({ action }) => action === 'granted');
  return { leader: granted?.value, token: granted?.place, index };
}
