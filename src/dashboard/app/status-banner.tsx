import type { ClusterView } from '../api/cluster.js';
import type { Polled } from '../live/poll.js';
import { useNow } from '../live/use-now.js';
import {
  type Finding,
  findingsOf,
  healthySentence,
  unansweredSentence,
} from '../overview/diagnosis.js';

type Severity = Finding['severity'] | 'good' | 'unknown';

/** Each severity has a symbol and a word: colour is never the only sign. */
const signs: Readonly<Record<Severity, readonly [sign: string, word: string]>> = {
  critical: ['✕', 'Critical'],
  warning: ['!', 'Warning'],
  good: ['✓', 'Good'],
  unknown: ['…', 'Loading'],
};

/** Says what is wrong, at the top of every page. */
export function StatusBanner({ cluster }: { readonly cluster: Polled<ClusterView> }) {
  const now = useNow(500);
  const findings = bannerLines(cluster, now);
  const isStale = cluster.failure !== undefined;
  return (
    <section class="banner" aria-label="State of the cluster">
      <div role="status" aria-atomic="false">
        <ul>
          {findings.map(({ severity, sentence }) => (
            <li key={keyOf(sentence)} class={`banner-line ${severity}`}>
              <span class="banner-sign" aria-hidden="true">
                {signs[severity][0]}
              </span>
              <span>
                <strong class="banner-word">{signs[severity][1]}.</strong> {sentence}
              </span>
            </li>
          ))}
        </ul>
      </div>
      {isStale && cluster.value !== undefined && <OtherMembers view={cluster.value} />}
    </section>
  );
}

interface Line {
  readonly severity: Severity;
  readonly sentence: string;
}

function bannerLines(cluster: Polled<ClusterView>, now: number): readonly Line[] {
  const { value, valueAt, failure, failingSince, nextTryAt } = cluster;
  if (failure !== undefined) {
    const silentMs = now - (valueAt ?? failingSince ?? now);
    const nextTryMs = Math.max(0, (nextTryAt ?? now) - now);
    const sentence = unansweredSentence(value?.self.name, failure, silentMs, nextTryMs);
    return [{ severity: 'critical', sentence }];
  }
  if (value === undefined) return [{ severity: 'unknown', sentence: 'Asking the member …' }];
  const findings = findingsOf(value);
  return findings.length > 0 ? findings : [{ severity: 'good', sentence: healthySentence(value) }];
}

/** The key ignores figures, so that a screen reader does not repeat a sentence when they change. */
function keyOf(sentence: string): string {
  return sentence.replaceAll(/\d[\d\s.]*/g, '0');
}

/** Links to the other members, which serve this page, too. */
function OtherMembers({ view }: { readonly view: ClusterView }) {
  const others = view.members.filter(({ isSelf, clientUrls }) => !isSelf && clientUrls.length > 0);
  if (others.length === 0) return null;
  return (
    <p class="banner-others">
      What you see below is old. Look from another member:{' '}
      {others.map(({ id, name, clientUrls }) => (
        <a key={id} href={new URL('mod/dashboard/', `${clientUrls[0]}/`).href + location.hash}>
          {name}
        </a>
      ))}
    </p>
  );
}
