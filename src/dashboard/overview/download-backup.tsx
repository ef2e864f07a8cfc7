import { readBackup } from '../api/backup.js';
import type { Right } from '../api/rights.js';
import { GuardedButton } from '../components/permission.js';
import { FailureNote, useAction } from '../components/use-action.js';

export const toBackUp: Right = { type: 'admin', kind: 'backup' };

/** Until the last byte is there, no file is saved: half a backup would look like one. */
export function DownloadBackup() {
  const action = useAction();
  const download = async () => {
    const { name, content } = await readBackup();
    const url = URL.createObjectURL(content);
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    // The browser has to begin with it before.
    setTimeout(() => URL.revokeObjectURL(url), keptMs);
  };
  return (
    <>
      <GuardedButton
        needs={toBackUp}
        title="One file with all keys, locks and elections"
        isUnderWay={action.isUnderWay}
        onClick={() => action.begin(download)}
      >
        {action.isUnderWay ? 'Downloading …' : 'Download a backup'}
      </GuardedButton>
      <FailureNote failure={action.failure} />
    </>
  );
}

const keptMs = 60_000;
