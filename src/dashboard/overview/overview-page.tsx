import type { ClusterView } from '../api/cluster.js';
import type { PastEvent } from '../api/history.js';
import { PolledNote } from '../components/state-note.js';
import { commitRates, type Sample } from '../live/samples.js';
import type { UsedPoll } from '../live/use-poll.js';
import { ClusterCharts } from './cluster-charts.js';
import { EventList } from './event-list.js';
import { MemberTable } from './member-table.js';

interface OverviewPageProps {
  readonly cluster: UsedPoll<ClusterView>;
  readonly samples: readonly Sample[];
  readonly events: readonly PastEvent[];
}

export function OverviewPage({ cluster, samples, events }: OverviewPageProps) {
  const { value, failure } = cluster;
  if (value === undefined) return <PolledNote polled={cluster} what="the cluster" />;
  return (
    <>
      <MemberTable
        view={value}
        commitsPerSecond={commitRates(samples.slice(-2)).at(-1) ?? 0}
        isOld={failure !== undefined}
        onChanged={cluster.refresh}
      />
      <ClusterCharts view={value} samples={samples} events={events} />
      <EventList view={value} events={events} />
    </>
  );
}
