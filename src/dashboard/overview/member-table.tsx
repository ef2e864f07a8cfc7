import type { ClusterView } from '../api/cluster.js';
import { MemberRow } from './member-row.js';

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
  ['Key watches', 'Open watches of keys there; waits for locks are in the chart below'],
  ['Up for', 'Since its process started'],
  ['Version', 'Of Conclave'],
] as const;

interface MemberTableProps {
  readonly view: ClusterView;
  readonly commitsPerSecond: number;
  /** The member that serves the page does not answer any more. */
  readonly isOld: boolean;
}

export function MemberTable({ view, commitsPerSecond, isOld }: MemberTableProps) {
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
            />
          ))}
        </tbody>
      </table>
      <p class="section-note">
        {isOld ? `As ${view.self.name} saw it last` : `As ${view.self.name} sees it`}: of a member
        that does not answer, what it last said.
      </p>
    </section>
  );
}
