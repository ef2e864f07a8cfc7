import { useState } from 'preact/hooks';
import { assertNever } from '../../assert.js';
import { curlLine } from '../api/curl.js';
import { type KeyNode, keyPath } from '../api/key-requests.js';
import type { Right } from '../api/rights.js';
import { routeHash } from '../app/route.js';
import { CopyButton } from '../components/copy-button.js';
import { GuardedButton, RefusalNote } from '../components/permission.js';
import { StateNote } from '../components/state-note.js';
import { DeleteKey } from './delete-key.js';
import { EditKey } from './edit-key.js';
import { SecretValue } from './secret-value.js';
import { SetTtl } from './set-ttl.js';
import { TtlText } from './ttl-text.js';

interface KeyDetailsProps {
  readonly path: string;
  /** Undefined when it was deleted. */
  readonly node: KeyNode | undefined;
  /** Why there is no node, if there is none. */
  readonly absence: 'hidden' | 'loading' | 'gone';
}

type Doing = 'nothing' | 'edit' | 'ttl' | 'delete';

/**
 * Needs its path as Preact key, so that the state of one key's forms is not carried to the next.
 */
export function KeyDetails({ path, node, absence }: KeyDetailsProps) {
  const [doing, setDoing] = useState<Doing>('nothing');
  const [lastSeen, setLastSeen] = useState(node);
  if (node !== undefined && node !== lastSeen) setLastSeen(node);
  const shown = node ?? lastSeen;
  const done = () => setDoing('nothing');
  return (
    <section class="details" aria-label={`About ${path}`}>
      <h2 class="mono">{path}</h2>
      {node === undefined && <Absence why={absence} wasSeen={shown !== undefined} />}
      {node !== undefined && <KeyFacts node={node} />}
      {node !== undefined && <KeyActions node={node} onAction={setDoing} />}
      {doing === 'edit' && shown !== undefined ? (
        <EditKey current={node} base={shown} onDone={done} />
      ) : (
        node !== undefined && !node.isFolder && <SecretValue path={path} value={node.value} />
      )}
      {node !== undefined && <Doings doing={doing} node={node} onDone={done} />}
    </section>
  );
}

interface AbsenceProps {
  readonly why: 'hidden' | 'loading' | 'gone';
  readonly wasSeen: boolean;
}

function Absence({ why, wasSeen }: AbsenceProps) {
  if (why === 'loading') return <StateNote>Loading …</StateNote>;
  if (why === 'hidden') {
    return <StateNote>A name that begins with “_” is hidden: tick “Hidden keys”.</StateNote>;
  }
  return (
    <p class="state-note failed" role="status">
      {wasSeen
        ? 'It is not there any more: it was deleted, or it has expired.'
        : 'There is no such key.'}
    </p>
  );
}

interface DoingsProps {
  readonly doing: Doing;
  readonly node: KeyNode;
  readonly onDone: () => void;
}

function Doings({ doing, node, onDone }: DoingsProps) {
  switch (doing) {
    case 'nothing':
    case 'edit':
      return null;
    case 'ttl':
      return <SetTtl node={node} onClose={onDone} />;
    case 'delete':
      return <DeleteKey node={node} onClose={onDone} />;
    default:
      return assertNever(doing);
  }
}

function KeyFacts({ node }: { readonly node: KeyNode }) {
  return (
    <dl class="facts">
      <dt>Kind</dt>
      <dd>{node.isFolder ? 'folder' : 'key'}</dd>
      <dt>Created at index</dt>
      <dd>{node.createdIndex}</dd>
      <dt>Changed at index</dt>
      <dd>{node.modifiedIndex}</dd>
      <dt>Expires in</dt>
      <dd>
        {node.expiresAt === undefined ? (
          'never'
        ) : (
          <TtlText expiresAt={node.expiresAt} isAlone={false} />
        )}
      </dd>
    </dl>
  );
}

interface KeyActionsProps {
  readonly node: KeyNode;
  readonly onAction: (doing: Doing) => void;
}

function KeyActions({ node, onAction }: KeyActionsProps) {
  const needs: Right = { type: 'write', path: node.key, recursive: node.isFolder };
  return (
    <>
      <div class="buttons">
        {node.isFolder ? (
          <a class="button" href={routeHash({ page: 'keys', subject: node.key.slice(1) })}>
            Go into it
          </a>
        ) : (
          <GuardedButton needs={needs} class="primary" onClick={() => onAction('edit')}>
            Edit
          </GuardedButton>
        )}
        <GuardedButton needs={needs} onClick={() => onAction('ttl')}>
          Set TTL
        </GuardedButton>
        <GuardedButton needs={needs} class="danger" onClick={() => onAction('delete')}>
          Delete
        </GuardedButton>
        <CopyButton label="Copy key" text={node.key} />
        <CopyButton label="Copy curl" text={curlLine('GET', keyPath(node.key))} />
      </div>
      <RefusalNote needs={needs} />
    </>
  );
}
