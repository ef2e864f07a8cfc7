import type { ClusterView } from '../api/cluster.js';
import { PolledNote } from '../components/state-note.js';
import { commitRates, type Samples } from '../live/samples.js';
import type { UsedPoll } from '../live/use-poll.js';
import { ClusterCharts } from './cluster-charts.js';
import { MemberTable } from './member-table.js';

interface OverviewPageProps {
  readonly cluster: UsedPoll<ClusterView>;
  readonly samples: Samples;
}

export function OverviewPage({ cluster, samples }: OverviewPageProps) {
  const { value, failure } = cluster;
  if (value === undefined) return <PolledNote polled={cluster} what="the cluster" />;
  return (
    <>
      <MemberTable
        view={value}
        commitsPerSecond={commitRates(samples.list.slice(-2)).at(-1) ?? 0}
        isOld={failure !== undefined}
      />
      <ClusterCharts view={value} samples={samples} />
    </>
  );
}
