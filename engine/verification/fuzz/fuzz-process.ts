/** Process of `npm run fuzz`: one target, a stretch of blocks. A process, so that a hang can be seen and ended. */
import { writeSync } from 'node:fs';
import { fuzzTargetOf } from './fuzz-targets.ts';
import { type FuzzCounts, fuzzBlock } from './run-fuzz.ts';

/** A line of JSON a block, so that whoever watches knows how far it is; the last one may hold the failure. */
export interface FuzzProgress extends FuzzCounts {
  failure?: string;
}

const [name = '', seed = '', firstBlock = '', blocks = ''] = process.argv.slice(2);
const target = fuzzTargetOf(name);
// What parsers say about bad pages would be millions of lines.
console.error = () => undefined;
console.warn = () => undefined;
const say = (progress: FuzzProgress): void => {
  writeSync(1, `${JSON.stringify(progress)}\n`);
};
try {
  for (let i = 0; i < Number(blocks); i++) say(await fuzzBlock(target, Number(seed), Number(firstBlock) + i));
} catch (error) {
  say({ inputs: 0, refused: 0, failure: (error as Error).message });
}
