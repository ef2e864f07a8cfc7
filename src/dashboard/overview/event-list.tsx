import { useState } from 'preact/hooks';
import type { ClusterView } from '../api/cluster.js';
import type { PastEvent } from '../api/history.js';
import { StateNote } from '../components/state-note.js';
import { countText } from '../format/quantity.js';
import { eventSentence } from './event-text.js';

interface EventListProps {
  readonly view: ClusterView;
  /** The oldest first. */
  readonly events: readonly PastEvent[];
}

const shownMax = 12;

/** What the member of the page has seen happen, the last first. */
export function EventList({ view, events }: EventListProps) {
  const [all, setAll] = useState(false);
  const newest = events.toReversed();
  const shown = all ? newest : newest.slice(0, shownMax);
  return (
    <section aria-labelledby="events-title">
      <h2 id="events-title">What {view.self.name} has seen</h2>
      {newest.length === 0 && <StateNote>Nothing yet since it started.</StateNote>}
      <ol class="events">
        {shown.map((event) => (
          <li key={`${event.at} ${event.type}`}>
            <time dateTime={new Date(event.at * 1000).toISOString()}>{timeText(event.at)}</time>
            <span>{eventSentence(event, view)}</span>
          </li>
        ))}
      </ol>
      {newest.length > shown.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {countText(newest.length)}
        </button>
      )}
    </section>
  );
}

/** With the day where it is another one. */
function timeText(at: number): string {
  const date = new Date(at * 1000);
  const time = date.toLocaleTimeString('en-GB');
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? time : `${date.toLocaleDateString('en-CA')} ${time}`;
}
