import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { assertNever } from '../../assert.js';
import { type ClusterView, readCluster } from '../api/cluster.js';
import type { Failure } from '../api/failure.js';
import type { PastEvent } from '../api/history.js';
import { CallerContext } from '../components/permission.js';
import { KeysPage } from '../keys/keys-page.js';
import { type Sample, withPast, withSample } from '../live/samples.js';
import { useHistory } from '../live/use-history.js';
import { type UsedPoll, usePoll } from '../live/use-poll.js';
import { LocksPage } from '../locks/locks-page.js';
import { OverviewPage } from '../overview/overview-page.js';
import { LogIn } from './log-in.js';
import { titleOf } from './navigation.js';
import { PageHead } from './page-head.js';
import { type Route, useRoute } from './route.js';
import { StatusBanner } from './status-banner.js';
import { useLogIn } from './use-log-in.js';

/** Short, so that a lost member is noticed at once. The answer costs the member very little. */
const intervalMs = 1_000;
const maxIntervalMs = 3_000;
const timeoutMs = 2_000;

export function App() {
  const route = useRoute();
  const logIn = useLogIn();
  const { user, caller } = logIn;
  const cluster = usePoll({
    key: `cluster as ${user ?? 'guest'}`,
    ask: (signal) => readCluster(signal, timeoutMs),
    intervalMs,
    maxIntervalMs,
  });
  const history = useHistory(cluster.value);
  const own = useSamples(cluster.value);
  const samples = useMemo(() => withPast(own, history.value?.samples ?? []), [own, history.value]);
  const main = useRef<HTMLElement>(null);
  useTitle(route, cluster.value);
  // A user who may not see the cluster may see keys and locks all the same.
  const named = caller?.isByCertificate === true && user === undefined ? caller.user : undefined;
  const isRefused = (user ?? named) === undefined && isRefusal(cluster.failure);
  const showsLogIn = isRefused || logIn.isForced || logIn.isWanted;
  return (
    <>
      <button type="button" class="skip-link" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <PageHead
        page={route.page}
        seenFrom={cluster.value?.self.name}
        user={user}
        named={named}
        onLogIn={
          caller?.isAsked === true && user === undefined && !showsLogIn ? logIn.want : undefined
        }
        onLogOut={logIn.leave}
      />
      <StatusBanner cluster={cluster} />
      <main id="main" ref={main} tabIndex={-1}>
        <h1>{titleOf(route.page)}</h1>
        {showsLogIn ? (
          <LogIn onDone={logIn.done} onCancel={logIn.cancel} />
        ) : (
          <CallerContext.Provider value={caller}>
            <Page
              key={user}
              route={route}
              cluster={cluster}
              samples={samples}
              events={history.value?.events ?? []}
            />
          </CallerContext.Provider>
        )}
      </main>
      <footer class="foot">
        {/* A relative address keeps the prefix that a proxy adds. */}
        <a href="../../openapi.json">The API, as OpenAPI 3.1</a>
      </footer>
    </>
  );
}

/** The member wants to know who asks, or that user may not. */
function isRefusal(failure: Failure | undefined): boolean {
  return failure?.type === 'refused' && failure.status === 401;
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
          isAnswering={cluster.failure === undefined || isRefusal(cluster.failure)}
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
