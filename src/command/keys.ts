import { field } from '../encoding/field.js';
import { flag, list, optional, text, uint } from '../encoding/kinds.js';
import { type RecordOf, taggedFormat } from '../encoding/record-format.js';
import type { Alternatives } from '../encoding/union-format.js';
import { fenceFormat, noFences } from './fence.js';
import { path } from './kinds.js';

/** The writes of the v2 keys API. */
export type KeyCommand =
  | SetCommand
  | CreateCommand
  | UpdateCommand
  | CompareAndSwapCommand
  | DeleteCommand
  | CompareAndDeleteCommand
  | CreateInOrderCommand;

const onKey = {
  path: field(1, path),
  /** The write fails unless all of them hold. They are checked before anything else. */
  fences: field(2, list(fenceFormat, noFences)),
};
const keyWrite = {
  ...onKey,
  value: field(3, text),
  /** Undefined means permanent. */
  ttlMs: field(4, optional(uint)),
};
/** An undefined condition always holds. At least one is defined. */
const conditions = {
  prevValue: field(6, optional(text)),
  prevIndex: field(7, optional(uint)),
};

/** `refresh` keeps the value of a key that must exist, and tells no watcher. */
export type SetCommand = RecordOf<typeof setFormat>;
const setFormat = taggedFormat('set', {
  ...keyWrite,
  dir: field(5, flag),
  refresh: field(8, flag),
});

export type CreateCommand = RecordOf<typeof createFormat>;
const createFormat = taggedFormat('create', { ...keyWrite, dir: field(5, flag) });

/** `refresh` keeps the value and tells no watcher. */
export type UpdateCommand = RecordOf<typeof updateFormat>;
const updateFormat = taggedFormat('update', { ...keyWrite, refresh: field(8, flag) });

export type CompareAndSwapCommand = RecordOf<typeof compareAndSwapFormat>;
const compareAndSwapFormat = taggedFormat('compareAndSwap', {
  ...keyWrite,
  ...conditions,
  refresh: field(8, flag),
});

export type DeleteCommand = RecordOf<typeof deleteFormat>;
const deleteFormat = taggedFormat('delete', {
  ...onKey,
  dir: field(5, flag),
  recursive: field(9, flag),
});

export type CompareAndDeleteCommand = RecordOf<typeof compareAndDeleteFormat>;
const compareAndDeleteFormat = taggedFormat('compareAndDelete', { ...onKey, ...conditions });

/** Creates a 20-digit key, named by its index, in the directory `path`. */
export type CreateInOrderCommand = RecordOf<typeof createInOrderFormat>;
const createInOrderFormat = taggedFormat('createInOrder', {
  ...keyWrite,
  dir: field(5, flag),
});

/** The numbers from 1 to 15 are those of keys. */
export const keyCommands = {
  set: [1, setFormat],
  create: [2, createFormat],
  update: [3, updateFormat],
  compareAndSwap: [4, compareAndSwapFormat],
  delete: [5, deleteFormat],
  compareAndDelete: [6, compareAndDeleteFormat],
  createInOrder: [7, createInOrderFormat],
} as const satisfies Alternatives<KeyCommand>;
