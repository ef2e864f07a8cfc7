import type { CommandResult } from '../../command/command-result.js';
import type { KeyCommand } from '../../command/keys.js';
import type { EventFeed } from '../events/event-feed.js';
import type { ApplyContext } from '../part/apply-context.js';
import type { CommandPart, HashedPart } from '../part/part.js';
import type { StateHash } from '../part/state-hash.js';
import type { Asker } from '../sessions/session.js';
import { type FenceCheck, KeyCommands } from './key-commands.js';
import { addNode } from './node-hash.js';
import type { Statistics } from './statistics.js';
import type { Tree } from './tree.js';
import { TreeRestorer } from './tree-restorer.js';

/** The keys. Their records are written as a snapshot walks over the tree. */
export class KeysPart implements CommandPart<KeyCommand>, HashedPart {
  readonly tree: Tree;
  readonly feed: EventFeed;
  readonly #commands: KeyCommands;
  readonly #statistics: Statistics;

  constructor(tree: Tree, feed: EventFeed, fences: FenceCheck, statistics: Statistics) {
    this.tree = tree;
    this.feed = feed;
    this.#commands = new KeyCommands(tree, feed, fences);
    this.#statistics = statistics;
  }

  apply(command: KeyCommand, _asker: Asker | undefined, context: ApplyContext): CommandResult {
    const result = this.#commands.apply(command, context);
    this.#statistics.count(command.type, result.type !== 'error');
    return result;
  }

  addTo(hash: StateHash): void {
    addNode(hash, this.tree.root);
  }

  restorer(now: number): TreeRestorer {
    return new TreeRestorer(this.tree, now);
  }
}
