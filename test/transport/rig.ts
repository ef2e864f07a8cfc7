import type { MemberId } from '../../src/ids.js';
import type { Hello, Transport } from '../../src/transport/transport.js';
import { Recorder } from './recorder.js';
import { alice, bob } from './samples.js';

/** One way to connect members, fresh for each test. */
export interface Rig extends AsyncDisposable {
  /** A transport of alice or bob, not yet started. A restarted member opens a second one. */
  open(member: MemberId, changes: Changes): Transport;
  /** Before either starts: what the one sends to the other passes at this rate. */
  slowDown(from: MemberId, to: MemberId, bytesPerSecond: number): Promise<void>;
  /** Waits, in the rig's own time, and fails when it does not come true. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Lets the rig's time pass, for what must not happen. */
  pass(ms: number): Promise<void>;
}

export interface Changes {
  readonly hello?: Partial<Hello>;
}

export interface Peer {
  readonly transport: Transport;
  readonly heard: Recorder;
}

export type NewRig = () => Promise<Rig>;

export async function start(
  rig: Rig,
  member: MemberId,
  changes: Changes = {},
  heard: Recorder = new Recorder(),
): Promise<Peer> {
  const transport = rig.open(member, changes);
  await transport.start(heard);
  return { transport, heard };
}

export async function startPair(rig: Rig): Promise<[Peer, Peer]> {
  const pair: [Peer, Peer] = [await start(rig, alice), await start(rig, bob)];
  await rig.until(
    () => pair.every(({ heard }) => heard.connected.length === 1),
    'both are connected',
  );
  return pair;
}

export function rounds(heard: Recorder): number[] {
  return heard.messages.flatMap((message) =>
    message.type === 'HeartbeatRequest' ? [message.readRound] : [],
  );
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, position) => position);
}
