import { join } from 'node:path';
import type { ProcessRole } from '../../engine/contract/process.ts';

/** Where the built files lie; this module is bundled into dist/main/. */
const dist = join(import.meta.dirname, '..');

export const builtPaths = {
  renderer: join(dist, 'renderer'),
  browserPreload: join(dist, 'preload', 'browser.js'),
  process: (role: ProcessRole): string => join(dist, 'processes', `${role}.cjs`),
};
