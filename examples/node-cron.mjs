// Of several machines with the same node-cron job, one runs each fire.
//
//   npm run build
//   export CONCLAVE_ENDPOINTS=http://127.0.0.1:4001,http://127.0.0.1:4002
//   node examples/node-cron.mjs
//
// Start it twice: each second is printed by one of the two. The first machine that asks for a fire
// gets it. The lock stays for node-cron's `distributedLease`, so a machine whose clock is behind by
// less than that doesn't run it again. If no member can serve, node-cron skips the run.
import { ConclaveClient, LockNotAcquiredError } from 'conclave/client';
import cron from 'node-cron';

const endpoints = (process.env.CONCLAVE_ENDPOINTS ?? 'http://127.0.0.1:4001').split(',');
const client = new ConclaveClient({ endpoints });

cron.setRunCoordinator({
  async shouldRun(fire, leaseMs) {
    const ttl = Math.ceil(leaseMs / 1000);
    try {
      const lock = await client.lock(`cron/${fire}`, { ttl, timeout: 0, renew: false });
      lock.leave();
      return true;
    } catch (error) {
      if (error instanceof LockNotAcquiredError) return false;
      throw error;
    }
  },
});

cron.schedule('* * * * * *', ({ date }) => console.log(date.toISOString()), {
  name: 'report',
  distributed: true,
});
