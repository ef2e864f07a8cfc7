import { Random } from '../../simulation/random.js';
import { parseStep, type Scene } from './scene.js';

/** Few enough that writes and watches meet. */
const paths = [
  ...['/a', '/a/b', '/a/b/c', '/a/_h', '/a/_h/x', '/ab', '/ab/c', '/d', '/d/e'],
  ...['/_h', '/_h/k', '/_h/_i/k'],
];

const watched = [...paths, '/', '/a/none', '/d/e/f'];

/** The same seed gives the same story. */
export function randomScene(seed: number, length: number): Scene {
  const random = new Random(seed, 'watches');
  const lines: string[] = [];
  let events = 1;
  let watches = 0;
  while (lines.length < length) {
    if (random.chance(0.35)) {
      watches += 1;
      lines.push(watchLine(random, watches, events));
    } else {
      lines.push(writeLine(random));
      events += 1;
    }
  }
  return { name: `seed ${seed}`, steps: lines.map(parseStep) };
}

function watchLine(random: Random, number: number, events: number): string {
  const query = ['wait=true'];
  if (random.chance(0.5)) query.push('recursive=true');
  if (random.chance(0.4)) query.push('stream=true');
  if (random.chance(0.4)) query.push(`waitIndex=@${random.between(1, events + 3)}`);
  return `watch w${number} ${random.pick(watched)}?${query.join('&')}`;
}

function writeLine(random: Random): string {
  const path = random.pick(paths);
  return random.pick([
    `PUT ${path} value=${random.between(1, 3)}`,
    `PUT ${path} value=${random.between(1, 3)}`,
    `PUT ${path} dir=true`,
    `PUT ${path} dir=true&ttl=500&prevExist=true`,
    `PUT ${path} value=1&prevExist=false`,
    `PUT ${path} value=2&prevValue=1`,
    `PUT ${path} value=3&ttl=500`,
    `PUT ${path} refresh=true&ttl=600&prevExist=true`,
    `POST ${path} value=1`,
    `DELETE ${path}`,
    `DELETE ${path}?recursive=true`,
    `DELETE ${path}?recursive=true`,
    `DELETE ${path}?dir=true`,
    `DELETE ${path}?prevValue=1`,
  ]);
}
