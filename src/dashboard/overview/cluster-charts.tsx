import { useMemo, useState } from 'preact/hooks';
import type { ClusterView } from '../api/cluster.js';
import type { PastEvent } from '../api/history.js';
import { Chart, type Series } from '../charts/chart.js';
import { Segments } from '../components/segments.js';
import { commitRates, type Sample } from '../live/samples.js';
import { markLabel } from './event-text.js';

interface ClusterChartsProps {
  readonly view: ClusterView;
  readonly samples: readonly Sample[];
  readonly events: readonly PastEvent[];
}

const spans = [
  ['300', '5 minutes'],
  ['3600', '1 hour'],
] as const;

export function ClusterCharts({ view, samples, events }: ClusterChartsProps) {
  const [span, setSpan] = useState<string>('300');
  const spanSeconds = Number(span);
  const list = useMemo(() => {
    const newest = samples.at(-1)?.at ?? 0;
    return samples.filter(({ at }) => at >= newest - spanSeconds);
  }, [samples, spanSeconds]);
  const marks = useMemo(
    () =>
      events.flatMap((event) => {
        const label = markLabel(event, view);
        return label === undefined ? [] : [{ at: event.at, label }];
      }),
    [events, view],
  );
  const times = useMemo(() => list.map(({ at }) => at), [list]);
  const rates = useMemo<readonly Series[]>(
    () => [{ label: 'Commits', values: commitRates(list) }],
    [list],
  );
  const others = view.members.filter(({ isSelf }) => !isSelf);
  const othersKey = others.map(({ id, name }) => `${id} ${name}`).join('\n');
  const latencies = useMemo<readonly Series[]>(
    () =>
      othersKey.split('\n').map((key) => {
        const [id = '', label = ''] = key.split(/ (.*)/s);
        return { label, values: list.map(({ latencyMs }) => latencyMs.get(id)) };
      }),
    [list, othersKey],
  );
  const waits = useMemo<readonly Series[]>(
    () => [
      { label: 'Locks', values: list.map(({ waitingForLocks }) => waitingForLocks) },
      { label: 'Elections', values: list.map(({ waitingForElections }) => waitingForElections) },
    ],
    [list],
  );
  const shared = { times, marks, spanSeconds };
  return (
    <section aria-labelledby="charts-title">
      <div class="section-head">
        <h2 id="charts-title">{span === '300' ? 'Last minutes' : 'Last hour'}</h2>
        <Segments label="Time span" choices={spans} chosen={span} onChoose={setSpan} />
      </div>
      <div class="charts">
        <Chart
          title="Commit rate"
          note="Entries committed each second."
          unit="per s"
          series={rates}
          {...shared}
        />
        {others.length > 0 && <Latencies view={view} series={latencies} {...shared} />}
        <Chart
          title="Lock waits"
          note="Places in queues that do not hold yet."
          unit="waiting"
          series={waits}
          {...shared}
        />
      </div>
    </section>
  );
}

interface LatenciesProps {
  readonly view: ClusterView;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly marks: readonly { readonly at: number; readonly label: string }[];
  readonly spanSeconds: number;
}

function Latencies({ view, ...chart }: LatenciesProps) {
  const leads = view.followers.size > 0;
  const title = leads ? 'Latency of each follower' : 'Latency to each member';
  const note = leads
    ? `How long each follower takes to answer the leader, ${view.self.name}.`
    : `How long each member takes to answer ${view.self.name}.`;
  return <Chart title={title} note={note} unit="ms" {...chart} />;
}
