import { useEffect, useRef, useState } from 'preact/hooks';
import { assertNever } from '../../assert.js';
import { type ClusterView, readCluster } from '../api/cluster.js';
import { KeysPage } from '../keys/keys-page.js';
import { noSamples, type Samples, withSample } from '../live/samples.js';
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
  const samples = useSamples(cluster.value);
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
        <Page route={route} cluster={cluster} samples={samples} />
      </main>
    </>
  );
}

interface PageProps {
  readonly route: Route;
  readonly cluster: UsedPoll<ClusterView>;
  readonly samples: Samples;
}

function Page({ route, cluster, samples }: PageProps) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage cluster={cluster} samples={samples} />;
    case 'keys':
      return <KeysPage folder={`/${route.subject}`} isAnswering={cluster.failure === undefined} />;
    case 'locks':
      return <LocksPage key="lock" space="lock" name={route.subject} />;
    case 'elections':
      return <LocksPage key="leader" space="leader" name={route.subject} />;
    default:
      return assertNever(route.page);
  }
}

/** Collected on every page, so that the charts have no holes. */
function useSamples(view: ClusterView | undefined): Samples {
  const [samples, setSamples] = useState(noSamples);
  useEffect(() => {
    if (view !== undefined) setSamples((before) => withSample(before, view, Date.now() / 1000));
  }, [view]);
  return samples;
}

function useTitle({ page, subject }: Route, view: ClusterView | undefined): void {
  const what = subject === '' ? titleOf(page) : `${subject} · ${titleOf(page)}`;
  const where = view === undefined ? 'Conclave' : `Conclave at ${view.self.name}`;
  useEffect(() => {
    document.title = `${what} · ${where}`;
  }, [what, where]);
}
