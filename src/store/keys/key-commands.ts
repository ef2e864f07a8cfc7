import { assertNever } from '../../assert.js';
import type { CommandResult } from '../../command/command-result.js';
import type { ErrorName } from '../../command/errors.js';
import type { NodeEvent } from '../../command/event.js';
import type { Fence } from '../../command/fence.js';
import type {
  CompareAndDeleteCommand,
  CompareAndSwapCommand,
  CreateCommand,
  CreateInOrderCommand,
  DeleteCommand,
  KeyCommand,
  SetCommand,
  UpdateCommand,
} from '../../command/keys.js';
import { inOrderKey, isReservedPath } from '../../command/lock-path.js';
import { joinPath, pathProblem } from '../../command/path.js';
import type { EventFeed } from '../events/event-feed.js';
import type { ApplyContext } from '../part/apply-context.js';
import { failed, happened } from '../part/outcome.js';
import type { Node } from './node.js';
import { viewBefore, viewOf } from './node-view.js';
import { publishRemoval } from './removal.js';
import type { Refusal, Tree } from './tree.js';

/** Knows the queue entries that fences name. */
export interface FenceCheck {
  /**
   * The cause of the failure: the first fence that does not hold. Undefined when all of them hold.
   */
  broken(fences: readonly Fence[]): string | undefined;
}

/** The writes of the v2 keys API, as etcd 3.4's v2 store does them. */
export class KeyCommands {
  readonly #tree: Tree;
  readonly #feed: EventFeed;
  readonly #fences: FenceCheck;

  constructor(tree: Tree, feed: EventFeed, fences: FenceCheck) {
    this.#tree = tree;
    this.#feed = feed;
    this.#fences = fences;
  }

  apply(command: KeyCommand, context: ApplyContext): CommandResult {
    if (command.fences.length > 0) {
      const cause = this.#fences.broken(command.fences);
      if (cause !== undefined) return this.#fail('testFailed', cause);
    }
    if (command.path !== '/' && isReservedPath(writtenPath(command, this.#feed.nextIndex))) {
      const cause = `${command.path}: locks and elections are changed through the lock module`;
      return this.#fail('rootReadOnly', cause);
    }
    switch (command.type) {
      case 'set':
        return this.#set(command, context);
      case 'create':
        return this.#create(command.path, command, context);
      case 'createInOrder':
        return this.#createInOrder(command, context);
      case 'update':
        return this.#update(command, context);
      case 'compareAndSwap':
        return this.#compareAndSwap(command, context);
      case 'delete':
        return this.#delete(command, context);
      case 'compareAndDelete':
        return this.#compareAndDelete(command, context);
      default:
        return assertNever(command);
    }
  }

  #set(command: SetCommand, context: ApplyContext): CommandResult {
    const { path, dir, refresh } = command;
    if (path === '/') return this.#fail('rootReadOnly', '/');
    const lookup = this.#tree.find(path);
    if (!lookup.ok) {
      if (refresh || lookup.error.name !== 'keyNotFound') return this.#refuse(lookup.error);
      return this.#add('set', path, command, context);
    }
    const found = lookup.value;
    if (found.children !== undefined) return this.#fail('notFile', path);
    const prevNode = viewBefore(found, path, context);
    const value = refresh ? found.value : command.value;
    const written = dir ? this.#replaceByDirectory(found) : this.#replaceByFile(found, value);
    this.#tree.setTtl(written, command.ttlMs, context.index, context.now);
    const node = viewOf(written, path);
    const event: NodeEvent = refresh
      ? { action: 'set', node, prevNode, refresh }
      : { action: 'set', node, prevNode };
    this.#feed.publish(event);
    return happened(event);
  }

  #replaceByFile(file: Node, value: string): Node {
    this.#tree.replaceFile(file, value, this.#feed.nextIndex);
    return file;
  }

