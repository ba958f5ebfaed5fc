/** Plays seeds of one venue in a process of its own: `protocol first count step [fault]`, one line of JSON a seed. */
import { isFaultName } from '../../contract/fault-menu.ts';
import { SweepSession } from './sweep-session.ts';
import { sweepVenues } from './sweep-venue.ts';

const [protocol, first, count, step, fault] = process.argv.slice(2);
const venue = sweepVenues.find((one) => one.protocol === protocol);
if (venue === undefined) throw new RangeError(`Expected a venue of the sweep, was ${protocol}`);

for (let i = 0; i < Number(count); i++) {
  const seed = Number(first) + i * Number(step);
  const result = new SweepSession(venue, seed, isFaultName(fault) ? fault : undefined).run();
  process.stdout.write(`${JSON.stringify(result)}\n`);
  // Lets the streams of the connections finish what they put off.
  await new Promise((resolve) => setImmediate(resolve));
}
