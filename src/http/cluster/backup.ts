import { AssertionError } from '../../assert.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { TimeSlicer } from '../../service/time-slicer.js';
import { stateHeaders } from '../replies.js';
import type { Sink, StreamResponse } from '../server/api-response.js';

/** Streams a backup as fast as its client reads and the time slicer allows. */
export async function sendBackup(context: ServiceContext): Promise<StreamResponse> {
  const { coordinator, wallClock, timeSlicer, requestTimeoutMs, backupLimit } = context;
  const release = backupLimit.enter();
  try {
    const takenAt = wallClock.toText(wallClock.now());
    const file = await coordinator.backup(Date.parse(takenAt), requestTimeoutMs);
    return {
      type: 'stream',
      status: 200,
      waits: false,
      headers: {
        ...stateHeaders(coordinator, coordinator.state.etcdIndex),
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename="${fileName(takenAt)}"`,
        'Cache-Control': 'no-store',
      },
      start: (sink) => {
        pump(file, timeSlicer, sink).catch((error: unknown) => {
          sink.abort();
          if (error instanceof AssertionError) throw error;
        });
      },
      onEnd: () => {
        file.return().catch(() => undefined);
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** As in `conclave-20261127T060438Z.backup`. */
function fileName(takenAt: string): string {
  return `conclave-${takenAt.replaceAll(/[-:]|\.\d+/g, '')}.backup`;
}

/** One piece after the other, so that no more than one is in memory beside the send buffer. */
async function pump(
  file: AsyncGenerator<Uint8Array, void, undefined>,
  timeSlicer: TimeSlicer,
  sink: Sink,
): Promise<void> {
  // Room is not waited for here: that begins the time within which a client has to read on, and the
  // member may write its snapshot for longer.
  const first = await file.next();
  if (first.done !== true) sink.write(first.value);
  for await (const bytes of file) {
    sink.write(bytes);
    await new Promise<void>((resolve) => sink.onRoom(() => timeSlicer.add(resolve)));
  }
  sink.end();
}