  #replaceByDirectory(file: Node): Node {
    const { parent } = file;
    this.#tree.remove(file);
    return this.#tree.addDirectory(parent ?? this.#tree.root, file.name, this.#feed.nextIndex);
  }

  #create(
    path: string,
    command: CreateCommand | CreateInOrderCommand,
    context: ApplyContext,
  ): CommandResult {
    if (path === '/') return this.#fail('rootReadOnly', '/');
    const found = this.#tree.find(path);
    if (found.ok) return this.#fail('nodeExist', path);
    if (found.error.name !== 'keyNotFound') return this.#refuse(found.error);
    return this.#add('create', path, command, context);
  }

  /** The added name may make the path too long. Such a key could never be addressed again. */
  #createInOrder(command: CreateInOrderCommand, context: ApplyContext): CommandResult {
    const path = writtenPath(command, this.#feed.nextIndex);
    const problem = pathProblem(path);
    if (problem !== undefined) return this.#fail('invalidField', problem);
    return this.#create(path, command, context);
  }

  /** Adds a node, and the directories above it that are missing. */
  #add(
    action: 'set' | 'create',
    path: string,
    command: SetCommand | CreateCommand | CreateInOrderCommand,
    context: ApplyContext,
  ): CommandResult {
    const index = this.#feed.nextIndex;
    const parent = this.#tree.directoryOf(path, index);
    if (!parent.ok) return this.#refuse(parent.error);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const added = command.dir
      ? this.#tree.addDirectory(parent.value, name, index)
      : this.#tree.addFile(parent.value, name, command.value, index);
    this.#tree.setTtl(added, command.ttlMs, context.index, context.now);
    const event: NodeEvent = { action, node: viewOf(added, path) };
    this.#feed.publish(event);
    return happened(event);
  }

  /** A directory keeps its modified index, though the event has a new one, as in etcd. */
  #update(command: UpdateCommand, context: ApplyContext): CommandResult {
    const { path, refresh } = command;
    if (path === '/') return this.#fail('rootReadOnly', '/');
    const lookup = this.#tree.find(path);
    if (!lookup.ok) return this.#refuse(lookup.error);
    const found = lookup.value;
    if (found.children !== undefined && command.value !== '') return this.#fail('notFile', path);
    const value = refresh ? found.value : command.value;
    return this.#write('update', found, path, { ...command, value }, context);
  }

  #compareAndSwap(command: CompareAndSwapCommand, context: ApplyContext): CommandResult {
    const { path, refresh } = command;
    if (path === '/') return this.#fail('rootReadOnly', '/');
    const lookup = this.#tree.find(path);
    if (!lookup.ok) return this.#refuse(lookup.error);
    const found = lookup.value;
    if (found.children !== undefined) return this.#fail('notFile', path);
    const difference = differenceFrom(found, command);
    if (difference !== undefined) return this.#fail('testFailed', difference);
    const value = refresh ? found.value : command.value;
    return this.#write('compareAndSwap', found, path, { ...command, value }, context);
  }

  #write(
    action: 'update' | 'compareAndSwap',
    node: Node,
    path: string,
    command: UpdateCommand | CompareAndSwapCommand,
    context: ApplyContext,
  ): CommandResult {
    const prevNode = viewBefore(node, path, context);
    const modifiedIndex = this.#feed.nextIndex;
    if (node.children === undefined) this.#tree.writeFile(node, command.value, modifiedIndex);
    this.#tree.setTtl(node, command.ttlMs, context.index, context.now);
    const view = { ...viewOf(node, path), modifiedIndex };
    const event: NodeEvent = command.refresh
      ? { action, node: view, prevNode, refresh: true }
      : { action, node: view, prevNode };
    this.#feed.publish(event);
    return happened(event);
  }

  #delete({ path, dir, recursive }: DeleteCommand, context: ApplyContext): CommandResult {
    if (path === '/') return this.#fail('rootReadOnly', '/');
    const lookup = this.#tree.find(path);
    if (!lookup.ok) return this.#refuse(lookup.error);
    const found = lookup.value;
    if (found.children !== undefined && !recursive) {
      if (!dir) return this.#fail('notFile', path);
      if (found.children.size > 0) return this.#fail('dirNotEmpty', path);
    }
    return happened(publishRemoval('delete', found, path, this.#tree, this.#feed, context));
  }

  #compareAndDelete(command: CompareAndDeleteCommand, context: ApplyContext): CommandResult {
    const { path } = command;
    const lookup = this.#tree.find(path);
    if (!lookup.ok) return this.#refuse(lookup.error);
    const found = lookup.value;
    // The cause is empty for the root, as in etcd.
    if (found.children !== undefined) return this.#fail('notFile', path === '/' ? '' : path);
    const difference = differenceFrom(found, command);
    if (difference !== undefined) return this.#fail('testFailed', difference);
    return happened(
      publishRemoval('compareAndDelete', found, path, this.#tree, this.#feed, context),
    );
  }

  #refuse({ name, cause }: Refusal): CommandResult {
    return this.#fail(name, cause);
  }

  #fail(error: ErrorName, cause: string): CommandResult {
    return failed(error, cause, this.#feed.etcdIndex);
  }
}

function writtenPath(command: KeyCommand, nextIndex: number): string {
  return command.type === 'createInOrder'
    ? joinPath(command.path, inOrderKey(nextIndex))
    : command.path;
}

/** The cause as etcd words it: each condition that does not hold, as expected and actual value. */
function differenceFrom(
  node: Node,
  { prevValue, prevIndex }: CompareAndSwapCommand | CompareAndDeleteCommand,
): string | undefined {
  const differences: string[] = [];
  if (prevValue !== undefined && prevValue !== node.value) {
    differences.push(`[${prevValue} != ${node.value}]`);
  }
  if (prevIndex !== undefined && prevIndex !== node.modifiedIndex) {
    differences.push(`[${prevIndex} != ${node.modifiedIndex}]`);
  }
  return differences.length === 0 ? undefined : differences.join(' ');
}
