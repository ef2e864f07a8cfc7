import { parseArgs } from 'node:util';
import { type Exploration, type ExploreOptions, explore } from './explore.js';
import { ruleScenes } from './rule-scenes.js';
import { type Scene, ScriptError } from './scene.js';
import { largeScenes, smallScenes } from './scenes.js';

const all = [...smallScenes, ...ruleScenes, ...largeScenes];

const limits = {
  states: { type: 'string', default: '3000000' },
  depth: { type: 'string', default: '1000' },
  seconds: { type: 'string', default: '7200' },
  reactions: { type: 'string', default: '300000' },
} as const;

/** Explores the scenes that are named, by default all of them; ends at the first broken promise. */
export function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...limits,
      small: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !all.some((scene) => scene.name === name));
  if (unknown.length > 0) {
    console.error(`No such scene: ${unknown.join(', ')}. There are:`);
    for (const { name, about } of all) console.error(`${name.padEnd(16)}${about}`);
    return 2;
  }
  const usual = values.small ? smallScenes : all;
  const named = all.filter(({ name }) => positionals.includes(name));
  return exploreAll(named.length > 0 ? named : usual, {
    statesMax: Number(values.states),
    depthMax: Number(values.depth),
    secondsMax: Number(values.seconds),
    reactionsMax: Number(values.reactions),
    progress: values.quiet ? () => {} : (text) => console.error(text),
  });
}

function exploreAll(scenes: readonly Scene[], options: ExploreOptions): number {
  // Assertions of the core fail by the million, and nobody reads where.
  Error.stackTraceLimit = 0;
  let states = 0;
  let unplayed = 0;
  for (const scene of scenes) {
    const explored = playedAndExplored(scene, options);
    if (explored === undefined) {
      unplayed += 1;
      continue;
    }
    console.log(describe(explored));
    if (explored.failure !== undefined) return 1;
    states += explored.states;
  }
  const count = scenes.length - unplayed;
  console.log(`${states} distinct states in ${count} scenes, every promise holds in each`);
  if (unplayed > 0) console.log(`${unplayed} scenes could not be played`);
  return unplayed === 0 ? 0 : 1;
}

/** Undefined, and told: a changed rule may make the script of one scene impossible. */
function playedAndExplored(scene: Scene, options: ExploreOptions): Exploration | undefined {
  try {
    return explore(scene, options);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    console.error(`${scene.name}: could not be played: ${error.message}`);
    return undefined;
  }
}

function describe({ scene, depth, states, transitions, seconds, isWhole, failure }: Exploration) {
  const extent = isWhole ? 'whole' : 'not whole';
  const counts = `${states} states, ${transitions} transitions, depth ${depth}, ${seconds.toFixed(1)} s`;
  if (failure === undefined) return `${scene.name}: ${extent}, ${counts}`;
  const [broken, ...way] = failure;
  return [`${scene.name}: broken after ${counts}: ${broken}`, ...way].join('\n  ');
}
