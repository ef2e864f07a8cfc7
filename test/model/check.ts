// Tries everything that can happen to a small cluster: `npm run model`. See DESIGN.md here.
import { register } from 'node:module';

register('./open-fields.mjs', import.meta.url);
const { main } = await import('./command.js');
process.exitCode = main(process.argv.slice(2));
