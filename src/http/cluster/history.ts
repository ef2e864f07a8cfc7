import type { ServiceContext } from '../../service/service-context.js';
import type { MemberEvent } from '../../view/member-event.js';
import type { Sample } from '../../view/sample.js';
import { jsonType, type TextResponse, textResponse } from '../server/api-response.js';

/**
 * What this member measured in the last hour, as one list for each measure, and what it has seen
 * happen. Both begin with its process.
 */
export function showHistory(context: ServiceContext): TextResponse {
  const { coordinator, wallClock, samples, events } = context;
  const now = wallClock.now();
  const toText = wallClock.reading();
  const kept = samples.list();
  const all = <T>(read: (sample: Sample) => T) => kept.map(read);
  const content = {
    samples: {
      ageMs: all(({ at }) => Math.round(now - at)),
      commitIndex: all(({ commitIndex }) => commitIndex),
      rssBytes: all(({ rssBytes }) => (Number.isNaN(rssBytes) ? null : rssBytes)),
      waitingForLocks: all(({ waitingForLocks }) => waitingForLocks),
      waitingForElections: all(({ waitingForElections }) => waitingForElections),
      latencyMs: Object.fromEntries(
        [...coordinator.contacts().keys()].map((peer) => [
          peer,
          all(({ latencyMs }) => rounded(latencyMs.get(peer))),
        ]),
      ),
    },
    events: events.list().map((event) => eventJson(event, now, toText)),
  };
  return textResponse(200, jsonType, `${JSON.stringify(content)}\n`, {
    'X-Etcd-Cluster-Id': coordinator.status().clusterId,
    'Cache-Control': 'no-store',
  });
}

/** To hundredths: an answer has hundreds of them. Null when the peer did not answer. */
function rounded(ms: number | undefined): number | null {
  return ms === undefined || Number.isNaN(ms) ? null : Math.round(ms * 100) / 100;
}

function eventJson(
  { at, count, content }: MemberEvent,
  now: number,
  toText: (atMs: number) => string,
): object {
  return { time: toText(at), ageMs: Math.round(now - at), count, ...content };
}
