import type { TestContext } from 'node:test';
import type { Owner } from '../../src/storage/identity.js';
import type { Storage } from '../../src/storage/storage.js';
import { owner } from './samples.js';

/** One disk, and what opens a storage on it. */
export interface Disk {
  open(as: Owner): Promise<Storage>;
  dispose(): Promise<void>;
}

export type MakeDisk = () => Promise<Disk>;

export interface Session {
  /** The storage that is open now. */
  storage: Storage;
  /** Closes it and opens the disk again. */
  reopen(): Promise<Storage>;
}

export async function begin(test: TestContext, makeDisk: MakeDisk): Promise<Session> {
  const disk = await makeDisk();
  const session: Session = {
    storage: await disk.open(owner),
    reopen: async () => {
      await session.storage.close();
      session.storage = await disk.open(owner);
      return session.storage;
    },
  };
  test.after(async () => {
    await session.storage.close();
    await disk.dispose();
  });
  return session;
}
