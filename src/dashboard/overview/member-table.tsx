import { useState } from 'preact/hooks';
import { assertNever } from '../../assert.js';
import type { ClusterView, MemberView } from '../api/cluster.js';
import { GuardedButton, RefusalNote } from '../components/permission.js';
import { AddMember } from './add-member.js';
import { isDown } from './diagnosis.js';
import { DownloadBackup, toBackUp } from './download-backup.js';
import { HandOver } from './hand-over.js';
import { type MemberChange, MemberRow, toChange } from './member-row.js';
import { RemoveMember } from './remove-member.js';
import { ReplaceMember } from './replace-member.js';

/** The columns and their explanations. */
const memberColumns = [
  ['Member', 'Its name, and whether it serves this page'],
  ['State', 'Whether it answers the member that serves this page'],
  ['Role', 'What it is in the current term'],
  ['Term', 'Counts the elections'],
  ['Log', 'Index of the newest entry that it knows to be committed'],
  ['Applied', 'Index of the newest entry that it has applied'],
  ['Behind', 'Entries it has still to apply'],
  ['Answers in', 'How long its last answer took'],
  ['Memory', 'Resident memory of its process'],
  ['Disk', 'Size of its data directory'],
  ['Key watches', 'Open watches of keys there'],
  ['Lock waits', 'Requests there that wait for a lock or an election'],
  ['Up for', 'Since its process started'],
  ['Version', 'Of Conclave'],
  ['Change', 'Another leader, another member, or one less'],
] as const;

/** What somebody is asked about. */
type Doing =
  | { readonly change: 'add' }
  | { readonly change: MemberChange; readonly member: MemberView };

interface MemberTableProps {
  readonly view: ClusterView;
  readonly commitsPerSecond: number;
  /** The member that serves the page does not answer any more. */
  readonly isOld: boolean;
  readonly onChanged: () => void;
}

export function MemberTable({ view, commitsPerSecond, isOld, onChanged }: MemberTableProps) {
  const [doing, setDoing] = useState<Doing | undefined>(undefined);
  const leader = view.members.find(isLeader);
  const canLead = (member: MemberView) => !isDown(member) && !isLeader(member) && !member.isLearner;
  const canChange = leader !== undefined && !isOld;
  const members = view.members.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return (
    <section aria-labelledby="members-title">
      <h2 id="members-title">Members</h2>
      <table class="members">
        <thead>
          <tr>
            {memberColumns.map(([title, meaning]) => (
              <th key={title} scope="col" title={meaning}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <MemberRow
              key={member.id}
              view={view}
              member={member}
              commitsPerSecond={commitsPerSecond}
              isOld={isOld}
              onChange={canChange ? (change) => setDoing({ change, member }) : undefined}
              canLead={canLead(member)}
            />
          ))}
        </tbody>
      </table>
      <p class="section-note">
        {isOld ? `As ${view.self.name} saw it last` : `As ${view.self.name} sees it`}: of a member
        that does not answer, what it last said.
      </p>
      {canChange && (
        <>
          <div class="buttons">
            <GuardedButton needs={toChange} onClick={() => setDoing({ change: 'add' })}>
              Add a member
            </GuardedButton>
            <DownloadBackup />
          </div>
          <RefusalNote needs={toChange} />
          <RefusalNote needs={toBackUp} />
        </>
      )}
      {doing !== undefined && (
        <Doings
          doing={doing}
          view={view}
          from={leader?.name ?? ''}
          onDone={onChanged}
          onClose={() => setDoing(undefined)}
        />
      )}
    </section>
  );
}

interface DoingsProps {
  readonly doing: Doing;
  readonly view: ClusterView;
  /** Who leads now. */
  readonly from: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function Doings({ doing, from, ...rest }: DoingsProps) {
  if (doing.change === 'add') return <AddMember {...rest} />;
  const { change, member } = doing;
  switch (change) {
    case 'lead':
      return <HandOver from={from} to={member.name} onDone={rest.onDone} onClose={rest.onClose} />;
    case 'replace':
      return <ReplaceMember member={member} {...rest} />;
    case 'remove':
      return <RemoveMember member={member} {...rest} />;
    default:
      return assertNever(change);
  }
}

function isLeader(member: MemberView): boolean {
  return !isDown(member) && member.report?.role === 'leader';
}
