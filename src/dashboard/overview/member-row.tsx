import type { ComponentChildren } from 'preact';
import type { ClusterView, MemberView } from '../api/cluster.js';
import type { Right } from '../api/rights.js';
import { GuardedButton } from '../components/permission.js';
import { bytesText, countText, durationText } from '../format/quantity.js';
import { isDown, lagOf } from './diagnosis.js';

export type MemberChange = 'lead' | 'replace' | 'remove';

export const toChange: Right = { type: 'admin', kind: 'members' };

interface MemberRowProps {
  readonly view: ClusterView;
  readonly member: MemberView;
  readonly commitsPerSecond: number;
  readonly isOld: boolean;
  readonly canLead: boolean;
  /** Undefined while nobody can change the members. */
  readonly onChange: ((change: MemberChange) => void) | undefined;
}

const unknown = '–';

export function MemberRow(props: MemberRowProps) {
  const { view, member, commitsPerSecond, isOld, canLead, onChange } = props;
  const { report } = member;
  const down = isDown(member);
  const latencyMs = view.followers.get(member.id)?.latencyMs ?? member.roundTripMs;
  return (
    <tr class={down ? 'member down' : 'member'}>
      <th scope="row" data-title="Member">
        {member.name}
        {member.isSelf && <span class="tag">this page</span>}
      </th>
      <Cell title="State">
        {isOld ? <span class="state">? Not known now</span> : <MemberState member={member} />}
      </Cell>
      <Cell title="Role">
        {down ? unknown : <Role role={member.isLearner ? 'learner' : report?.role} />}
      </Cell>
      <Cell title="Term">{shown(report?.term, countText)}</Cell>
      <Cell title="Log">{shown(report?.commitIndex, countText)}</Cell>
      <Cell title="Applied">{shown(report?.appliedIndex, countText)}</Cell>
      <Cell title="Behind">{down ? unknown : lagText(lagOf(view, member), commitsPerSecond)}</Cell>
      <Cell title="Answers in">
        {member.isSelf || down ? unknown : shown(latencyMs, durationText)}
      </Cell>
      <Cell title="Memory">{shown(report?.rssBytes, bytesText)}</Cell>
      <Cell title="Disk">{shown(report?.diskBytes, bytesText)}</Cell>
      <Cell title="Key watches">{shown(report?.watchers, countText)}</Cell>
      <Cell title="Lock waits">{countText(member.waitingRequests)}</Cell>
      <Cell title="Up for">{down ? unknown : shown(report?.upMs, durationText)}</Cell>
      <Cell title="Version">{report?.version ?? unknown}</Cell>
      <Cell title="Change">
        {onChange !== undefined && (
          <Changes name={member.name} canLead={canLead} onChange={onChange} />
        )}
      </Cell>
    </tr>
  );
}

interface ChangesProps {
  readonly name: string;
  readonly canLead: boolean;
  readonly onChange: (change: MemberChange) => void;
}

function Changes({ name, canLead, onChange }: ChangesProps) {
  return (
    <div class="changes">
      {canLead && (
        <GuardedButton needs={toChange} class="small" onClick={() => onChange('lead')}>
          Let it lead
        </GuardedButton>
      )}
      <GuardedButton
        needs={toChange}
        class="small"
        label={`Replace ${name}`}
        onClick={() => onChange('replace')}
      >
        Replace
      </GuardedButton>
      <GuardedButton
        needs={toChange}
        class="small danger"
        label={`Remove ${name}`}
        onClick={() => onChange('remove')}
      >
        Remove
      </GuardedButton>
    </div>
  );
}

interface CellProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** On a narrow screen the table has no head, and each value follows its title. */
function Cell({ title, children }: CellProps) {
  return <td data-title={title}>{children}</td>;
}

function MemberState({ member }: { readonly member: MemberView }) {
  if (!isDown(member)) return <span class="state good">✓ Answers</span>;
  return (
    <span class="state critical" title={member.refusal?.reason}>
      ✕ {downText(member)}
    </span>
  );
}

function downText({ silentMs, refusal }: MemberView): string {
  if (refusal !== undefined) return refusal.isByPeer ? 'Refuses this one' : 'Refused';
  return silentMs === undefined ? 'Never answered' : `Silent for ${durationText(silentMs)}`;
}

function Role({ role }: { readonly role: string | undefined }) {
  if (role === 'leader') return <strong class="leader">★ leader</strong>;
  return <span>{role === 'preCandidate' ? 'pre-candidate' : (role ?? unknown)}</span>;
}

/** Reports are up to a second old, so what was committed in that time is no lag. */
function lagText(lag: number | undefined, commitsPerSecond: number): string {
  if (lag === undefined) return unknown;
  return lag <= Math.max(1, 1.5 * commitsPerSecond) ? 'in step' : countText(lag);
}

function shown(value: number | undefined, toText: (value: number) => string): string {
  return value === undefined ? unknown : toText(value);
}
