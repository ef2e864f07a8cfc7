import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { assertNever } from '../../assert.js';
import { type ClusterView, readCluster } from '../api/cluster.js';
import type { PastEvent } from '../api/history.js';
import { KeysPage } from '../keys/keys-page.js';
import { type Sample, withPast, withSample } from '../live/samples.js';
import { useHistory } from '../live/use-history.js';
import { type UsedPoll, usePoll } from '../live/use-poll.js';
import { LocksPage } from '../locks/locks-page.js';
import { OverviewPage } from '../overview/overview-page.js';
import { Navigation, titleOf } from './navigation.js';
import { type Route, useRoute } from './route.js';
import { StatusBanner } from './status-banner.js';
import { ThemeSwitch } from './theme-switch.js';

/** Short, so that a lost member is noticed at once. The answer costs the member very little. */
const intervalMs = 1_000;
const maxIntervalMs = 3_000;
const timeoutMs = 2_000;

export function App() {
  const route = useRoute();
  const cluster = usePoll({
    key: 'cluster',
    ask: (signal) => readCluster(signal, timeoutMs),
    intervalMs,
    maxIntervalMs,
  });
  const history = useHistory(cluster.value);
  const own = useSamples(cluster.value);
  const samples = useMemo(() => withPast(own, history.value?.samples ?? []), [own, history.value]);
  const main = useRef<HTMLElement>(null);
  useTitle(route, cluster.value);
  return (
    <>
      <button type="button" class="skip-link" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <span class="brand">Conclave</span>
        <Navigation current={route.page} />
        <span class="seen-from">
          {cluster.value !== undefined && <>as seen from {cluster.value.self.name}</>}
        </span>
        <ThemeSwitch />
      </header>
      <StatusBanner cluster={cluster} />
      <main id="main" ref={main} tabIndex={-1}>
        <h1>{titleOf(route.page)}</h1>
        <Page
          route={route}
          cluster={cluster}
          samples={samples}
          events={history.value?.events ?? []}
        />
      </main>
    </>
  );
}

interface PageProps {
  readonly route: Route;
  readonly cluster: UsedPoll<ClusterView>;
  readonly samples: readonly Sample[];
  readonly events: readonly PastEvent[];
}

function Page({ route, cluster, samples, events }: PageProps) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage cluster={cluster} samples={samples} events={events} />;
    case 'keys':
      return (
        <KeysPage
          folder={`/${route.subject}`}
          selected={route.selected}
          isAnswering={cluster.failure === undefined}
        />
      );
    case 'locks':
      return <LocksPage key="lock" space="lock" name={route.subject} />;
    case 'elections':
      return <LocksPage key="leader" space="leader" name={route.subject} />;
    default:
      return assertNever(route.page);
  }
}

/** Collected on every page, so that the charts have no holes. */
function useSamples(view: ClusterView | undefined): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    if (view !== undefined) setSamples((before) => withSample(before, view, Date.now() / 1000));
  }, [view]);
  return samples;
}

function useTitle({ page, subject, selected }: Route, view: ClusterView | undefined): void {
  const open = selected ?? subject;
  const what = open === '' ? titleOf(page) : `${open} · ${titleOf(page)}`;
  const where = view === undefined ? 'Conclave' : `Conclave at ${view.self.name}`;
  useEffect(() => {
    document.title = `${what} · ${where}`;
  }, [what, where]);
}
