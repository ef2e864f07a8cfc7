import type { CheckAsked } from './background-checker.js';
import { checkHistory } from './check.js';

/** The process of a {@link BackgroundChecker}: one history after the other, as they come. */
process.on('message', ({ operations, options }: CheckAsked) => {
  process.send?.(checkHistory(operations, options));
});
