/** Makes a workload for the process that forked this one; argv: mode, operations, seed. See `loadMatchWorkload`. */
import { makeMatchWorkload, type MatchMode } from './match-workload.ts';

const [mode, operations, seed] = process.argv.slice(2);
const workload = makeMatchWorkload(mode as MatchMode, Number(operations), Number(seed));
process.send?.(workload, () => process.disconnect());
