import { useMemo } from 'preact/hooks';
import type { ClusterView } from '../api/cluster.js';
import { Chart, type Series } from '../charts/chart.js';
import { commitRates, type Samples } from '../live/samples.js';

interface ClusterChartsProps {
  readonly view: ClusterView;
  readonly samples: Samples;
}

export function ClusterCharts({ view, samples: { list, elections } }: ClusterChartsProps) {
  const times = useMemo(() => list.map(({ at }) => at), [list]);
  const rates = useMemo<readonly Series[]>(
    () => [{ label: 'Commits', values: commitRates(list) }],
    [list],
  );
  const names = view.members.filter(({ isSelf }) => !isSelf).map(({ name }) => name);
  const namesKey = names.join('\n');
  const latencies = useMemo<readonly Series[]>(
    () =>
      namesKey.split('\n').map((label) => ({
        label,
        values: list.map(({ latencyMs }) => latencyMs.get(label)),
      })),
    [list, namesKey],
  );
  const waits = useMemo<readonly Series[]>(
    () => [
      { label: 'Locks', values: list.map(({ waitingForLocks }) => waitingForLocks) },
      { label: 'Elections', values: list.map(({ waitingForElections }) => waitingForElections) },
    ],
    [list],
  );
  const leads = view.followers.size > 0;
  return (
    <section aria-labelledby="charts-title">
      <h2 id="charts-title">Last minutes</h2>
      <div class="charts">
        <Chart
          title="Commit rate"
          note="Entries committed each second."
          unit="per s"
          times={times}
          series={rates}
          marks={elections}
        />
        {names.length > 0 && (
          <Chart
            title={leads ? 'Latency of each follower' : 'Latency to each member'}
            note={
              leads
                ? `How long each follower takes to answer the leader, ${view.self.name}.`
                : `How long each member takes to answer ${view.self.name}.`
            }
            unit="ms"
            times={times}
            series={latencies}
            marks={elections}
          />
        )}
        <Chart
          title="Lock waits"
          note="Places in queues that do not hold yet."
          unit="waiting"
          times={times}
          series={waits}
          marks={elections}
        />
      </div>
      <p class="section-note">{electionsSentence(elections.map(({ label }) => label))}</p>
    </section>
  );
}

function electionsSentence(labels: readonly string[]): string {
  if (labels.length === 0) return 'No election since this page was opened.';
  return `Changes of leader seen, the last one first: ${labels.toReversed().join('; ')}.`;
}
