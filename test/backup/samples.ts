import { BackupReader, type BackupSummary } from '../../src/backup/backup-reader.js';
import { BackupWriter } from '../../src/backup/backup-writer.js';
import { logIndex, memberId, term } from '../../src/ids.js';

export const head = {
  clusterId: 'c1'.repeat(8),
  memberId: memberId('a1'.repeat(8)),
  memberName: 'n1',
  version: '0.1.0',
  takenAt: 1_764_223_478_000,
  index: logIndex(41),
  term: term(3),
};

/** A backup of a state that has these chunks. */
export function backupOf(
  chunks: readonly Uint8Array[],
  highestIndex: number,
  from: Partial<typeof head> = {},
): Buffer {
  const writer = new BackupWriter();
  const parts = [writer.begin(), writer.head({ ...head, ...from })];
  for (const chunk of chunks) parts.push(writer.chunk(chunk));
  return Buffer.concat([...parts, writer.end(highestIndex)]);
}

export interface ReadBackup extends BackupSummary {
  readonly chunks: readonly Buffer[];
}

/** @param pieceBytes how the bytes come. */
export function readBackup(bytes: Buffer, pieceBytes = bytes.length): ReadBackup {
  const chunks: Buffer[] = [];
  const reader = new BackupReader((data) => chunks.push(Buffer.from(data)));
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, at + pieceBytes));
  }
  return { ...reader.finish(), chunks };
}
