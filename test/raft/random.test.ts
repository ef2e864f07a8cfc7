import { test } from 'node:test';
import { Schedule } from './schedule.js';

const runs = Number(process.env['RAFT_RUNS'] ?? 150);
const firstSeed = Number(process.env['RAFT_SEED'] ?? 1);

test(`${runs} random schedules keep the properties of the paper's figure 3`, () => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    try {
      const schedule = new Schedule(seed);
      schedule.run(1500);
      schedule.recover();
    } catch (error) {
      throw new Error(`RAFT_SEED=${seed} RAFT_RUNS=1 repeats it`, { cause: error });
    }
  }
});
