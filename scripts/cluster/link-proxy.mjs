import { createServer, Socket } from 'node:net';
import { Pacer } from './pacer.mjs';

/**
 * At most this many bytes of each connection wait in the link. Beyond that its sender is held back.
 */
const waitingBytesMax = 64 * 1024;

/**
 * One directed link between two members: it carries the connections that the one dials to the
 * other. Cut, it is as silent as a broken wire: nothing passes, nothing ends, and a fresh
 * connection is accepted and never answered. What arrives then is thrown away, so nothing piles up
 * here.
 */
export class LinkProxy {
  #target;
  /** @type {Set<Pair>} */
  #pairs = new Set();
  #server = createServer({ noDelay: true }, (near) => this.#accept(near));
  #pacer = new Pacer();
  #cut = false;
  #dialled = 0;
  /** @type {Promise<void> | undefined} */
  #closed;

  /** @param {{host: string, port: number}} target */
  constructor(target) {
    this.#target = target;
  }

  /** @returns {number} where the dialling member finds the other one */
  get port() {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the link is not open');
    return address.port;
  }

  get isCut() {
    return this.#cut;
  }

  get connectionCount() {
    return this.#pairs.size;
  }

  /**
   * How many connections were dialled since the link was opened, and those that are open now, the
   * oldest first, with what each has brought from who dialled. They are numbered from one.
   * @returns {{dialled: number, open: {number: number, bytes: number}[]}}
   */
  traffic() {
    return { dialled: this.#dialled, open: [...this.#pairs].map((pair) => pair.traffic()) };
  }

  /**
   * @param {number} port zero for any
   * @returns {Promise<void>}
   */
  async open(port = 0) {
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve(undefined);
      });
    });
  }

  /**
   * Together the connections pass no more than this, from who dialled to whom it dialled.
   * @param {number} bytesPerSecond infinite: no limit
   */
  limit(bytesPerSecond) {
    this.#pacer.limit(bytesPerSecond);
  }

  /** The connection that was dialled last is lost without a word; the others stay. */
  silenceNewest() {
    [...this.#pairs].at(-1)?.silence();
  }

  cut() {
    if (this.#cut) return;
    this.#cut = true;
    for (const pair of this.#pairs) pair.silence();
  }

  /** Connections that were cut have lost bytes, so they end; whoever dials again gets through. */
  heal() {
    if (!this.#cut) return;
    this.#cut = false;
    this.reset();
  }

  /** Ends all connections at both ends, as the death of the host behind the link does. */
  reset() {
    for (const pair of this.#pairs) pair.end();
  }

  /** @returns {Promise<void>} */
  close() {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => resolve(undefined));
      this.reset();
      this.#pacer.close();
    });
    return this.#closed;
  }

  /** @param {Socket} near */
  #accept(near) {
    this.#dialled += 1;
    const pair = new Pair(this.#dialled, near, this.#pacer, () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    if (this.#cut) pair.silence();
    else pair.connect(this.#target);
  }
}

/** One connection: the socket of who dialled, and ours to whom it dialled. */
class Pair {
  #number;
  #near;
  #far = new Socket();
  #pacer;
  #waitingBytes = 0;
  #silent = false;
  #onGone;

  /**
   * @param {number} number
   * @param {Socket} near
   * @param {Pacer} pacer
   * @param {() => void} onGone
   */
  constructor(number, near, pacer, onGone) {
    this.#number = number;
    this.#near = near;
    this.#pacer = pacer;
    this.#onGone = onGone;
    this.#far.setNoDelay();
    for (const socket of [this.#near, this.#far]) {
      // An error is followed by the close, which says all that matters here.
      socket.on('error', () => {});
      socket.on('close', () => this.#onClose());
    }
  }

  traffic() {
    return { number: this.#number, bytes: this.#near.bytesRead };
  }

  /** @param {{host: string, port: number}} target */
  connect(target) {
    this.#far.connect(target);
    this.#near.on('data', (chunk) => this.#carry(chunk.length, () => this.#far.write(chunk)));
    this.#near.on('end', () => this.#carry(0, () => this.#far.end()));
    this.#far.on('drain', () => this.#holdBack());
    this.#far.pipe(this.#near);
  }

  silence() {
    this.#silent = true;
    for (const socket of [this.#near, this.#far]) {
      socket.unpipe();
      socket.resume();
    }
  }

  /**
   * @param {number} bytes
   * @param {() => void} pass
   */
  #carry(bytes, pass) {
    if (this.#silent) return;
    this.#waitingBytes += bytes;
    this.#pacer.push(bytes, () => {
      this.#waitingBytes -= bytes;
      if (!this.#silent && this.#far.writable) pass();
      this.#holdBack();
    });
    this.#holdBack();
  }

  #holdBack() {
    const isFull = this.#waitingBytes + this.#far.writableLength > waitingBytesMax;
    if (isFull && !this.#silent) this.#near.pause();
    else this.#near.resume();
  }

  end() {
    this.#near.destroy();
    this.#far.destroy();
    this.#onGone();
  }

  /** The end of one side is the end of the other, but not over a cut link. */
  #onClose() {
    if (!this.#silent) this.end();
    else if (this.#near.destroyed && (this.#far.destroyed || this.#far.pending)) this.end();
  }
}
