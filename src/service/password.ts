import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { PasswordHash } from '../command/auth.js';

/** What the scrypt of a new password costs. It stands in the record, so it may rise later. */
export type PasswordCost = Pick<PasswordHash, 'cost' | 'blockSize' | 'parallelization'>;

/** 16 MiB and some 50 ms. */
export const defaultPasswordCost: PasswordCost = { cost: 16_384, blockSize: 8, parallelization: 1 };

const saltBytes = 16;
const hashBytes = 32;

export async function hashOf(password: string, cost: PasswordCost): Promise<PasswordHash> {
  const salt = randomBytes(saltBytes);
  return { ...cost, salt, hash: await derive(password, salt, hashBytes, cost) };
}

export async function isPasswordOf(password: string, known: PasswordHash): Promise<boolean> {
  const derived = await derive(password, known.salt, known.hash.length, known);
  return timingSafeEqual(derived, known.hash);
}

/** In a thread of its own: the event loop goes on meanwhile. */
function derive(
  password: string,
  salt: Uint8Array,
  length: number,
  { cost, blockSize, parallelization }: PasswordCost,
): Promise<Buffer> {
  const options = {
    N: cost,
    r: blockSize,
    p: parallelization,
    // As much as OpenSSL needs for it; by default Node refuses more than 32 MiB.
    maxmem: 128 * (cost + parallelization + 2) * blockSize + 1024,
  };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
