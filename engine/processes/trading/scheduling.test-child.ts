/**
 * Test helper process: applies the wish in argv[2] (JSON) to itself and tells what is said and what the kernel says,
 * thread by thread; starts one thread before and one after.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { applyScheduling, type SchedulingWish } from './scheduling.ts';

const [, , wish = '{}', environmentPath] = process.argv;
if (environmentPath !== undefined) process.env['PATH'] = environmentPath;
const idle = (): Worker => new Worker('setInterval(() => undefined, 1e6)', { eval: true });
const workers = [idle()];
const text = await applyScheduling(JSON.parse(wish) as SchedulingWish);
workers.push(idle());
const allowed =
  process.platform === 'linux'
    ? readdirSync('/proc/self/task').map((task) => {
        const status = readFileSync(`/proc/self/task/${task}/status`, 'utf8');
        return /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
      })
    : [];
process.send?.({ text, priority: getPriority(), allowed });
for (const worker of workers) await worker.terminate();
process.disconnect();
