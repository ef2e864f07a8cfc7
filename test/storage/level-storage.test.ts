import { conformance } from './conformance.js';
import { levelDisk } from './level-disk.js';

conformance('LevelStorage', levelDisk);
