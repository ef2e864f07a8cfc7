import { logIndex, term } from '../../src/ids.js';
import type { Message } from '../../src/raft/messages.js';
import { entriesOf } from './build.js';
import { Cluster } from './cluster.js';
import { id, nameOf, Peer, type Tuning } from './peer.js';
import { describeMessage, describePeers, describeState, describeWrite } from './trace.js';

/**
 * Runs a script. A line that begins with `> ` is a command; the lines below it, up to the next
 * command or an empty line, are the trace that it leaves. Lines with `#` are for the reader.
 * Returns the script with the trace that was really left.
 */
export function runScenario(script: string): string {
  const scenario = new Scenario();
  const lines: string[] = [];
  for (const line of script.trimEnd().split('\n')) {
    if (line === '' || line.startsWith('#')) lines.push(line);
    if (line.startsWith('> ')) lines.push(line, ...scenario.command(line.slice(2).split(' ')));
  }
  return `${lines.join('\n')}\n`;
}

type Command = (...words: string[]) => void;

/**
 * `members a b c [learners d] [key=number ...]`; the other commands are the keys of `#commands`.
 */
class Scenario {
  #cluster = new Cluster({ voters: ['a'], learners: [], tuning: {} });
  #trace: string[] = [];
  #isQuiet = false;
  readonly #shown = new Map<string, string>();

  readonly #commands: Readonly<Record<string, Command>> = {
    members: (...words) => this.#begin(words),
    /** `log a 1 1 2`: the member starts with entries of these terms. */
    log: (name = '', ...terms) => this.#startWith(name, terms.map(Number)),
    quiet: () => {
      this.#isQuiet = true;
    },
    loud: () => {
      this.#isQuiet = false;
    },
    tick: (name = '', count = '1') => this.#cluster.tick(name, Number(count)),
    /** Delivers everything, and all that follows from it. */
    settle: () => this.#cluster.settle(),
    /** `deliver a b [Type]`: the first message that fits. */
    deliver: (...words) => this.#deliver(words),
    drop: (...words) => {
      this.#cluster.drop(fitting(words));
    },
    /** Sends a second copy of the first message that fits, behind all others. */
    copy: (...words) => {
      const original = this.#cluster.network.find(fitting(words));
      if (original !== undefined) this.#cluster.network.push(original);
    },
    propose: (name = '', count = '1') => this.#propose(name, Number(count)),
    read: (name = '', context = '0') => {
      const accepted = this.#cluster.peer(name).raft.readIndex(Number(context));
      if (!accepted) this.#note(`${name} refuses the read`);
    },
    transfer: (name = '', to = '') => {
      const begun = this.#cluster.peer(name).raft.transferLeadership(id(to));
      if (!begun) this.#note(`${name} refuses the transfer`);
    },
    lost: (name = '', leader = '') => this.#cluster.peer(name).raft.leaderLost(id(leader)),
    /** `report a b delivered`: the fate of the snapshot that a sends to b. */
    report: (name = '', to = '', fate = '') =>
      this.#cluster.peer(name).raft.reportSnapshot(id(to), fate === 'delivered'),
    /** From now on the member's writes end only with `finish`. */
    slow: (name = '') => {
      this.#cluster.peer(name).slow = true;
    },
    fast: (name = '') => {
      this.#cluster.peer(name).slow = false;
    },
    finish: (name = '') => this.#cluster.peer(name).finishWrite(),
    restart: (name = '') => this.#cluster.peer(name).restart(),
    /** `compact a 2`: a snapshot of what is applied, and two entries before its end. */
    compact: (name = '', trailing = '0') => this.#cluster.peer(name).compact(Number(trailing)),
    cut: (from = '', to = '') => this.#cluster.cut(from, to),
    isolate: (name = '') => this.#cluster.isolate(name),
    heal: () => this.#cluster.heal(),
    show: () => this.#show(),
  };

  command(words: readonly string[]): readonly string[] {
    const [name = '', ...rest] = words;
    const command = this.#commands[name];
    if (command === undefined) throw new Error(`no command ${name}`);
    this.#trace = [];
    command(...rest);
    this.#cluster.pump();
    for (const peer of this.#cluster.peers.values()) this.#observe(peer);
    return this.#trace;
  }

  #begin(words: readonly string[]): void {
    const names = words.filter((word) => !word.includes('='));
    const split = names.indexOf('learners');
    const settings = words.filter((word) => word.includes('=')).map((word) => word.split('='));
    const tuning: Tuning = Object.fromEntries(settings.map(([key, value]) => [key, Number(value)]));
    this.#cluster = new Cluster({
      voters: split < 0 ? names : names.slice(0, split),
      learners: split < 0 ? [] : names.slice(split + 1),
      tuning,
    });
    this.#cluster.onSend = (message) => this.#note(describeMessage(message));
    this.#shown.clear();
    for (const peer of this.#cluster.peers.values()) this.#watch(peer);
  }

  #startWith(name: string, terms: readonly number[]): void {
    const old = this.#cluster.peer(name);
    const hardState = { ...old.options.hardState, currentTerm: term(terms.at(-1) ?? 0) };
    const peer = new Peer(name, { ...old.options, hardState, entries: entriesOf(terms) });
    this.#cluster.peers.set(name, peer);
    this.#watch(peer);
  }

  #watch(peer: Peer): void {
    this.#shown.set(peer.name, this.#summary(peer));
    peer.onWrite = (write) => this.#note(`${peer.name} writes ${describeWrite(write)}`);
    peer.onPumped = () => this.#observe(peer);
  }

  #deliver(words: readonly string[]): void {
    const { network } = this.#cluster;
    const [message] = network.splice(network.findIndex(fitting(words)), 1);
    if (message === undefined || !fitting(words)(message)) {
      throw new Error(`nothing to deliver: ${words.join(' ')}`);
    }
    this.#cluster.peer(nameOf(message.to)).raft.step(message);
  }

  #propose(name: string, count: number): void {
    const data = Array.from({ length: count }, () => new Uint8Array(4));
    const result = this.#cluster.peer(name).raft.propose(data);
    if (!result.ok) this.#note(`${name} refuses: ${result.error}`);
  }

  #show(): void {
    for (const peer of this.#cluster.peers.values()) {
      this.#trace.push(describeState(peer), ...describePeers(peer));
    }
  }

  #observe(peer: Peer): void {
    const now = this.#summary(peer);
    if (now !== this.#shown.get(peer.name)) this.#note(now);
    this.#shown.set(peer.name, now);
    for (const { context, readIndex } of peer.readStates.splice(0)) {
      this.#note(`${peer.name} may serve read ${context} at ${readIndex}`);
    }
  }

  #summary(peer: Peer): string {
    const { role, currentTerm, commitIndex } = peer.raft.softState();
    return `${peer.name} ${role} term ${currentTerm} commit ${logIndex(commitIndex)}`;
  }

  #note(line: string): void {
    if (!this.#isQuiet) this.#trace.push(line);
  }
}

/** `a b Type`, each of which may be left out or be `*`. */
function fitting([from = '*', to = '*', type = '*']: readonly string[]) {
  return (message: Message): boolean =>
    (from === '*' || nameOf(message.from) === from) &&
    (to === '*' || nameOf(message.to) === to) &&
    (type === '*' || message.type === type);
}
