import { StateMachine } from '../store/state-machine.js';
import { damaged, ofBackup } from './backup-error.js';
import { BackupReader, type BackupSummary } from './backup-reader.js';

/** A backup that was read whole, and whose state can be used. */
export interface CheckedBackup extends BackupSummary {
  readonly state: StateMachine;
}

/** Reads a backup piece by piece, and makes its state, as a member does that starts from it. */
export class BackupCheck {
  readonly #state = new StateMachine();
  readonly #restorer = this.#state.restorer(0);
  readonly #reader = new BackupReader((data) => ofBackup(() => this.#restorer.push(data)));

  /** @throws {BackupError} */
  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  /**
   * All bytes were pushed.
   * @throws {BackupError} when some are missing, or the state is not what the backup says.
   */
  finish(): CheckedBackup {
    const summary = this.#reader.finish();
    ofBackup(() => this.#restorer.finish());
    this.#restorer.install();
    const { appliedIndex, appliedTerm } = this.#state;
    const { index, term } = summary.head;
    if (appliedIndex !== index || appliedTerm !== term) {
      const found = `its state is that of index ${appliedIndex} and term ${appliedTerm}`;
      throw damaged(`${found}, not of index ${index} and term ${term}`);
    }
    return { ...summary, state: this.#state };
  }
}
